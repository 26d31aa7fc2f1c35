"""The workflows: each job is one target, nothing is given to whom it does not belong, and every action is pinned."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tools.setup.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKE = re.compile(r"make ([a-z]+)(?: STACK=[a-z]+)?")
OWNERS = {"actions", "aws-actions"}


def loaded(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


JOBS = [
    pytest.param(path, name, job, id=f"{path.stem}-{name}")
    for path in WORKFLOWS
    for name, job in loaded(path)["jobs"].items()
]


def events(path: Path) -> set[str]:
    """What starts it. YAML 1.1 reads the key `on` as a truth value."""
    found: dict[Any, Any] = loaded(path)
    return {*found[True]}


def steps(job: dict[str, Any], action: str) -> list[dict[str, Any]]:
    return [step for step in job["steps"] if str(step.get("uses", "")).startswith(f"{action}@")]


def test_there_are_the_four() -> None:
    assert [path.stem for path in WORKFLOWS] == ["checks", "deploy", "drift", "preview"]


@pytest.mark.parametrize("path,name,job", JOBS)
def test_a_job_is_one_target_that_exists(path: Path, name: str, job: dict[str, Any]) -> None:
    commands = [step["run"].strip() for step in job["steps"] if "run" in step]
    assert len(commands) == 1
    found = MAKE.fullmatch(commands[0])
    assert found, f"{commands[0]!r} is more than a target"
    assert found[1] in TARGETS


@pytest.mark.parametrize("path,name,job", JOBS)
def test_a_job_has_its_own_least_rights_and_an_end(path: Path, name: str, job: dict[str, Any]) -> None:
    assert loaded(path)["permissions"] == {}
    assert job["permissions"]["contents"] == "read"
    assert 0 < job["timeout-minutes"] <= 180
    assert "concurrency" in loaded(path)
    writes = {right for right, level in job["permissions"].items() if level == "write"}
    assert len(writes) <= 1, "who may write to GitHub may not enter the cloud"
    for step in steps(job, "actions/checkout"):
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_few_pinned_and_say_their_version(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        if "uses:" in line:
            found = re.search(r"uses: ([\w-]+)/[\w-]+@([0-9a-f]{40}) # v\d+\.\d+\.\d+$", line)
            assert found, line
            assert found[1] in OWNERS


def test_one_action_has_one_version_everywhere() -> None:
    pins = {
        tuple(found)
        for path in WORKFLOWS
        for found in re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (\S+)", path.read_text())
    }
    assert len({pin[0] for pin in pins}) == len(pins)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_stored_and_nothing_of_strangers_is_trusted(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "secrets." not in text, "no stored key: roles by OIDC, and the keys of Atlas from AWS Secrets Manager"
    assert events(path).isdisjoint({"pull_request_target", "workflow_run", "issue_comment"})
    for name, job in loaded(path)["jobs"].items():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), f"{name}: what is put into a command's text is run"


@pytest.mark.parametrize("path,name,job", JOBS)
def test_who_may_enter_the_cloud(path: Path, name: str, job: dict[str, Any]) -> None:
    credentials = steps(job, "aws-actions/configure-aws-credentials")
    assert bool(credentials) == (job["permissions"].get("id-token") == "write")
    if not credentials:
        assert "environment" not in job
        return
    (step,) = credentials
    assert {*step["with"]} <= {"role-to-assume", "role-session-name", "role-duration-seconds", "aws-region"}
    may_change = (path.stem, name) == ("deploy", "deploy")
    assert step["with"]["role-to-assume"] == f"${{{{ vars.AWS_{'DEPLOY' if may_change else 'PREVIEW'}_ROLE_ARN }}}}"
    assert job["environment"] == ("prod" if may_change else "prod-preview")
    if "pull_request" in events(path):
        assert job["if"] == "github.event.pull_request.head.repo.full_name == github.repository", "no fork"


def test_what_comments_runs_no_code_of_the_pull_request() -> None:
    job = loaded(ROOT / ".github" / "workflows" / "preview.yml")["jobs"]["comment"]
    (checkout,) = steps(job, "actions/checkout")
    assert checkout["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
    assert "head.repo.full_name == github.repository" in job["if"]
    for name, other in loaded(ROOT / ".github" / "workflows" / "preview.yml")["jobs"].items():
        if name != "comment":
            assert "pull-requests" not in other["permissions"]
            assert "GITHUB_TOKEN" not in str(other)


def test_only_what_was_planned_and_approved_is_deployed() -> None:
    jobs = loaded(ROOT / ".github" / "workflows" / "deploy.yml")["jobs"]
    assert events(ROOT / ".github" / "workflows" / "deploy.yml") == {"push", "workflow_dispatch"}
    assert jobs["deploy"]["needs"] == "plan"
    assert jobs["deploy"]["environment"] == "prod"
    saved, taken = steps(jobs["plan"], "actions/upload-artifact"), steps(jobs["deploy"], "actions/download-artifact")
    assert saved[0]["with"]["name"] == taken[0]["with"]["name"] == "prod"
    assert saved[0]["with"]["path"] == taken[0]["with"]["path"] == "plans/prod"
    assert loaded(ROOT / ".github" / "workflows" / "deploy.yml")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("name", ["preview", "drift"])
def test_what_one_job_leaves_the_next_one_takes(name: str) -> None:
    jobs = loaded(ROOT / ".github" / "workflows" / f"{name}.yml")["jobs"].values()
    left = {
        step["with"]["name"]: step["with"]["path"] for job in jobs for step in steps(job, "actions/upload-artifact")
    }
    taken = {
        step["with"]["name"]: step["with"]["path"] for job in jobs for step in steps(job, "actions/download-artifact")
    }
    assert {*taken} == {*left}
    # An artifact of one file has no folders in it.
    assert all(path in {left[one], str(Path(left[one]).parent)} for one, path in taken.items())


def test_dependencies_of_every_kind_are_kept_up() -> None:
    updates = loaded(ROOT / ".github" / "dependabot.yml")["updates"]
    found = {
        (one["package-ecosystem"], place) for one in updates for place in one.get("directories", [one.get("directory")])
    }
    modules = {("gomod", f"/{path.parent.relative_to(ROOT)}") for path in ROOT.glob("engine/*/go.mod")}
    assert found == {("pip", "/"), ("github-actions", "/"), *modules}
    assert all(one["cooldown"]["default-days"] >= 7 for one in updates)
