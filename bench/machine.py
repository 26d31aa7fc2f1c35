"""On what and under which load a figure was measured: without it no figure can be compared with another."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from localproc import mongod_program, postgres
from localproc.programs import find_program

__all__ = ["conditions"]

_PROJECT = Path(__file__).resolve().parents[1]
_LOAD_OVER_S = 2.0


def conditions(note: str) -> dict[str, Any]:
    """Time, machine, versions and the load before the benchmark adds its own. Takes two seconds.

    Args:
        note: What else is known of the circumstances, in the words of whoever runs it.
    """
    return {
        "measured_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "machine": {
            "cores": psutil.cpu_count(),
            "processor": _processor(),
            "memory_mib": psutil.virtual_memory().total >> 20,
            "system": _system(),
            "kernel": platform.release(),
        },
        "versions": {
            "python": platform.python_version(),
            "pulumi": _version([str(_PROJECT / ".engine" / "pulumi"), "version"]),
            "postgresql": postgres.find().version,
            "patroni": importlib.metadata.version("patroni"),
            "etcd": _version([find_program("etcd"), "--version"]),
            "haproxy": _version([find_program("haproxy"), "-v"]),
            "pgbouncer": _version([find_program("pgbouncer"), "--version"]),
            "mongod": mongod_program.find().version,
            "pymongo": importlib.metadata.version("pymongo"),
        },
        "before": {
            "load_average_1min": round(psutil.getloadavg()[0], 2),
            "cpu_percent_of_others": psutil.cpu_percent(_LOAD_OVER_S),
        },
        "note": note,
    }


def _version(command: Sequence[str]) -> str:
    """The first number of at least two parts that a program prints about itself, empty where it prints none."""
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"\d+(?:\.\d+)+", said.stdout + said.stderr)
    return found[0] if found else ""


def _processor() -> str:
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return found[1] if found else platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    except OSError:
        return platform.system()
