"""Files and folders that belong to the servers' user."""

import os
from pathlib import Path

from localproc.layout import Owner

__all__ = ["owned_folder", "secret_file"]


def owned_folder(path: Path, owner: Owner, mode: int = 0o700) -> Path:
    """Make a folder of the owner's; its parent must be there."""
    path.mkdir(mode=mode)
    if owner.drops:
        os.chown(path, owner.uid, owner.gid)
    return path


def secret_file(path: Path, text: str, owner: Owner | None = None) -> Path:
    """Write a file that its owner alone reads."""
    path.touch(0o600)
    path.write_text(text, encoding="utf-8")
    if owner is not None and owner.drops:
        os.chown(path, owner.uid, owner.gid)
    return path
