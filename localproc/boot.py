"""Brings a stack's servers back after a reboot, or stops them: `python -m localproc.boot [--stop|--remove] DIRECTORY`.

It needs nothing but the stack's own folder. A folder that does not exist is nothing to do.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from localproc.errors import LocalprocError
from localproc.layout import StackDirectory
from localproc.supervisor import Supervisor
from localproc.waiting import Waiter

__all__ = ["main"]

PATIENCE_S = 120


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0: it is as asked for; 1: it is not, and the text says why."""
    parser = argparse.ArgumentParser(
        prog="python -m localproc.boot",
        description="Start the servers of a local stack again, as after a reboot.",
        epilog="examples:\n  python -m localproc.boot DIRECTORY\n  python -m localproc.boot --stop DIRECTORY",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--stop", action="store_true", help="stop every server and keep the data")
    group.add_argument("--remove", action="store_true", help="stop every server and remove the folder WITH ALL DATA")
    parser.add_argument("--stack", metavar="NAME", help="refuse a folder that belongs to another stack")
    parser.add_argument("directory", type=Path, help="the stack's folder")
    options = parser.parse_args(arguments)
    if not options.directory.exists():
        return 0
    try:
        directory = StackDirectory.open(options.directory, options.stack)
        supervisor = Supervisor(directory)
        waiter = Waiter.within(PATIENCE_S)
        if options.stop or options.remove:
            supervisor.stop(waiter)
            if options.remove:
                directory.remove()
        elif supervisor.configuration.is_file():
            supervisor.start(waiter)
    except (LocalprocError, OSError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
