"""The policy report of all stacks: what is run for each, what is left, and how a preview that fails shows."""

import io
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from policies.report.__main__ import main as policies_report
from tools.setup import policy_report, stack
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Screen

URN = "urn:pulumi:{stack}::fashion-wallet::aws:s3/bucket:Bucket::logs"
END = {"sequence": 9, "summaryEvent": {"resourceChanges": {"create": 1}}}


def violation(stack_name: str) -> dict[str, Any]:
    said = {"policyName": "s3-block-public", "message": "public\nit is", "enforcementLevel": "mandatory"}
    return {"sequence": 1, "policyEvent": {**said, "resourceUrn": URN.format(stack=stack_name)}}


@dataclass
class Engines:
    """Stands for the engine of each stack: what it leaves as events, and whether its preview fails."""

    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)

    def logged(self, _step: Any, argv: Sequence[str], log: Path, **_named: Any) -> None:
        name = log.stem.removeprefix("policy-")
        self.commands[name] = list(argv)
        target = Path(argv[argv.index("--events" if "--events" in argv else "--to") + 1])
        if lines := self.events.get(name):
            target.write_text("\n".join(map(json.dumps, lines)))
        if cause := self.failing.get(name):
            raise SetupError(cause, "mend it")


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr(stack, "look", lambda *_: None)
    monkeypatch.setattr(policy_report.commands, "foreground", lambda argv, **_named: policies_report(argv[3:]))
    return Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "home")}, project=project)


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Engines:
    made = Engines(events={name: [{"sequence": 0, "preludeEvent": {}}, END] for name in ("dev", "prod")})
    monkeypatch.setattr(policy_report.commands, "logged", made.logged)
    return made


def report(layout: Layout) -> tuple[int, str]:
    shown = io.StringIO()
    return policy_report.report(layout, Screen(shown, {}), ("dev", "prod")), shown.getvalue()


def test_dev_is_previewed_here_and_prod_on_emulated_clouds(
    layout: Layout, engines: Engines, capsys: pytest.CaptureFixture[str]
) -> None:
    engines.events["dev"].insert(0, violation("dev"))
    engines.events["prod"].insert(0, violation("prod"))
    code, shown = report(layout)
    assert code == 1
    dev, prod = engines.commands["dev"], engines.commands["prod"]
    assert dev[:4] == [sys.executable, "-m", "delivery", "record"]
    assert dev[-6:] == [f"{layout.project}/bin/pulumi", "preview", "-s", "dev", "--non-interactive", "--json"]
    assert prod[:5] == [str(layout.python), "-m", "rehearsal", "--only", "preview"]
    table = capsys.readouterr().out
    assert table.index("Stack dev: ") < table.index("Stack prod: ")
    assert "for programs: plans/policy.json, plans/policy.xml, plans/policy.sarif" in shown
    found = json.loads((layout.project / "plans" / "policy.json").read_text())
    assert {name: counts["violation"] for name, counts in found["stacks"].items()} == {"dev": 1, "prod": 1}
    assert '<testsuite name="prod"' in (layout.project / "plans" / "policy.xml").read_text()
    assert json.loads((layout.project / "plans" / "policy.sarif").read_text())["version"] == "2.1.0"
    assert not Path(prod[-1]).parent.exists(), "events name secrets"


def test_a_preview_that_a_violation_fails_needs_no_second_word(layout: Layout, engines: Engines) -> None:
    engines.events["dev"].insert(0, violation("dev"))
    engines.failing["dev"] = "pulumi ended with code 255"
    code, shown = report(layout)
    assert code == 1
    assert "ended with code 255" not in shown


def test_a_preview_that_fails_otherwise_is_never_called_well(layout: Layout, engines: Engines) -> None:
    engines.events["dev"].insert(0, violation("dev"))
    engines.failing["prod"] = "python ended with code 1; log ends with\nno room"
    code, shown = report(layout)
    assert code == 1
    assert "the preview of stack prod failed, so that its report may lack something: python ended" in shown
    engines.events["dev"].pop(0)
    assert report(layout)[0] == 1, "also where there is no violation"


def test_where_nothing_could_be_judged_the_cause_is_raised(layout: Layout, engines: Engines) -> None:
    plans = layout.project / "plans"
    plans.mkdir()
    (plans / "policy.json").write_text("from before")
    engines.events.clear()
    engines.failing = {"dev": "no engine", "prod": "no clouds"}
    with pytest.raises(SetupError, match="no engine"):
        report(layout)
    assert list(plans.iterdir()) == []


def test_nothing_to_say_is_success(layout: Layout, engines: Engines) -> None:
    assert report(layout)[0] == 0
    assert set(engines.commands) == {"dev", "prod"}
