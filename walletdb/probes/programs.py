"""Versions of programs that say theirs nowhere on the wire: HAProxy and PgBouncer, as installed on this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

from walletdb.deadline import Deadline
from walletdb.errors import ProbeError

__all__ = ["installed_version", "parse_version"]

_PATH = f"{os.defpath}:/usr/sbin:/usr/local/sbin"
"""Servers lie in sbin, which is not on every user's PATH."""


def installed_version(program: str, flag: str, deadline: Deadline) -> str:
    """Ask the installed program, which after an upgrade may be newer than the one that runs.

    Raises:
        ProbeError: it is not installed, or says no version.
    """
    found = shutil.which(program) or shutil.which(program, path=_PATH)
    if found is None:
        raise ProbeError(f"{program} is not installed here")
    try:
        done = subprocess.run(
            [found, flag], capture_output=True, text=True, check=False, timeout=deadline.remaining_s(), errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProbeError(f"{found} {flag}: {error}") from error
    return parse_version(done.stdout + done.stderr)


def parse_version(text: str) -> str:
    """The first version number in a program's answer.

    Raises:
        ProbeError: there is none.
    """
    found = re.search(r"\d+\.\d+(?:\.\d+)?", text)
    if found is None:
        raise ProbeError(f"no version in {text[:80]!r}")
    return found.group()
