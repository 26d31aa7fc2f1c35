"""Run the emulator: `python -m rehearsal.atlas --port PORT [--directory FOLDER]`.

The folder is where `servers.json` is and the state is kept; it and the API's keys come from the environment too, as
the stand-in of the plugin reads them.
"""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from rehearsal.atlas.server import Emulator

__all__ = ["main"]


def main() -> int:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m rehearsal.atlas", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--directory", type=Path, default=os.environ.get("FASHION_WALLET_REHEARSAL"))
    words = parser.parse_args()
    wanted = ("MONGODB_ATLAS_PUBLIC_KEY", "MONGODB_ATLAS_PRIVATE_KEY")
    missing = [name for name in wanted if not os.environ.get(name)]
    if words.directory is None:
        missing.append("FASHION_WALLET_REHEARSAL (or --directory)")
    if missing:
        sys.stderr.write(f"rehearsal.atlas: not set in the environment: {', '.join(missing)}\n")
        return 2
    emulator = Emulator(Path(words.directory), words.port, os.environ)
    for number in (signal.SIGINT, signal.SIGTERM):
        # From another thread: `shutdown` waits for the loop that this handler interrupts.
        signal.signal(number, lambda *_: threading.Thread(target=emulator.shutdown).start())
    emulator.serve_forever(poll_interval=0.1)
    emulator.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
