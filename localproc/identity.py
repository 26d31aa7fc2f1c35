"""Which processes belong to a stack, told without trusting a pid file.

A pid alone proves nothing: it may have been given to another process since. A process is ours when its environment
carries the stack's marker variable, or when it works inside the stack's data folders (PostgreSQL overwrites the
environment that Linux shows, but its working directory is always its data directory).
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable
from pathlib import Path

import psutil

from localproc.waiting import Waiter

__all__ = ["STACK_VARIABLE", "belongs", "end", "in_folder", "of_stack", "postmaster", "works_in"]

STACK_VARIABLE = "FASHION_WALLET_STACK"


def of_stack(root: Path) -> list[psutil.Process]:
    """All live processes that a stack's servers consist of, supervisor included."""
    return [process for process in psutil.process_iter() if belongs(process, root)]


def belongs(process: psutil.Process, root: Path) -> bool:
    """Whether a live process is a stack's; one that may not be looked at, or ended meanwhile, is not."""
    with contextlib.suppress(psutil.Error, OSError):
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        if process.environ().get(STACK_VARIABLE) == str(root):
            return True
        services = Path(os.path.realpath(root)) / "services"
        return _is_server(process) and Path(process.cwd()).is_relative_to(services)
    return False


def in_folder(folder: Path) -> list[psutil.Process]:
    """All live processes of the PostgreSQL that works in `folder`: the server and its children."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.status() != psutil.STATUS_ZOMBIE and _is_server(process) and works_in(process.pid, folder):
                found.append(process)
    return found


def works_in(pid: int, folder: Path) -> bool:
    """Whether a process works in this very folder, by whatever path, through links or not, the folder is named.

    Raises:
        OSError: the process or the folder is gone, or may not be looked at.
    """
    return Path(f"/proc/{pid}/cwd").samefile(folder)


def _is_server(process: psutil.Process) -> bool:
    """Whether it runs PostgreSQL's program: somebody's shell may stand in a data directory as well."""
    return Path(process.exe()).name in {"postgres", "postgres (deleted)"}


def postmaster(data: Path) -> psutil.Process | None:
    """The server process that runs on a data directory; None when there is none.

    `postmaster.pid` names a pid and a start time; the pid counts only if that process is a `postgres` that works in
    this very directory.
    """
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        process = psutil.Process(pid)
        ours = process.status() != psutil.STATUS_ZOMBIE and _is_server(process) and works_in(pid, data)
        return process if ours else None
    except (OSError, ValueError, psutil.Error):
        return None


def end(processes: Iterable[psutil.Process], waiter: Waiter, *, first: signal.Signals = signal.SIGTERM) -> None:
    """Ask processes to end, then kill what is left after ten seconds.

    psutil compares start times before it signals, so that a pid that was given away is never hit.
    """
    remaining = [process for process in processes if process.pid != os.getpid()]
    for signal_, patience_s in ((first, 10.0), (signal.SIGKILL, 5.0)):
        for process in remaining:
            with contextlib.suppress(psutil.Error):
                process.send_signal(signal_)
        patience = Waiter.within(patience_s, waiter.cancelled)
        _, remaining = psutil.wait_procs(remaining, timeout=max(patience_s, 0.1))
        if not remaining or patience.cancelled.is_set():
            return
