"""The PostgreSQL that is installed on this machine."""

from __future__ import annotations

import dataclasses
import functools
import re
import shutil
import subprocess
from pathlib import Path

from localproc.errors import LocalprocError

__all__ = ["OLDEST_MAJOR", "Installation", "data_major", "find", "fitting", "half_made"]

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
    usable = [i for i in found if (i.major == major if major else i.major >= OLDEST_MAJOR)]
    if not usable:
        wanted = f"PostgreSQL {major}" if major else f"PostgreSQL {OLDEST_MAJOR} or newer"
        seen = ", ".join(str(i.major) for i in found) or "none"
        fix = (
            f"install that version's packages (Debian: postgresql-{major})"
            if major
            else "`make setup` installs the newest that the system offers"
        )
        msg = f"{wanted} is not installed (found: {seen}); {fix}"
        raise LocalprocError(msg)
    return usable[-1]


def fitting(major: int, in_use: int) -> Installation:
    """The installation for a cluster: of `major`, else (0) of the data that is there, else (0) the newest.

    A newer version that is installed for something else must not take over the data: it could not read them.

    Raises:
        LocalprocError: the data are of another major than the wanted one, or what is needed is not installed.
    """
    if major and in_use and major != in_use:
        msg = (
            f"PostgreSQL {major} is wanted, but the data are of PostgreSQL {in_use}; a major upgrade is not done in "
            f"place: set `major` to {in_use} or leave it out, and to upgrade, dump the databases, restore them in a "
            f"new stack with `major` {major}"
        )
        raise LocalprocError(msg)
    return find(major or in_use)


def data_major(data: Path) -> int:
    """Major version of the data in a data directory; 0 where there is no database, or none that may be looked at."""
    try:
        return 0 if half_made(data) else int((data / "PG_VERSION").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0


def half_made(data: Path) -> bool:
    """Whether a data directory is what an interrupted `initdb` or base backup left, and so holds nobody's data.

    A base backup copies the control file last. `initdb` writes it early and makes the database `postgres` last, so
    that the templates alone (from PostgreSQL 15 on their oids are 1 and 4) are a database system that was never
    finished. One without `postgres` that has any other database or tablespace is somebody's.
    """
    if not data.is_dir() or not any(data.iterdir()):
        return False
    if not (data / "global" / "pg_control").is_file():
        return True
    databases = {entry.name for entry in (data / "base").glob("[0-9]*")}
    return databases in ({"1"}, {"1", "4"}) and not any((data / "pg_tblspc").glob("*"))


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
