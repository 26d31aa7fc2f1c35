"""One comment, one issue, the reviewed plan: against a small GitHub on this machine."""

import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from delivery import plans, reviewed
from delivery.cli import main
from delivery.drift import Issue, marker
from delivery.errors import DeliveryError
from delivery.github import GitHub
from tests.fixtures.engine_previews import PREVIEWS
from tests.fixtures.github_api import BOT, FakeGitHub, fake_github

MARK = "<!-- mark -->"
DRIFT = Issue(title="Stack prod has drifted", body=f"{marker('prod')}\nbody", verdict="drift")
CLEAN = Issue(title="Stack prod is as declared", body=marker("prod"), verdict="clean")


@pytest.fixture
def server() -> Iterator[FakeGitHub]:
    with fake_github() as github:
        yield github


def client(server: FakeGitHub) -> GitHub:
    found = GitHub.of(server.environment)
    assert found is not None
    return replace(found, pause_s=0.01)


def stranger(body: str) -> dict[str, object]:
    return {"id": 1, "body": body, "user": {"login": "somebody"}, "state": "open", "labels": ["drift"], "number": 1}


def test_there_is_one_comment(server: FakeGitHub) -> None:
    server.comments = [stranger(f"{MARK} is what I write"), *({**stranger("x"), "id": n} for n in range(2, 150))]
    assert client(server).put_comment(7, MARK, f"{MARK} first") == "made"
    client(server).put_comment(7, MARK, f"{MARK} second")
    assert [one["body"] for one in server.comments if one["user"]["login"] == BOT] == [f"{MARK} second"]
    assert server.comments[0]["body"] == f"{MARK} is what I write", "nobody's words are written over"


def test_there_is_one_issue_and_it_closes(server: FakeGitHub) -> None:
    server.issues = [stranger(DRIFT.body)]
    github = client(server)
    assert github.put_issue(CLEAN, marker("prod"), "drift") == "there is no issue, and nothing to say"
    assert github.put_issue(DRIFT, marker("prod"), "drift") == "opened made"
    assert github.put_issue(replace(DRIFT, title="more"), marker("prod"), "drift") == "updated made"
    assert [one.get("title") for one in server.issues] == [None, "more"]
    of_dev = replace(DRIFT, body=marker("dev"))
    assert github.put_issue(of_dev, marker("dev"), "drift") == "opened made", "one for each stack"
    assert github.put_issue(CLEAN, marker("prod"), "drift") == "closed made"
    assert server.issues[1]["state"] == "closed"
    assert "is as declared" in server.comments[-1]["body"]
    assert github.put_issue(DRIFT, marker("prod"), "drift") == "opened made"


def test_a_pull_request_is_no_issue(server: FakeGitHub) -> None:
    server.issues = [{**stranger(DRIFT.body), "user": {"login": BOT}, "pull_request": {}}]
    assert client(server).put_issue(DRIFT, marker("prod"), "drift") == "opened made"


def test_a_passing_failure_is_tried_again_and_a_refusal_is_not(server: FakeGitHub) -> None:
    server.failures = [502, 503]
    client(server).put_comment(7, MARK, "body")
    server.failures = [502, 502, 502]
    with pytest.raises(DeliveryError, match="502"):
        client(server).put_comment(7, MARK, "body")
    server.asked.clear()
    server.failures = [403]
    with pytest.raises(DeliveryError, match=r"403.*not now"):
        client(server).put_comment(7, MARK, "body")
    assert len(server.asked) == 1


def test_what_is_posted_is_not_sent_twice(server: FakeGitHub) -> None:
    github = client(server)
    server.failures = []
    list(github._all("issues/7/comments?"))
    server.failures = [502]
    with pytest.raises(DeliveryError):
        github._call("POST", "issues/7/comments", {"body": "x"})
    assert [method for method, _ in server.asked].count("POST") == 1


def test_nobody_answers() -> None:
    github = GitHub(url="http://127.0.0.1:9", repository="owner/name", token="t", pause_s=0.01)
    with pytest.raises(DeliveryError, match="does not answer"):
        github.get("issues")


@pytest.mark.parametrize("url", ["http://example.com", "ftp://127.0.0.1", "file:///etc/passwd"])
def test_the_token_goes_where_nobody_reads_it(url: str) -> None:
    with pytest.raises(DeliveryError, match="allowed is https"):
        GitHub.of({"GITHUB_TOKEN": "t", "GITHUB_API_URL": url, "GITHUB_REPOSITORY": "o/n"})
    with pytest.raises(DeliveryError, match="owner/name"):
        GitHub.of({"GITHUB_TOKEN": "t", "GITHUB_REPOSITORY": "o"})
    assert GitHub.of({}) is None


def test_the_command_line_writes_both(server: FakeGitHub, capsys: pytest.CaptureFixture[str]) -> None:
    previews = [str(PREVIEWS / name) for name in ("same.jsonl", "nothing.jsonl")]
    assert main(["comment", "--preview", *previews, "--pull-request", "7"], server.environment) == 0
    assert "no preview" in server.comments[0]["body"]
    words = ["drift", "--preview", str(PREVIEWS / "drift.jsonl"), "--stack", "prod", "--issue"]
    assert main(words, server.environment) == 0
    assert server.issues[0]["title"] == "Stack prod has drifted: 1 resource"
    assert main(words, {}) == 1
    assert "GITHUB_TOKEN is not set" in capsys.readouterr().err


def git(project: Path, *words: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com"]
    return subprocess.run(
        ["git", *identity, *words], cwd=project, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a commit and a saved plan beside it."""
    folder = tmp_path / "a project"
    folder.mkdir()
    git(folder, "init", "-q")
    (folder / ".gitignore").write_text("/plans/\nPulumi.own.yaml\n")
    (folder / "program.py").write_text("one\n")
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "one")
    saved = folder / "plans" / "prod" / "plan.json"
    saved.parent.mkdir(parents=True)
    saved.write_text(json.dumps({"manifest": {"version": "v3.259.0"}, "resourcePlans": {}}))
    (saved.parent / "preview.jsonl").write_text("{}\n")
    return folder


def plan(project: Path) -> Path:
    return project / "plans" / "prod" / "plan.json"


def test_a_plan_is_for_the_files_that_are_there(project: Path) -> None:
    made = plans.note(plan(project), project, "prod")
    assert made.tree == git(project, "rev-parse", "HEAD^{tree}")
    assert made.engine == "v3.259.0"
    assert plans.check(plan(project), project, "prod") == made
    git(project, "commit", "-q", "--allow-empty", "-m", "another commit of the same files")
    assert plans.check(plan(project), project, "prod").commit == made.commit
    (project / "new.py").write_text("")
    with pytest.raises(DeliveryError, match="made for other files") as caught:
        plans.check(plan(project), project, "prod")
    assert "make plan STACK=prod" in caught.value.fix
    assert git(project, "status", "--porcelain") == "?? new.py", "nothing was added to the index"


def test_a_plan_is_for_one_stack_its_settings_and_itself(project: Path) -> None:
    (project / "Pulumi.own.yaml").write_text("config: {}\n")
    plans.note(plan(project), project, "own")
    with pytest.raises(DeliveryError, match="for another stack"):
        plans.check(plan(project), project, "prod")
    (project / "Pulumi.own.yaml").write_text("config: {a: 1}\n")
    with pytest.raises(DeliveryError, match="for other settings"):
        plans.check(plan(project), project, "own")
    (project / "Pulumi.own.yaml").write_text("config: {}\n")
    plan(project).write_text(plan(project).read_text() + " ")
    with pytest.raises(DeliveryError, match="the file was changed"):
        plans.check(plan(project), project, "own")


@pytest.mark.parametrize("text,said", [(None, "missing"), ("{", "is no plan"), ("{}", "is no plan")])
def test_no_plan_is_said(project: Path, text: str | None, said: str) -> None:
    plans.note(plan(project), project, "prod")
    plan(project).unlink()
    if text is not None:
        plan(project).write_text(text)
    with pytest.raises(DeliveryError, match=said):
        plans.check(plan(project), project, "prod")


def test_a_note_that_is_missing_or_broken_is_no_leave(project: Path, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="there is no plan for stack prod"):
        plans.check(plan(project), project, "prod")
    (plan(project).parent / "made-for.json").write_text('{"stack": "prod"}')
    with pytest.raises(DeliveryError, match="does not say what the plan is for"):
        plans.check(plan(project), project, "prod")
    with pytest.raises(DeliveryError, match="failed"):
        plans.tree_of(tmp_path)


def archive(folder: Path, *names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name in names:
            file.writestr(name, (folder / name).read_bytes() if (folder / name).exists() else b"stranger")
    return content.getvalue()


NAMES = ("plan.json", "made-for.json", "preview.jsonl")


def reviewed_with(server: FakeGitHub, project: Path, *names: str) -> str:
    """Have GitHub know a merged pull request and what its preview saved; return the commit of the merge."""
    commit = git(project, "rev-parse", "HEAD")
    plans.note(plan(project), project, "prod")
    own = {"sha": "head", "repo": {"full_name": "owner/name"}}
    server.pulls = [{"number": 7, "merged_at": "now", "merge_commit_sha": commit, "head": own}]
    server.runs = [{"id": 1, "head_sha": "head", "html_url": "run"}]
    server.artifacts = [{"id": 5, "run": 1, "name": "prod", "expired": False}]
    server.archive = archive(plan(project).parent, *(names or NAMES))
    return commit


def test_the_reviewed_plan_is_taken(server: FakeGitHub, project: Path) -> None:
    commit = reviewed_with(server, project, *NAMES, "../../evil", "Makefile")
    target = project / "plans" / "taken"
    said = reviewed.take(client(server), commit, target, project, "prod")
    assert said == "the plan that was reviewed with pull request 7 (run)"
    assert sorted(path.name for path in target.iterdir()) == sorted(NAMES), "only what is known is unpacked"
    assert server.tokens["/elsewhere"] == "", "the token is not sent to where archives are kept"
    assert server.tokens[f"/repos/owner/name/commits/{commit}/pulls"] == "Bearer the token"


def test_a_reviewed_plan_for_other_files_is_not_taken(server: FakeGitHub, project: Path) -> None:
    commit = reviewed_with(server, project)
    (project / "program.py").write_text("main moved on\n")
    target = project / "plans" / "taken"
    with pytest.raises(DeliveryError, match="made for other files"):
        reviewed.take(client(server), commit, target, project, "prod")
    assert list(target.iterdir()) == []


def test_without_a_reviewed_plan_it_is_said_why(server: FakeGitHub, project: Path) -> None:
    def why(commit: str = "") -> str:
        with pytest.raises(DeliveryError) as caught:
            reviewed.take(client(server), commit or made, project / "plans" / "taken", project, "prod")
        assert "make a new plan" in caught.value.fix
        return caught.value.cause

    made = reviewed_with(server, project)
    assert "was merged as 0000" in why("0000")
    server.pulls[0]["head"]["repo"]["full_name"] = "stranger/fork"
    assert "no pull request from this repository" in why()
    made = reviewed_with(server, project)
    server.artifacts[0]["expired"] = True
    assert "has no saved plan of stack prod" in why()
    made = reviewed_with(server, project, "preview.jsonl")
    assert "has no plan.json, made-for.json: its preview failed" in why()
    server.archive = b"no archive"
    assert "is no archive" in why()
    server.archive_place = "http://example.com/plain"
    assert "answers actions/artifacts/5/zip with 302" in why()


def test_plans_from_the_command_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--stack", "prod", "--plan", str(plan(project)), "--project", str(project)]
    assert main(["check", *words], {}) == 1
    assert "How to go on: make a new plan" in capsys.readouterr().err
    assert main(["note", *words], {}) == 0
    assert main(["check", *words], {}) == 0
    assert "fits: stack prod" in capsys.readouterr().out
