"""The end of an engine and of everything it started, however it ended."""

import contextlib
import os
import signal
import subprocess
import time

import psutil

__all__ = ["end_engine"]

PLUGINS_S = 10.0
_ENGINE_S = 15.0
_POLL_S = 0.05


def end_engine(process: "subprocess.Popen[bytes]", home: str) -> None:
    """End an engine that is still at work: in order, so that its state is whole, then by force.

    Plugins end by themselves a moment after their engine. The language host does not when the engine was killed, and it
    leads a group of its own: it is known by the engine's home, which no other engine has.
    """
    if process.poll() is None:
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_ENGINE_S)
                break
    deadline = time.monotonic() + PLUGINS_S
    while _group_lives(process.pid) and time.monotonic() < deadline:
        time.sleep(_POLL_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.returncode and home:
        left = [each for each in psutil.process_iter() if _is_of(each, home)]
        for each in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(left, timeout=PLUGINS_S)


def _is_of(process: psutil.Process, home: str) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.environ().get("PULUMI_HOME") == home
    return False


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
