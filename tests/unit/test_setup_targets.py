"""What the Makefile's targets refuse, remove and print."""

import io
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


def make_stack(layout: Layout, name: str = "dev") -> None:
    assert layout.state is not None
    path = layout.state / "stacks" / PROJECT_NAME / f"{name}.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")


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
        ("config:\n  fashion-wallet:local:\n    portBase: 1 # directory\n", None),
        ("config: {{}}\n", None),
    ],
)
def test_the_stacks_directory_follows_its_settings(
    layout: Layout, tmp_path: Path, text: str, relative: str | None
) -> None:
    layout.python.parent.mkdir(parents=True)
    layout.python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    layout.python.chmod(0o755)
    layout.stack_file.write_text(text.format(tmp_path))
    expected = tmp_path / relative if relative else layout.default_stack_directory
    assert stack.stack_directory(layout) == expected


def test_connection_lines() -> None:
    outputs = {
        "postgres": {"writer_url": "postgresql://w", "pool_url": "postgresql://p", "ca_certificate": "-----"},
        "backups": {},
        "warnings": ["no timescaledb"],
    }
    assert stack.connection_lines(outputs) == [
        *["", "postgres", "  pool_url    postgresql://p", "  writer_url  postgresql://w"],
        *["", "warnings", "  no timescaledb"],
    ]
    assert stack.connection_lines({}) == []


def test_the_policy_report_is_cut_out_of_a_preview() -> None:
    text = "Previewing:\n\nPolicies:\n    ok pack\n        - [mandatory] x\n\nResources:\n    1 unchanged\n"
    assert targets.policy_report(text) == "Policies:\n    ok pack\n        - [mandatory] x"
    assert targets.policy_report("error: x\n") == ""


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
