"""The process of the plugins, from outside: start it, know its ports, end it."""

from __future__ import annotations

import contextlib
import importlib.metadata
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["PACKAGES", "serving"]

PACKAGES = {
    "aws": "pulumi-aws",
    "mongodbatlas": "pulumi-mongodbatlas",
    "kubernetes": "pulumi-kubernetes",
    "postgresql": "pulumi-postgresql",
    "walletdb": "",
}
"""Provider → its SDK."""

_PROJECT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def serving() -> Iterator[str]:
    """The plugins while they run, as the value of `PULUMI_DEBUG_PROVIDERS`.

    Raises:
        RuntimeError: the process ended before it said where it listens.
    """
    versions = [f"{name}={importlib.metadata.version(sdk) if sdk else '0.1.0'}" for name, sdk in PACKAGES.items()]
    with subprocess.Popen(
        [sys.executable, "-m", "bench.echo", *versions],
        cwd=_PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            ports = process.stdout.readline().strip() if process.stdout else ""
            if not ports:
                raise RuntimeError(f"bench.echo ended with {process.wait()} before it listened")
            yield ports
        finally:
            process.kill()
