"""The PostgreSQL that is installed on this machine."""

from __future__ import annotations

import dataclasses
import functools
import re
import shutil
import subprocess
from pathlib import Path

from localproc.errors import LocalprocError

__all__ = ["OLDEST_MAJOR", "Installation", "find", "half_made"]

OLDEST_MAJOR = 15
DEBIAN_ROOT = Path("/usr/lib/postgresql")
"""Where Debian and Ubuntu put each major's programs: `<root>/<major>/bin`."""


@dataclasses.dataclass(frozen=True)
class Installation:
    """Programs of one major version."""

    major: int
    programs: Path

    @functools.cached_property
    def version(self) -> str:
        """Full version, such as `15.18`."""
        return _version(self.programs / "postgres")

    @functools.cached_property
    def libraries(self) -> Path:
        """The folder of loadable modules."""
        return Path(_pg_config(self.programs, "--pkglibdir"))

    def has_library(self, name: str) -> bool:
        """Whether a library for `shared_preload_libraries` is installed."""
        return (self.libraries / f"{name}.so").is_file()


def find(major: int = 0) -> Installation:
    """The installation of `major`, or the newest one (0), never older than 15.

    Raises:
        LocalprocError: there is none; the text names those that were found.
    """
    found = sorted(_installations(), key=lambda installation: installation.major)
    fitting = [i for i in found if (i.major == major if major else i.major >= OLDEST_MAJOR)]
    if not fitting:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
        seen = ", ".join(str(i.major) for i in found) or "none"
        msg = f"{wanted} is not installed (found: {seen}); `make setup` installs the newest that the system offers"
        raise LocalprocError(msg)
    return fitting[-1]


def half_made(data: Path) -> bool:
    """Whether a data directory is what an interrupted `initdb` or base backup left: files, but no control file."""
    return data.is_dir() and any(data.iterdir()) and not (data / "global" / "pg_control").is_file()


def _installations() -> list[Installation]:
    folders = {path.parent for path in DEBIAN_ROOT.glob("*/bin/postgres")}
    on_path = shutil.which("postgres")
    if on_path:
        folders.add(Path(on_path).resolve().parent)
    found = []
    for folder in folders:
        match = re.match(r"\d+", _version(folder / "postgres"))
        if match:
            found.append(Installation(int(match[0]), folder))
    return found


def _version(program: Path) -> str:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    match = re.search(r"\d+(\.\d+)?", said.stdout)
    return match[0] if match else ""


def _pg_config(programs: Path, option: str) -> str:
    """What pg_config says; Debian ships one for each major only with the server's development files."""
    program = programs / "pg_config"
    if program.is_file():
        said = subprocess.run([program, option], capture_output=True, text=True, check=False)
        return said.stdout.strip()
    return str(programs.parent / "lib")
