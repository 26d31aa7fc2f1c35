"""Foreign commands: quiet ones with a log and a pulse, and the engine in the foreground."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

from tools.setup import files
from tools.setup.errors import SetupError
from tools.setup.screen import Step

__all__ = ["ending", "foreground", "logged", "output"]

_POLL_S = 0.1
_STOP_S = 10.0
_TAIL_LINES = 20
_TAIL_BYTES = 8192
_SIGNALLED = 128


def output(
    argv: Sequence[str], *, cwd: Path | None = None, timeout_s: float = 30, any_code: bool = False
) -> str | None:
    """Standard output of a short command, None when it is missing, takes too long or, unless `any_code`, fails."""
    try:
        done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=timeout_s, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if any_code or done.returncode == 0 else None


def logged(
    step: Step,
    argv: Sequence[str],
    log: Path,
    *,
    doing: str | Callable[[], str],
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    fix: str = "put right what the log names and run the same command again",
) -> None:
    """Run a long command into a log file, showing its elapsed time.

    An interruption ends the command and everything it started before it goes on to the caller.

    Raises:
        SetupError: The command is missing or failed; the message has the log's end.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as sink:
        try:
            process = subprocess.Popen(
                argv,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                process_group=0,
                pass_fds=files.held(),
            )
        except OSError as error:
            raise SetupError(f"cannot run {argv[0]}: {error}", fix) from error
        try:
            while process.poll() is None:
                step.tick(doing if isinstance(doing, str) else doing())
                time.sleep(_POLL_S)
        except BaseException:
            _end_group(process)
            raise
    if process.returncode == 0:
        return
    tail = _tail(log)
    if "no space left on device" in tail.lower():
        fix = "free some disk space and run the same command again"
    raise SetupError(f"{Path(argv[0]).name} {ending(_code(process))}; {log} ends with\n{tail}", fix)


def foreground(argv: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> int:
    """Run a command on this terminal and return its exit code.

    Ctrl-C reaches the command from the terminal and a TERM signal is handed on; either way this process waits, so
    that the engine can write its state before it goes.
    """
    process: subprocess.Popen[bytes] | None = None
    received: list[int] = []

    def receive(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        hand_on(number)

    def hand_on(number: int) -> None:
        if process is not None and number != signal.SIGINT:
            process.send_signal(number)

    # A Python handler, unlike SIG_IGN, is not inherited by the command.
    old = {number: signal.signal(number, receive) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        process = subprocess.Popen(argv, cwd=cwd, env=env)
        for number in received:  # while the command was being started
            hand_on(number)
        process.wait()
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
    if received:
        raise KeyboardInterrupt
    return _code(process)


def ending(code: int) -> str:
    """How a command ended, in words."""
    return f"was killed by signal {code - _SIGNALLED}" if code > _SIGNALLED else f"ended with code {code}"


def _code(process: subprocess.Popen[bytes]) -> int:
    """The exit code as a shell gives it: 128 and the signal's number for a command that was killed."""
    return process.returncode if process.returncode >= 0 else _SIGNALLED - process.returncode


def _end_group(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_STOP_S)
        except ProcessLookupError:
            return
        except PermissionError:
            process.wait()  # sudo's: it is left to end by itself
            return
        except subprocess.TimeoutExpired:
            continue


def _tail(log: Path) -> str:
    with log.open("rb") as stream:
        stream.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        text = stream.read().decode("utf-8", "replace")
    return "\n".join(f"    {line}" for line in text.splitlines()[-_TAIL_LINES:])
