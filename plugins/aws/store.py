"""What the stand-in keeps itself because the emulator does not know it: one JSON file a thing.

Several plugin processes (one a provider) use it at one time: a file is replaced as a whole, and `locked` is for
whoever reads, changes and writes.
"""

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from plugins.base import Props, ProviderError

__all__ = ["Store"]

_ONLY_OWNER: Final = 0o700


class Store:
    """Things by kind and id, in a folder that is made when the first one comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, kind: str, id_: str, props: Props) -> None:
        """Keep a thing, or replace it."""
        path = self._path(kind, id_)
        path.parent.mkdir(parents=True, exist_ok=True, mode=_ONLY_OWNER)
        # mkstemp makes it readable by the owner alone: properties may be secret.
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".new")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump({"id": id_, "props": props}, file, indent=1, sort_keys=True)
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def get(self, kind: str, id_: str) -> Props | None:
        """Return a thing, or None where there is none of that id."""
        path = self._path(kind, id_)
        try:
            return dict(_load(path)["props"])
        except FileNotFoundError:
            return None

    def remove(self, kind: str, id_: str) -> None:
        """Forget a thing, which may be gone already."""
        self._path(kind, id_).unlink(missing_ok=True)

    def all(self, kind: str) -> dict[str, Props]:
        """Return all things of a kind by id."""
        found = {}
        for path in sorted(self._of(kind).glob("*.json")):
            try:
                kept = _load(path)
            except FileNotFoundError:  # removed between the listing and this
                continue
            found[kept["id"]] = dict(kept["props"])
        return found

    @contextmanager
    def locked(self, kind: str) -> Iterator[None]:
        """Hold all things of a kind against every other process and thread that does the same."""
        folder = self._of(kind)
        folder.mkdir(parents=True, exist_ok=True, mode=_ONLY_OWNER)
        with (folder / ".lock").open("w", encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def _of(self, kind: str) -> Path:
        return self._folder / "".join(sign if sign.isalnum() or sign in "-_.@" else "_" for sign in kind)

    def _path(self, kind: str, id_: str) -> Path:
        # An id may hold any sign and be longer than a file's name may be.
        return self._of(kind) / f"{hashlib.sha256(id_.encode()).hexdigest()[:32]}.json"


def _load(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except json.JSONDecodeError as error:
        raise ProviderError(f"{path} is not what the stand-in wrote ({error}). Remove the rehearsal's folder") from None
