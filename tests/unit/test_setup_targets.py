"""What the Makefile's targets refuse, remove and print."""

import io
import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from localproc.layout import StackDirectory
from tools.setup import stack, state, targets
from tools.setup.__main__ import main
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT, PROJECT_NAME, STACK_MARKER, Layout
from tools.setup.screen import Screen


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    project = tmp_path / "project"
    project.mkdir()
    return Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "home")}, project=project)


def run(layout: Layout, *more: str, **environ: str) -> targets.Run:
    return targets.Run(layout, Screen(io.StringIO(), {}), environ, more)


def make_stack(layout: Layout, name: str = "dev", directory: Path | None = None) -> None:
    """The engine's state of a stack, which has its servers in `directory`."""
    assert layout.state is not None
    path = layout.state / "stacks" / PROJECT_NAME / f"{name}.json"
    path.parent.mkdir(parents=True)
    resources = [
        {"type": "pulumi:pulumi:Stack", "urn": "urn:stack"},
        {"type": "walletdb:index:Supervisor", "urn": "urn:supervisor", "id": str(directory)},
    ]
    path.write_text(json.dumps({"checkpoint": {"latest": {"resources": resources if directory else []}}}))


def make_directory(path: Path, stack: str = "dev") -> Path:
    path.mkdir(parents=True)
    (path / STACK_MARKER).write_text(f"{stack}\n")
    return path


@pytest.fixture
def python(layout: Layout) -> None:
    """A virtual environment that has what the settings are read with."""
    layout.python.parent.mkdir(parents=True)
    layout.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    layout.python.chmod(0o755)


def test_the_makefile_has_every_target_and_says_what_it_does() -> None:
    text = (PROJECT / "Makefile").read_text()
    helped = dict(re.findall(r"^([a-z]+): *## (.+)$", text, re.MULTILINE))
    assert set(helped) == {*targets.TARGETS, "help"}
    rule = re.search(r"^([a-z ]+):\n\t@tools/python -m tools.setup \$@$", text, re.MULTILINE)
    assert rule is not None
    assert set(rule[1].split()) == set(targets.TARGETS)


@pytest.mark.parametrize("words", [[], ["nothing"]])
def test_an_unknown_target_lists_the_known(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert "setup,up,preview" in capsys.readouterr().out


def test_an_error_says_cause_and_way_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STACK", "a/b")
    assert main(["up"]) == 1
    shown = capsys.readouterr().out
    assert "make up stopped: STACK='a/b'" in shown
    assert "How to go on: use 1 to 100 letters" in shown


def test_down_without_consent_removes_nothing(layout: Layout) -> None:
    make_stack(layout)
    with pytest.raises(SetupError, match="no consent"):
        targets.down(run(layout))
    assert state.stacks(layout) == ["dev"]


def test_down_of_no_stack_is_done(layout: Layout) -> None:
    assert targets.down(run(layout, "--yes")) == 0


def test_down_without_set_up_refuses_to_guess_the_folder(layout: Layout, tmp_path: Path) -> None:
    """The default folder is somebody's too: an earlier stack's, say."""
    make_directory(layout.default_stack_directory)
    layout.stack_file.write_text(f"config:\n  fashion-wallet:local:\n    directory: {tmp_path}/own\n")
    with pytest.raises(SetupError, match="set-up has not run") as caught:
        targets.down(run(layout, "--yes"))
    assert "make setup" in caught.value.fix
    assert layout.default_stack_directory.exists()


def test_down_removes_the_folder_that_it_asked_about(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the settings say by the time that set-up is done."""
    asked, removed = [], []
    named = make_directory(tmp_path / "own")

    def agree(question: str, _answer: str) -> bool:
        asked.append(question)
        return True

    def set_up(_run: targets.Run) -> int:
        layout.stack_file.write_text(f"config:\n  fashion-wallet:local:\n    directory: {tmp_path}/other\n")
        return 0

    make_stack(layout, directory=named)
    monkeypatch.setattr(targets, "_asked", agree)
    monkeypatch.setattr(targets, "setup", set_up)
    monkeypatch.setattr(stack, "down", lambda _layout, _screen, directory, **_named: removed.append(directory))
    assert targets.down(run(layout)) == 0
    assert str(named) in asked[0]
    assert removed == [named]


def test_down_says_when_only_the_state_is_gone(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    def remove(_layout: Layout, _failure: str, *argv: str) -> None:
        assert argv == ("--remove", "--stack", "dev", str(folder))
        shutil.rmtree(folder)

    folder = make_directory(layout.default_stack_directory)
    monkeypatch.setattr(targets, "setup", lambda _run: 0)
    monkeypatch.setattr(stack, "_localproc", remove)
    monkeypatch.setattr(stack, "engine", None)
    shown = io.StringIO()
    assert targets.down(targets.Run(layout, Screen(shown, {}), {}, ["--yes"])) == 0
    assert "state of stack dev is gone, its servers and data are still there" in shown.getvalue()
    assert not folder.exists()


def test_stop_ends_only_servers_of_its_own_stack(
    layout: Layout, python: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copied setting names another stack's folder."""
    folder = make_directory(tmp_path / "own", "other")
    layout.stack_file.write_text(f"config:\n  fashion-wallet:local:\n    directory: {folder}\n")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    with pytest.raises(SetupError, match="belongs to the stack 'other', not to 'dev'"):
        targets.stop(run(layout))


def test_stop_without_set_up_does_not_say_that_nothing_runs(layout: Layout) -> None:
    make_directory(layout.default_stack_directory)
    with pytest.raises(SetupError, match="set-up has not run") as caught:
        targets.stop(run(layout))
    assert "make setup" in caught.value.fix


@pytest.mark.parametrize("target", ["preview", "policy"])
def test_a_look_starts_nothing_and_clears_nothing(layout: Layout, monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    def forbidden(*_words: object, **_named: object) -> None:
        pytest.fail("a preview must leave everything as it is")

    def leave(argv: list[str]) -> None:
        Path(argv[argv.index("--to") + 1]).write_text("")

    make_stack(layout)
    with tempfile.TemporaryDirectory(prefix="fw-") as short:  # a Unix socket's path has at most 107 bytes
        monkeypatch.setattr(stack, "stack_directory", lambda _layout: make_directory(Path(short) / "dev"))
        monkeypatch.setattr(targets, "setup", lambda _run, **_named: 0)
        monkeypatch.setattr(targets.policy_report.commands, "logged", lambda _step, argv, _log, **_named: leave(argv))
        monkeypatch.setattr(stack.pulumi, "prepare", lambda _layout, _environ: None)
        monkeypatch.setattr(targets.commands, "foreground", lambda _argv, **_named: 0)
        monkeypatch.setattr(stack, "engine", lambda _layout, *argv: subprocess.CompletedProcess(argv, 0, "", ""))
        for name in ("_boot", "_localproc", "_release_locks"):
            monkeypatch.setattr(stack, name, forbidden)
        monkeypatch.setattr(state, "pending_operations", forbidden)
        shown = io.StringIO()
        assert targets.TARGETS[target](targets.Run(layout, Screen(shown, {}), {"STACK": "dev"}, [])) == 0
    assert "is stopped: its servers are not looked at; make up starts them" in shown.getvalue()


def test_a_stack_is_stopped_when_its_supervisor_does_not_answer() -> None:
    with tempfile.TemporaryDirectory(prefix="fw-") as short, socket.socket(socket.AF_UNIX) as supervisor:
        directory = Path(short)
        assert not stack._stopped(directory), "there is no stack"
        (directory / STACK_MARKER).write_text("dev\n")
        assert stack._stopped(directory)
        path = StackDirectory.open(directory).socket
        path.parent.mkdir()
        supervisor.bind(str(path))
        assert stack._stopped(directory), "killed: nobody listens"
        supervisor.listen()
        assert not stack._stopped(directory)


@pytest.mark.parametrize("consent", [["--yes"], []])
def test_down_never_removes_a_foreign_folder(layout: Layout, consent: list[str]) -> None:
    folder = layout.default_stack_directory
    folder.mkdir(parents=True)
    (folder / "precious").write_text("")
    with pytest.raises(SetupError, match=STACK_MARKER):
        targets.down(run(layout, *consent, YES="1"))
    assert (folder / "precious").exists()


def test_another_stacks_folder_is_foreign(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / STACK_MARKER).write_text("other\n")
    with pytest.raises(SetupError, match="belongs to stack other, not to stack dev"):
        stack.check_directory(layout, tmp_path / "real")


def test_a_link_to_a_marked_folder_is_foreign(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / STACK_MARKER).write_text("dev")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    stack.check_directory(layout, tmp_path / "real")
    stack.check_directory(layout, tmp_path / "absent")
    with pytest.raises(SetupError):
        stack.check_directory(layout, tmp_path / "link")


def test_an_empty_folder_goes_without_a_marker(layout: Layout) -> None:
    folder = layout.default_stack_directory
    folder.mkdir(parents=True)
    assert stack.remove_directory(layout, folder)
    assert not folder.exists()
    assert not stack.remove_directory(layout, folder)


def test_clean_refuses_while_a_stack_is_there(layout: Layout) -> None:
    layout.tools.mkdir(parents=True)
    make_stack(layout, "blue")
    (layout.home / "stacks" / "red").mkdir(parents=True)
    with pytest.raises(SetupError, match="still there: blue, red"):
        targets.clean(run(layout))
    assert layout.tools.exists()


def test_clean_removes_what_set_up_made(layout: Layout, tmp_path: Path) -> None:
    layout.tools.mkdir(parents=True)
    foreign = tmp_path / "installed"
    foreign.mkdir()
    layout.engine_link.symlink_to(foreign)
    layout.kubernetes_link.symlink_to(layout.tools / "kubernetes-x")
    layout.environment_link.symlink_to(layout.tools / "venv-x")
    (layout.project / ".ruff_cache").mkdir()
    assert targets.clean(run(layout)) == 0
    assert foreign.exists()
    assert list(layout.project.iterdir()) == []
    assert not layout.home.exists()


@pytest.mark.parametrize(
    "text,relative",
    [
        ("config:\n  fashion-wallet:local:\n    directory: {0}/own\n", "own"),
        ('config:\n  fashion-wallet:local: \'{{"directory": "{0}/own"}}\'\n', "own"),
        ("config:\n  fashion-wallet:local:\n    portBase: 1 # directory\n", None),
        ("config:\n  fashion-wallet:local:\n    directory: null\n", None),
        ("config: # no directory\n", None),
        ("config: {{}}\n", None),
    ],
)
def test_the_stacks_directory_follows_its_settings(
    layout: Layout, python: None, tmp_path: Path, text: str, relative: str | None
) -> None:
    layout.stack_file.write_text(text.format(tmp_path))
    expected = tmp_path / relative if relative else layout.default_stack_directory
    assert stack.stack_directory(layout) == expected


@pytest.mark.parametrize(
    "text,said",
    [
        ("config:\n  fashion-wallet:local: {directory: /x\n", "expected ',' or '}'"),
        ("config:\n  fashion-wallet:local: '{directory'\n", "JSONDecodeError"),
        ("config:\n  fashion-wallet:local: [directory]\n", "['directory'], not a section"),
        ("config:\n  fashion-wallet:local: {directory: own}\n", "'own', not an absolute path"),
        ("config:\n  fashion-wallet:local: {directory: ~/own}\n", "'~/own', not an absolute path"),
        ("config:\n  fashion-wallet:local: {directory: ''}\n", "'', not an absolute path"),
        ("config:\n  fashion-wallet:local:\n    directory: {secure: v1:x}\n", "not an absolute path"),
        ("config:\n  fashion-wallet:local: {secure: v1:x}\n", "not a section in clear text"),
    ],
)
def test_settings_that_cannot_be_read_never_mean_the_default(
    layout: Layout, python: None, text: str, said: str
) -> None:
    layout.stack_file.write_text(text)
    with pytest.raises(SetupError, match="where stack dev keeps its data cannot be read") as caught:
        stack.stack_directory(layout)
    assert said in caught.value.cause
    assert str(layout.stack_file) in caught.value.cause
    assert "Traceback" not in caught.value.cause


def test_what_the_engine_recorded_is_the_stacks_directory(layout: Layout, tmp_path: Path) -> None:
    """The servers stay where they were put, also when the settings name another folder by now."""
    layout.stack_file.write_text(f"config:\n  fashion-wallet:local:\n    directory: {tmp_path}/own\n")
    make_stack(layout, directory=tmp_path / "recorded")
    assert stack.stack_directory(layout) == tmp_path / "recorded"


def test_connection_lines() -> None:
    outputs = {
        "postgres": {"writer_url": "postgresql://w", "pool_url": "postgresql://p", "ca_certificate": "-----"},
        "mongodb": {"uri": "mongodb://u", "database": "main", "services": {"a_service": "mongodb://a"}},
        "backups": {},
        "warnings": ["no timescaledb"],
    }
    assert stack.connection_lines(outputs) == [
        *["", "mongodb", "  a_service  mongodb://a", "  uri        mongodb://u"],
        *["", "postgres", "  pool_url    postgresql://p", "  writer_url  postgresql://w"],
        *["", "warnings", "  no timescaledb"],
    ]
    assert stack.connection_lines({}) == []


@pytest.mark.parametrize(
    "environ, judged, more_tools", [({}, ("dev", "prod"), True), ({"STACK": "dev"}, ("dev",), False)]
)
def test_the_policy_report_is_on_every_stack_or_the_one_that_is_named(
    environ: dict[str, str],
    judged: tuple[str, ...],
    more_tools: bool,  # noqa: FBT001 - a parameter of the test
    layout: Layout,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[object] = []
    monkeypatch.setattr(targets, "setup", lambda _run, **named: seen.append(named))
    monkeypatch.setattr(targets.policy_report, "report", lambda _layout, _screen, stacks: seen.append(stacks) or 3)
    assert targets.policy(run(layout, **environ)) == 3
    assert seen == [{"development": more_tools, "rehearsal": more_tools}, judged]


def test_the_policy_report_takes_no_words(layout: Layout) -> None:
    with pytest.raises(SetupError, match="got --json"):
        targets.policy(run(layout, "--json"))


def test_no_python_that_serves_is_said_before_anything_else(tmp_path: Path) -> None:
    fake = tmp_path / "bin"
    fake.mkdir()
    (fake / "python3").write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n')
    (fake / "python3").chmod(0o755)
    copy = tmp_path / "project" / "tools" / "python"
    copy.parent.mkdir(parents=True)
    copy.write_text((PROJECT / "tools" / "python").read_text().replace("/usr/bin/python3", "/nowhere/python3"))
    copy.chmod(0o755)
    for name in ("dirname", "sh"):
        (fake / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run([str(copy)], env={"PATH": str(fake)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "found: Python 3.9.2" in done.stderr
