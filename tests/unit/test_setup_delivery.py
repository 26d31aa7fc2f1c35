"""What the targets of the workflows run, in which order, and what they leave."""

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import policies.cloud
from delivery.stateful import HOLDS_DATA, held_by
from plugins.walletdb.__main__ import provider
from tools.setup import actionlint, delivery, stack, targets
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Screen


@dataclass
class Ran:
    """What was run, what it ends with, and where."""

    layout: Layout
    commands: list[list[str]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    shown: io.StringIO = field(default_factory=io.StringIO)

    def foreground(self, argv: Sequence[str], **_named: Any) -> int:
        words = [str(word).removeprefix(f"{self.layout.project}/") for word in argv]
        self.commands.append(words)
        if "--save-plan" in words:  # the engine
            self.folder.mkdir(parents=True)
            for name in ("plan.json", "preview.jsonl"):
                (self.folder / name).write_text("{}")
        return self.codes.pop(0) if self.codes else 0

    @property
    def folder(self) -> Path:
        return self.layout.project / "plans" / "prod"

    @property
    def screen(self) -> Screen:
        return Screen(self.shown, {})

    def plan(self, **environ: str) -> int:
        return delivery.plan(self.layout, self.screen, environ, [])

    def words(self, index: int) -> list[str]:
        """The words after `python -m delivery`, or of the engine."""
        found = self.commands[index]
        return found[3:] if found[1:3] == ["-m", "delivery"] else found


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    project = tmp_path / "project"
    project.mkdir()
    environ = {"FASHION_WALLET_HOME": str(tmp_path / "home"), "STACK": "prod"}
    made = Ran(Layout.from_environment(environ, project=project))
    monkeypatch.setattr(delivery.commands, "foreground", made.foreground)
    monkeypatch.setattr(stack, "look", lambda *_: None)
    monkeypatch.setattr(stack, "make_ready", lambda *_: None)
    monkeypatch.setattr(delivery.state, "tidy_settings", lambda _layout: None)
    return made


def test_a_plan_is_saved_with_what_it_is_for(ran: Ran) -> None:
    ran.folder.mkdir(parents=True)
    (ran.folder / "from before").write_text("")
    assert ran.plan() == 0
    engine = ["bin/pulumi", "preview", "-s", "prod", "--non-interactive", "--json", "--refresh"]
    record = ["record", "--to", "plans/prod/preview.jsonl", "--"]
    assert ran.words(0) == [*record, *engine, "--save-plan", "plans/prod/plan.json"]
    assert ran.words(1) == ["note", "--plan", "plans/prod/plan.json", "--stack", "prod"]
    assert not (ran.folder / "from before").exists()


def test_what_is_refused_has_no_plan(ran: Ran) -> None:
    ran.codes = [1]
    assert ran.plan() == 1
    assert [path.name for path in ran.folder.iterdir()] == ["preview.jsonl"]
    assert len(ran.commands) == 1
    assert "no plan: the preview ended with code 1" in ran.shown.getvalue()


def test_the_reviewed_plan_comes_before_a_new_one(ran: Ran) -> None:
    assert ran.plan(REVIEWED="0123") == 0
    assert [ran.words(0)] == [["reviewed", "--commit", "0123", "--stack", "prod", "--to", "plans/prod"]]
    ran.codes = [1]
    assert ran.plan(REVIEWED="0123") == 0
    assert [command[3] for command in ran.commands] == ["reviewed", "reviewed", "record", "note"]
    assert "so a new plan is made" in ran.shown.getvalue()


def test_from_brings_up_what_another_commit_declares(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    logged: list[tuple[list[str], dict[str, str]]] = []
    removed: list[list[str]] = []

    def log(_step: Any, argv: Sequence[str], _log: Path, **named: Any) -> None:
        words = list(map(str, argv))
        logged.append((words, dict(named.get("env") or {})))
        if "worktree" in words:
            Path(words[-2]).mkdir()
        else:
            assert (named["cwd"] / "Pulumi.prod.yaml").read_text() == "config: {}\n", (
                "settings that git ignores come along"
            )

    ran.layout.stack_file.write_text("config: {}\n")
    monkeypatch.setattr(delivery.commands, "logged", log)
    monkeypatch.setattr(delivery.commands, "output", lambda argv, **_named: removed.append(list(argv)))
    assert ran.plan(FROM="main") == 0
    assert logged[0][0][-4:-2] == ["add", "--detach"]
    assert logged[0][0][-1] == "main"
    assert logged[1][0] == ["make", "up", "STACK=prod"]
    assert logged[1][1]["FASHION_WALLET_HOME"] == str(ran.layout.home)
    assert removed[0][-3:-1] == ["remove", "--force"]
    assert ran.words(0)[0] == "record"


def test_a_deployment_previews_under_its_plan(ran: Ran) -> None:
    """Without the preview an update that does not fit would fail half-way."""
    ran.folder.mkdir(parents=True)
    (ran.folder / "plan.json").write_text("{}")
    assert delivery.deploy(ran.layout, ran.screen, {}, []) == 0
    words = ran.words(0)
    assert words[:7] == ["bin/pulumi", "up", "-s", "prod", "--non-interactive", "--yes", "--refresh"]
    assert words[words.index("--plan") + 1] == "plans/prod/plan.json"
    assert "--skip-preview" not in words
    assert "--suppress-outputs" in words
    assert not (ran.folder / "plan.json").exists(), "it is used up"


def test_a_deployment_that_fails_keeps_the_plan(ran: Ran) -> None:
    ran.folder.mkdir(parents=True)
    (ran.folder / "plan.json").write_text("{}")
    ran.codes = [4]
    with pytest.raises(SetupError, match="ended with code 4") as caught:
        delivery.deploy(ran.layout, ran.screen, {}, [])
    assert "violates plan" in caught.value.fix
    assert caught.value.exit_code == 4
    assert (ran.folder / "plan.json").exists()


def test_a_plan_that_does_not_fit_is_refused_before_anything(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(targets, "setup", lambda _run: pytest.fail("nothing may be set up"))
    ran.codes = [1]
    assert targets.deploy(targets.Run(ran.layout, ran.screen, {}, [])) == 1
    assert ran.words(0) == ["check", "--plan", "plans/prod/plan.json", "--stack", "prod"]


@pytest.mark.parametrize("engine,verdict,code", [(0, 0, 0), (7, 3, 3), (255, 1, 1), (1, 0, 1)])
def test_drift_has_a_code_of_its_own(ran: Ran, engine: int, verdict: int, code: int) -> None:
    ran.codes = [engine, verdict]
    assert delivery.drift(ran.layout, ran.screen, {}, []) == code
    assert ran.words(0)[-3:] == ["--json", "--refresh", "--expect-no-changes"]
    assert ran.words(1) == ["drift", "--preview", "plans/prod/drift.jsonl", "--stack", "prod"]


def test_a_comment_on_a_pull_request_has_both_stacks(ran: Ran) -> None:
    with pytest.raises(SetupError, match="there is no preview"):
        delivery.comment(ran.layout, {}, [])
    ran.folder.mkdir(parents=True)
    (ran.folder / "preview.jsonl").write_text("{}")
    delivery.comment(ran.layout, {}, [])
    assert ran.words(0) == ["comment", "--preview", "plans/prod/preview.jsonl"]
    delivery.comment(ran.layout, {"PULL_REQUEST": "7", "COMMIT": "0123"}, [])
    previews = ["plans/dev/preview.jsonl", "plans/prod/preview.jsonl"]
    assert ran.words(1) == ["comment", "--preview", *previews, "--commit", "0123", "--pull-request", "7"]


def test_an_issue_is_written_only_with_a_token(ran: Ran) -> None:
    words = ["drift", "--preview", "plans/prod/drift.jsonl", "--stack", "prod"]
    delivery.issue(ran.layout, {}, [])
    delivery.issue(ran.layout, {"GITHUB_TOKEN": "t"}, [])
    assert [ran.words(0), ran.words(1)] == [words, [*words, "--issue"]]


def test_a_cluster_is_reached_as_whoever_this_run_is(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    answers: list[str | None] = ["", None]

    def output(argv: Sequence[str], **_named: Any) -> str | None:
        asked.append(list(argv))
        return answers.pop(0)

    monkeypatch.setattr(delivery.commands, "output", output)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    environ = {"KUBERNETES_CLUSTER": "cluster", "KUBERNETES_CONTEXT": "context"}
    assert ran.plan(**environ) == 0
    assert asked[0][:3] == ["aws", "eks", "update-kubeconfig"]
    assert asked[0][3:7] == ["--name", "cluster", "--alias", "context"]
    assert os.environ["KUBECONFIG"] == str(ran.layout.home / "kubeconfig")
    monkeypatch.delenv("KUBECONFIG")
    with pytest.raises(SetupError, match="update-kubeconfig failed for cluster cluster"):
        ran.plan(**environ)


def test_lint_runs_both_checkers_of_workflows(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Path("/tools/actionlint")
    monkeypatch.setattr(actionlint, "ensure", lambda *_: checker)
    monkeypatch.setattr(targets, "setup", lambda *_, **__: 0)
    assert targets.lint(targets.Run(ran.layout, ran.screen, {}, [])) == 0
    assert [Path(command[0]).name for command in ran.commands][-2:] == ["actionlint", "zizmor"]
    assert ran.commands[-2][0] == str(checker)
    assert {"--offline", ".github"} <= {*ran.commands[-1]}


def test_every_type_that_others_know_to_hold_data_is_loud() -> None:
    """The policies' list, and every resource of our own plugin that says it keeps something."""
    assert {kind for kind in policies.cloud.STATEFUL if not held_by(kind)} == set()
    tokens = {resource.token for resource in provider().resources.values()}
    ours = {kind for kind in HOLDS_DATA if kind.startswith("walletdb:")}
    assert ours <= tokens, "a type that there is no more"
    without = {"Certificate", "CertificateFile", "DataGuard", "HAProxy", "MongoIndex", "MongoRole", "MongoUser"}
    without |= {"NetworkPath", "OptionalExtension", "PgBouncer", "RuntimeConfig"}
    assert {token.rpartition(":")[2] for token in tokens - ours} == without, "decide whether a new type holds data"


def test_the_output_of_a_command_that_fails_is_had_on_demand() -> None:
    failing = ["sh", "-c", "echo text; exit 3"]
    assert delivery.commands.output(failing) is None
    assert delivery.commands.output(failing, any_code=True) == "text\n"
