"""`walletdb status` and `walletdb health`: the same facts, long and short."""

from __future__ import annotations

import json
import sys
import time
from typing import Annotated

import typer

from walletdb.cli.options import DEFAULT_DEADLINE, DEFAULT_STACK, ConfigFile, DeadlineSeconds, Json, Stack, load
from walletdb.collect import collect
from walletdb.render import health_lines, print_health, print_report
from walletdb.report import SCHEMA, Report, to_json

__all__ = ["health", "status"]

_CLEAR = "\x1b[2J\x1b[H"


def status(
    *,
    stack: Stack = DEFAULT_STACK,
    config: ConfigFile = None,
    as_json: Json = False,
    watch: Annotated[
        float | None, typer.Option(metavar="SECONDS", min=0.5, help="Look again after SECONDS, until Ctrl-C.")
    ] = None,
    deadline: DeadlineSeconds = DEFAULT_DEADLINE,
) -> None:
    """Show everything: members, ways in, etcd, processes, certificates, settings, versions and what is wrong.

    Asks all servers at once; one that does not answer within the deadline is shown as such, the others in full.

    \b
    Examples:
      walletdb status
      walletdb status --watch 2
      walletdb status --json | jq '.problems[] | .part + ": " + .text'

    Exit code: 0 all is well (notices may be there), 1 degraded or down, 2 wrong usage or no configuration.
    """  # noqa: D301 - \b is typer's mark for "do not wrap this"
    path, loaded = load(config, stack)
    report = collect(loaded, path, deadline)
    if watch is None:
        _show(report, as_json=as_json)
    else:
        try:
            while True:
                _show(report, as_json=as_json, again=True)
                time.sleep(watch)
                report = collect(loaded, path, deadline)
        except KeyboardInterrupt:
            pass  # the end of a watch is no failure; the exit code is that of the last look
    raise typer.Exit(_exit_code(report))


def health(
    *,
    stack: Stack = DEFAULT_STACK,
    config: ConfigFile = None,
    as_json: Json = False,
    deadline: DeadlineSeconds = DEFAULT_DEADLINE,
) -> None:
    """Print one line for each part: ok, degraded or down, the part, and what is wrong with it. For probes.

    \b
    Examples:
      walletdb health
      walletdb health --deadline 1 > /dev/null || alert
      walletdb health --json | jq -r .verdict

    Exit code: as for status.
    """  # noqa: D301 - as above
    path, loaded = load(config, stack)
    report = collect(loaded, path, deadline)
    if as_json:
        parts = [{"state": state, "part": part, "text": text} for state, part, text in health_lines(report)]
        typer.echo(json.dumps({"schema": SCHEMA, "stack": report.stack, "verdict": report.verdict, "parts": parts}))
    else:
        print_health(report, sys.stdout)
    raise typer.Exit(_exit_code(report))


def _show(report: Report, *, as_json: bool, again: bool = False) -> None:
    if as_json:
        typer.echo(json.dumps(to_json(report), indent=None if again else 2))  # a watch gives one line for each look
    else:
        if again and sys.stdout.isatty():
            typer.echo(_CLEAR, nl=False)
        print_report(report, sys.stdout)
        if again:
            typer.echo()
    sys.stdout.flush()


def _exit_code(report: Report) -> int:
    return 0 if report.verdict == "ok" else 1
