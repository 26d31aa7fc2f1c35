"""Run the stand-in: `python -m rehearsal.operator [--directory FOLDER]`.

The folder is where `servers.json` and `kubeconfig` are; it comes from the environment too, as the plugins read it.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from rehearsal.operator.controllers import Controllers

__all__ = ["main"]

_EVERY_S = 0.25


def main() -> int:
    """Look at the API server's objects again and again, until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.operator", description=__doc__)
    parser.add_argument("--directory", type=Path, default=os.environ.get("FASHION_WALLET_REHEARSAL"))
    words = parser.parse_args()
    if words.directory is None:
        sys.stderr.write("rehearsal.operator: no folder: pass --directory or set FASHION_WALLET_REHEARSAL\n")
        return 2
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ending.set())
    controllers = Controllers.of(Path(words.directory))
    while not ending.wait(_EVERY_S):
        controllers.turn()
    return 0


sys.exit(main())
