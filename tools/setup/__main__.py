"""The entry of the Makefile: `tools/python -m tools.setup <target> [words]`."""

import errno
import os
import shlex
import signal
import sys
from types import FrameType

from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Screen
from tools.setup.targets import TARGETS, Run

_INTERRUPTED = 130
_NOBODY_READS = 141


def _end(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main(argv: list[str]) -> int:
    """Run one target and return its exit code."""
    screen = Screen(sys.stdout, os.environ)
    if not argv or argv[0] not in TARGETS:
        screen.line(f"usage: python -m tools.setup {{{','.join(TARGETS)}}} [words]")
        return 2
    name, *more = argv
    os.umask(0o022)  # the servers' user must be able to read what root installs
    signal.signal(signal.SIGTERM, _end)
    try:
        layout = Layout.from_environment(os.environ)
        return TARGETS[name](Run(layout, screen, os.environ, [*shlex.split(os.environ.get("ARGS", "")), *more]))
    except SetupError as error:
        screen.line(f"\nmake {name} stopped: {error.cause}\n\nHow to go on: {error.fix}")
        return error.exit_code
    except KeyboardInterrupt:
        screen.line(f"\nmake {name} was interrupted; run it again and it goes on from here")
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read this is gone; what Python still holds must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS
    except OSError as error:
        fix = "free some disk space" if error.errno == errno.ENOSPC else "put that right"
        screen.line(f"\nmake {name} stopped: {error}\n\nHow to go on: {fix} and run the same command again")
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
