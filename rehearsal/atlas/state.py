"""What the emulator knows: in memory, and in one file that a restart reads."""

import json
import secrets
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["State", "new_id", "now", "timestamp"]

Document = dict[str, Any]


class State:
    """Projects by id, with all that is in each; `lock` is held by whoever reads or changes."""

    def __init__(self, path: Path) -> None:
        """Read the file where there is one."""
        self.lock = threading.RLock()
        self._path = path
        self.groups: dict[str, Document] = {}
        if path.is_file():
            self.groups = json.loads(path.read_text(encoding="utf-8"))["groups"]

    def save(self) -> None:
        """Write the file as a whole, so that a kill leaves the one before or this one."""
        text = json.dumps({"groups": self.groups}, indent=1, sort_keys=True)
        new = self._path.with_suffix(".new")
        new.write_text(text, encoding="utf-8")
        new.replace(self._path)


def new_id() -> str:
    """Return an id as Atlas makes them: seconds, then what makes it unique, in 24 hexadecimal digits."""
    return f"{int(time.time()):08x}{secrets.token_hex(8)}"


def now() -> float:
    """Return the seconds since the epoch."""
    return time.time()


def timestamp() -> str:
    """Return the time as Atlas writes it."""
    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
