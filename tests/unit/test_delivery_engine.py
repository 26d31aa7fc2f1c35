"""The targets of the workflows, from plan to issue, by the real engine on a small program in a copy of the project."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from delivery.preview import read
from localproc.layout import MARKER
from tests.fixtures.documents import without_make
from tests.fixtures.engine_previews import PREVIEWS, record_all
from tests.fixtures.github_api import fake_github
from tools.setup.layout import Layout

pytestmark = pytest.mark.engine

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (
    "bin",
    "components",
    "delivery",
    "engine",
    "localproc",
    "plugins",
    "policies",
    "settings",
    "tools",
    "walletdb",
)
FILES = ("Makefile", "Pulumi.yaml", ".gitignore", "requirements.txt", "requirements-dev.txt")
PROGRAM = """
import json, os
from pathlib import Path

from components.resources import DataGuard, DataGuardArgs, RandomPassword, RandomPasswordArgs
from components.resources import RuntimeConfig, RuntimeConfigArgs

given = json.loads(Path(__file__).with_name("given.json").read_text())
text = os.environ.get("SOMETHING_ELSE", given["text"])
DataGuard("guard", DataGuardArgs(stateful=given["stateful"], clusters={}, allow=[], watched=given["watched"]))
RuntimeConfig("file", RuntimeConfigArgs(directory=given["directory"], content={"text": text}))
for name in given["passwords"]:
    RandomPassword(name, RandomPasswordArgs(generation=1))
"""


@dataclass(frozen=True)
class Project:
    """A copy of the project with a program of its own, and the folder that the program writes into."""

    folder: Path
    home: Path
    real: Path

    def give(self, text: str, *passwords: str, stateful: str = "one", watched: int = 1) -> None:
        """Change what the program declares."""
        given = {
            "text": text,
            "passwords": passwords,
            "directory": str(self.real),
            "stateful": {"Thing:one": stateful},
            "watched": {"a.setting": {"value": watched, "effect": "nothing is lost"}},
        }
        (self.folder / "given.json").write_text(json.dumps(given), encoding="utf-8")

    def make(self, target: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run a target on stack `dev`."""
        env = {**without_make(os.environ), "FASHION_WALLET_HOME": str(self.home), "STACK": "dev", **environ}
        for name in ("PULUMI_HOME", "PULUMI_BACKEND_URL", "GITHUB_TOKEN", "CI"):
            if name not in environ:
                env.pop(name, None)
        return subprocess.run(
            ["make", target], cwd=self.folder, env=env, capture_output=True, text=True, timeout=300, check=False
        )

    def makes(self, target: str, **environ: str) -> str:
        """Run a target that has to succeed."""
        done = self.make(target, **environ)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def refuses(self, target: str, **environ: str) -> str:
        """Run a target that has to fail."""
        done = self.make(target, **environ)
        assert done.returncode == 2, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def saved(self) -> set[str]:
        """What is saved of the stack."""
        return {path.name for path in (self.folder / "plans" / "dev").glob("*")}

    @property
    def text(self) -> str:
        """What really is."""
        return str(json.loads((self.real / "walletdb.json").read_text(encoding="utf-8"))["text"])


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    folder, home = tmp_path / "a project", tmp_path / "home"
    real = Path(tempfile.mkdtemp(prefix="fw-"))  # the folder of a stack may not have a long name
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"), symlinks=True)
    for name in FILES:
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
    (folder / "Pulumi.dev.yaml").write_text("config: {}\n", encoding="utf-8")
    home.mkdir()
    # Environment and engine are the ones that set-up made for the project itself.
    (home / "tools").symlink_to(Layout.from_environment(os.environ).tools)
    (real / MARKER).write_text("test\n", encoding="utf-8")
    made = Project(folder, home, real)
    made.give("one", "first")
    for words in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "one"]):
        identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
        subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)
    yield made
    shutil.rmtree(real)


def test_a_plan_is_made_deployed_and_compared(project: Project, tmp_path: Path) -> None:
    page, output = tmp_path / "page.md", tmp_path / "output"
    shown = project.makes("plan", GITHUB_STEP_SUMMARY=str(page), GITHUB_OUTPUT=str(output))
    assert project.saved == {"plan.json", "made-for.json", "preview.jsonl"}
    assert "walletdb:index:RuntimeConfig file" in shown
    assert "## What this change does to the databases" in page.read_text()
    assert output.read_text() == "changes=3\n"

    assert "stack dev is as planned" in project.makes("deploy")
    assert project.text == "one"
    assert "there is no plan" in project.refuses("deploy"), "a plan is used up"
    assert "Stack dev is as declared" in project.makes("drift")

    project.give("two", "first")
    project.makes("plan")
    project.give("three", "first")
    assert "was made for other files" in project.refuses("deploy")
    project.give("two", "first")
    refused = project.refuses("deploy", SOMETHING_ELSE="neither reviewed nor approved")
    assert "violates plan" in refused
    assert "make plan STACK=dev, look at it" in refused
    assert project.text == "one", "nothing was touched"
    project.makes("deploy")
    assert project.text == "two"


def test_drift_is_found_and_told(project: Project) -> None:
    project.makes("plan")
    project.makes("deploy")
    (project.real / "walletdb.json").write_text('{"text": "by hand"}\n', encoding="utf-8")
    shown = project.refuses("drift")
    assert "Stack dev has drifted: 1 resource" in shown
    assert "changed: walletdb.json" in shown
    assert project.text == "by hand", "a comparison mends nothing"
    with fake_github() as github:
        project.makes("issue", **github.environment)
        assert [issue["title"] for issue in github.issues] == ["Stack dev has drifted: 1 resource"]
        project.makes("plan")
        project.makes("deploy")
        assert project.text == "one"
        project.makes("drift")
        project.makes("issue", **github.environment)
        assert [issue["state"] for issue in github.issues] == ["closed"]


def test_a_loss_is_loud_and_what_policies_refuse_has_no_plan(project: Project) -> None:
    project.makes("plan")
    project.makes("deploy")
    assert "Stack dev: " in project.makes("policy")
    project.give("one", stateful="another", watched=2)
    reported = project.refuses("policy")
    assert "Violations (these stop the update)" in reported
    found = json.loads((project.folder / "plans" / "policy.json").read_text(encoding="utf-8"))
    assert {one["rule"] for one in found["findings"] if one["kind"] == "violation"} == {"dataguard-forbid-data-loss"}
    assert "failed, so that its report may lack something" not in reported
    shown = project.refuses("plan")
    assert "dataguard-forbid-data-loss" in shown
    assert project.saved == {"preview.jsonl"}
    assert "there is no plan" in project.refuses("deploy")
    with fake_github() as github:
        project.makes("comment", PULL_REQUEST="7", COMMIT="0123456789abcdef", **github.environment)
        (comment,) = github.comments
    body = comment["body"]
    assert "this would lose data.** 2 resources" in body
    assert "<code>RandomPassword:first</code>" in body
    assert "<code>Thing:one</code>" in body
    assert "a.setting: 1 → 2: nothing is lost" in body
    assert "<code>prod</code> | ⚠️ **no preview**" in body


def test_the_recordings_are_what_the_engine_prints(tmp_path: Path) -> None:
    """Of another engine they would be lies: `python -m tests.fixtures.engine_previews` makes them anew."""
    record_all(tmp_path)
    for recorded in sorted(PREVIEWS.iterdir()):
        now, before = read(tmp_path / recorded.name), read(recorded)
        for part in ("changes", "drift", "lost", "notes", "unchanged", "failed"):
            assert getattr(now, part) == getattr(before, part), f"{recorded.name}: {part}"
        assert "Program failed" in now.errors[0] if recorded.stem == "broken" else now.errors == ()
