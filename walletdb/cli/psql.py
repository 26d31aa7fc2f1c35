"""`walletdb psql`: psql as the superuser, by certificate, through the writer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Annotated

import typer

from walletdb.cli.options import DEFAULT_CLUSTER, DEFAULT_STACK, ClusterName, ConfigFile, Stack, load
from walletdb.config import Cluster, Config
from walletdb.errors import UsageError, WalletdbError

__all__ = ["psql", "psql_environment"]

_ROLE_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")


def psql(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="-- PSQL_ARGUMENTS", help="For psql.", show_default=False)
    ] = None,
    *,
    cluster: ClusterName = DEFAULT_CLUSTER,
    role: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="Act with this role's privileges (SET ROLE), without its password."),
    ] = None,
    stack: Stack = DEFAULT_STACK,
    config: ConfigFile = None,
) -> None:
    """Open psql as the superuser postgres on the leader, by client certificate: no password anywhere.

    What follows -- goes to psql as it is.

    \b
    Examples:
      walletdb psql
      walletdb psql --role avatar_service -- -c 'SELECT current_user'
      walletdb psql --cluster timescale -- -At -c 'SELECT 1'

    Exit code: psql's; 1 when psql is not installed, 2 wrong usage or no configuration.
    """  # noqa: D301 - \b is typer's mark for "do not wrap this"
    _, loaded = load(config, stack)
    environment = psql_environment(os.environ, loaded, loaded.cluster(cluster), role)
    program = shutil.which("psql")
    if program is None:
        raise WalletdbError("psql is not on PATH", fix="apt-get install postgresql-client")
    os.execve(program, ["psql", *(arguments or [])], environment)  # noqa: S606 - psql takes this process's place


def psql_environment(
    inherited: Mapping[str, str], config: Config, cluster: Cluster, role: str | None
) -> dict[str, str]:
    """The environment for psql: where and how to connect. What is inherited of PG… is dropped, a password first of all.

    Raises:
        UsageError: `role` is no plain role name (it becomes part of the server's options).
    """
    if role is not None and not (role and set(role) <= _ROLE_CHARACTERS):
        raise UsageError("no such role name", got=role, allowed="a-z, 0-9 and _", fix="--role operator")
    kept = {name: value for name, value in inherited.items() if not name.startswith("PG")}
    return kept | {
        "PGHOST": cluster.writer.host,
        "PGPORT": str(cluster.writer.port),
        "PGDATABASE": cluster.database,
        "PGUSER": "postgres",
        "PGSSLMODE": "verify-full",
        "PGSSLROOTCERT": str(config.ca_file),
        "PGSSLCERT": str(config.client_certificate),
        "PGSSLKEY": str(config.client_key),
        "PGSSLMINPROTOCOLVERSION": "TLSv1.3",
        "PGGSSENCMODE": "disable",
        "PGAPPNAME": "walletdb psql",
        **({"PGOPTIONS": f"-c role={role}"} if role else {}),
    }
