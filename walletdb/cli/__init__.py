"""The command `walletdb`: thin over the library; each module here holds the commands of one kind."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from walletdb import __version__
from walletdb.cli import control, psql, status
from walletdb.errors import WalletdbError

__all__ = ["app", "main"]

app = typer.Typer(
    name="walletdb",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("status")(status.status)
app.command("health")(status.health)
app.command("failover")(control.failover)
app.command("switchover")(control.switchover)
app.command("psql")(psql.psql)


def main(arguments: list[str] | None = None) -> None:
    """Run the command with `arguments` (default: the process's) and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 gets "?" instead of a traceback
    try:
        app(arguments, prog_name="walletdb")
    except WalletdbError as error:
        typer.echo(f"walletdb: {error}", err=True)
        sys.exit(error.exit_code)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"walletdb {__version__}")
        raise typer.Exit


@app.callback()
def _walletdb(
    *,
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Look at and steer the databases of a Fashion Wallet stack.

    Reads the stack's walletdb.json (--config FILE, else WALLETDB_CONFIG, else the file of --stack in the home folder)
    and connects by client certificate over TLS 1.3.

    Exit codes: 0 all is well, 1 something is not, 2 wrong usage or no configuration.
    """
