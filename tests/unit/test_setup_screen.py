"""What set-up shows, and how it runs foreign commands."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.setup import commands
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT
from tools.setup.screen import Screen, Step, clock


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def step() -> Step:
    return Step(Screen(io.StringIO(), {}), "a step")


@pytest.mark.parametrize("seconds,text", [(0.04, "0.0 s"), (9.94, "9.9 s"), (59.4, "59 s"), (185, "3 min 05 s")])
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


def test_a_step_is_one_plain_line_where_there_is_no_terminal() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with Screen(stream, {}).step("engine") as step:
        step.note = "already there"
    stream.seek(0)
    assert stream.read() == "✓ engine 0.0 s (already there)\n"


def test_words_stand_for_signs_that_the_stream_cannot_show() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    screen = Screen(stream, {})
    with pytest.raises(ValueError, match="x"), screen.step("engine"):
        raise ValueError("x")
    stream.seek(0)
    assert stream.read() == "failed: engine 0.0 s\n"


@pytest.mark.parametrize("environ,coloured", [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colour_only_on_a_terminal_that_wants_it(environ: dict[str, str], *, coloured: bool) -> None:
    stream = Terminal()
    with Screen(stream, environ).step("engine"):
        pass
    assert ("\x1b[32m" in stream.getvalue()) is coloured


def test_logged_shows_the_end_of_the_log_and_the_way_on(tmp_path: Path, step: Step) -> None:
    with pytest.raises(SetupError) as caught:
        commands.logged(step, ["sh", "-c", "echo no route; exit 3"], tmp_path / "l" / "log", doing="x", fix="y")
    assert "sh ended with code 3" in caught.value.cause
    assert "    no route" in caught.value.cause
    assert caught.value.fix == "y"


def test_logged_knows_a_full_disk(tmp_path: Path, step: Step) -> None:
    with pytest.raises(SetupError) as caught:
        commands.logged(step, ["sh", "-c", "echo No space left on device >&2; exit 1"], tmp_path / "log", doing="x")
    assert "free some disk space" in caught.value.fix


def test_logged_says_which_program_is_missing(tmp_path: Path, step: Step) -> None:
    with pytest.raises(SetupError, match="cannot run /nowhere/x"):
        commands.logged(step, ["/nowhere/x"], tmp_path / "log", doing="x")


def test_an_interruption_ends_the_command_and_its_children(tmp_path: Path, step: Step) -> None:
    pids = tmp_path / "pids"

    def interrupt() -> str:
        if pids.exists() and len(pids.read_text().split()) == 2:
            raise KeyboardInterrupt
        return "x"

    script = f"sleep 60 & echo $$ $! > '{pids}'; wait"
    step._next_tick = 0
    ticking = step.tick
    step.tick = lambda doing: (ticking(doing), interrupt())[0]  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        commands.logged(step, ["sh", "-c", script], tmp_path / "log", doing="x")
    deadline = time.monotonic() + 10
    for pid in map(int, pids.read_text().split()):
        while Path(f"/proc/{pid}/stat").exists() and time.monotonic() < deadline:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                break
            time.sleep(0.05)
        assert time.monotonic() < deadline, f"{pid} still runs"


def test_foreground_waits_for_the_command_that_a_signal_ends(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    program = (
        "import sys\nfrom pathlib import Path\nfrom tools.setup import commands\n"
        "try:\n commands.foreground(['sh', '-c', sys.argv[1]], cwd=Path.cwd())\n"
        "except KeyboardInterrupt:\n sys.exit(130)"
    )
    script = f"trap 'echo saved > \"{mark}\"; exit 1' TERM; echo ready; while :; do sleep 0.1; done"
    run = subprocess.Popen(
        [sys.executable, "-c", program, script], cwd=PROJECT, stdout=subprocess.PIPE, process_group=0
    )
    try:
        assert run.stdout is not None
        assert run.stdout.readline() == b"ready\n"
        os.kill(run.pid, signal.SIGTERM)
        assert run.wait(20) == 130
        run.stdout.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    assert mark.read_text() == "saved\n"


@pytest.mark.parametrize("script,code", [("exit 7", 7), ("kill -9 $$", 137)])
def test_foreground_returns_the_exit_code_as_a_shell_does(script: str, code: int) -> None:
    assert commands.foreground(["sh", "-c", script], cwd=Path("/")) == code


def test_ending_in_words() -> None:
    assert commands.ending(1) == "ended with code 1"
    assert commands.ending(137) == "was killed by signal 9"


def test_output_of_what_is_missing_is_none() -> None:
    assert commands.output(["/nowhere/x"]) is None
    assert commands.output(["false"]) is None
