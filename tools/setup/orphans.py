"""Helpers of an engine that was killed: the language host (3.78.1) does not notice and would stay for ever."""

import contextlib
import os
import signal
from pathlib import Path

from tools.setup.layout import Layout

__all__ = ["end"]


def end(layout: Layout, proc: Path = Path("/proc")) -> list[int]:
    """End the language hosts of this project's engine whose engine is gone; return their pids.

    A process is one of them when it runs that very program file and init, or whoever adopts orphans here, has become
    its parent.
    """
    program = layout.engine_link.resolve() / "pulumi-language-python"
    ended = []
    for folder in proc.iterdir():
        if not folder.name.isdecimal():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):
            if (folder / "exe").readlink() != program:
                continue
            parent = (folder / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1]
            if _program(proc / parent) != "pulumi":
                os.kill(int(folder.name), signal.SIGTERM)
                ended.append(int(folder.name))
    return ended


def _program(folder: Path) -> str:
    """Name of the program that a process runs; empty where even root may not look, as at some machines' init."""
    try:
        return (folder / "exe").readlink().name
    except OSError:
        return ""
