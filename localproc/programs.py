"""Where the servers' programs lie."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess

from localproc.errors import LocalprocError

__all__ = ["find_program", "said_version"]

SYSTEM_FOLDERS = "/usr/sbin:/usr/local/sbin:/sbin"
"""Debian keeps servers in folders that an ordinary user's PATH lacks."""


def find_program(name: str) -> str:
    """Absolute path of an installed program.

    Raises:
        LocalprocError: it is not installed.
    """
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}")
    if not found:
        msg = f"{name} is not installed; `make setup` installs it from the system's packages"
        raise LocalprocError(msg)
    return found


@functools.cache
def said_version(name: str, option: str, pattern: str) -> str:
    """What an installed program says its version is: the pattern's first group, empty where it does not match."""
    said = subprocess.run([find_program(name), option], capture_output=True, text=True, check=False)
    match = re.search(pattern, said.stdout)
    return match[1] if match else ""
