"""Where a local stack keeps its files."""

import os
from collections.abc import Mapping
from pathlib import Path

from settings.model import LocalSettings

__all__ = ["home", "stack_directory"]


def home(environment: Mapping[str, str], *, root: bool) -> Path:
    """Return the project's home folder.

    `FASHION_WALLET_HOME` where it is set; else `/var/lib/fashion-wallet` for root, else the user's data folder
    (XDG base directories), so that an ordinary user needs no rights.
    """
    if configured := environment.get("FASHION_WALLET_HOME"):
        return Path(configured).expanduser().absolute()
    if root:
        return Path("/var/lib/fashion-wallet")
    data = environment.get("XDG_DATA_HOME") or Path(environment.get("HOME", "~")).expanduser() / ".local" / "share"
    return Path(data) / "fashion-wallet"


def stack_directory(local: LocalSettings, stack: str) -> Path:
    """Return the folder of all a stack keeps: the configured one, else `stacks/<stack>` below the home folder."""
    if local.directory is not None:
        return local.directory
    return home(os.environ, root=os.geteuid() == 0) / "stacks" / stack
