"""Parameters of postgresql.conf, judged by the PostgreSQL that will read them, before anything is changed.

Patroni leaves out what it does not know or cannot read, and notes that in its log alone. PostgreSQL's own program reads
a parameter as the server does, with units, choices and all, without a data directory and even as root (`postgres -C`).
"""

from __future__ import annotations

import difflib
import functools
import re
import subprocess
from collections.abc import Collection, Mapping
from pathlib import Path

from localproc.postgres import Installation

__all__ = ["refused"]

_WORDS = {"BOOLEAN": "on or off", "INTEGER": "a whole number", "REAL": "a number"}


def refused(
    parameters: Mapping[str, str], installation: Installation, libraries: Collection[str] = ()
) -> dict[str, str]:
    """Name → why, with what is allowed, of each parameter that this PostgreSQL would not take.

    Of a library's parameter (`library.name`) only the library is judged, since PostgreSQL takes any name and value
    until it has loaded it: it must be one of `libraries`, which are preloaded, or be installed.
    """
    found = {
        name: reason
        for name in parameters
        if "." in name and (reason := _unknown_library(name.split(".")[0], installation, libraries))
    }
    own = tuple(sorted((name, value) for name, value in parameters.items() if "." not in name))
    if own and _complaint(installation.programs, own):
        for pair in own:
            if complaint := _complaint(installation.programs, (pair,)):
                found[pair[0]] = complaint + _allowed(pair[0], complaint, installation)
    return found


def _unknown_library(library: str, installation: Installation, libraries: Collection[str]) -> str:
    if library in libraries or installation.has_library(library):
        return ""
    return f"no library {library} is installed{_nearest(library, libraries)}"


def _allowed(name: str, complaint: str, installation: Installation) -> str:
    known = _known(installation.programs)
    if name not in known:
        return _nearest(name, known) if complaint.startswith("unrecognized") else ""
    kind, least, most = known[name]
    if kind not in _WORDS or "HINT" in complaint or "valid range" in complaint:
        return ""
    # PostgreSQL names a parameter's units only where it is given a wrong one.
    units = _complaint(installation.programs, ((name, "0 nounit"),)).partition("HINT: ")[2]
    return (
        f"; allowed is {_WORDS[kind]}" + (f" from {least} to {most}" if least else "") + (f". {units}" if units else "")
    )


def _nearest(name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, 1)
    return f"; is {near[0]} meant?" if near else ""


@functools.cache
def _complaint(programs: Path, parameters: tuple[tuple[str, str], ...]) -> str:
    """What PostgreSQL says against the first parameter that it refuses; empty when it takes all."""
    options = [word for name, value in parameters for word in ("-c", f"{name}={value}")]
    # No configuration but these, and `-C` comes first: only then may root run it.
    command = [f"{programs}/postgres", "-C", "block_size", "-D", f"{programs}", "-c", "config_file=/dev/null", *options]
    done = subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return ""
    said = re.findall(r"(?:FATAL|(DETAIL|HINT)):  (.*)", done.stderr)
    return "; ".join(f"{label}: {text}" if label else text for label, text in said) or done.stderr.strip()


@functools.cache
def _known(programs: Path) -> dict[str, tuple[str, str, str]]:
    """Parameter → type, least and most, of those that may stand in postgresql.conf."""
    command = [f"{programs}/postgres", "--describe-config"]
    said = subprocess.run(command, env={"LC_ALL": "C"}, capture_output=True, text=True, check=False).stdout
    rows = [line.split("\t") for line in said.splitlines()]
    # Name, context, group, type, default, least, most, descriptions.
    return {row[0].lower(): (row[3], row[5], row[6]) for row in rows}
