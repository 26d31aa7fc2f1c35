"""Options that several commands share, and loading what they point to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from walletdb.collect import DEFAULT_DEADLINE_S
from walletdb.config import Config, find_config, load_config

__all__ = ["ClusterName", "ConfigFile", "DeadlineSeconds", "Json", "Stack", "load"]

Stack = Annotated[str, typer.Option(metavar="NAME", help="The stack whose file in the home folder is read.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Read this walletdb.json.")]
ClusterName = Annotated[str, typer.Option("--cluster", metavar="NAME", help="The cluster meant.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON; docs/reference/walletdb.md lists the fields.")]
DeadlineSeconds = Annotated[
    float,
    typer.Option("--deadline", metavar="SECONDS", min=0.5, max=60, help="Longest time for each probe."),
]

DEFAULT_STACK = "dev"
DEFAULT_CLUSTER = "postgres"
DEFAULT_DEADLINE = DEFAULT_DEADLINE_S


def load(chosen: Path | None, stack: str) -> tuple[Path, Config]:
    """Find and read the configuration.

    Raises:
        ConfigError: see `find_config` and `load_config`.
    """
    path = find_config(chosen, stack)
    return path, load_config(path)
