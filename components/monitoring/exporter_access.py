"""The login of the exporter that looks inside a database: it may read statistics, and no table.

Owns: the role and its grants. Does not own: the exporter (`exporter.py`), the password.
"""

from dataclasses import dataclass

import pulumi
import pulumi_postgresql as postgresql

from components.postgres.access import InDatabase
from components.postgres.cluster import Cluster

__all__ = ["EXPORTER", "ExporterLogin", "ExporterLoginArgs"]

EXPORTER = "postgres_exporter"


@dataclass(frozen=True, kw_only=True, slots=True)
class ExporterLoginArgs:
    """Arguments of `ExporterLogin`."""

    cluster: Cluster
    provider: postgresql.Provider
    database: pulumi.Input[str]
    password: pulumi.Input[str]


class ExporterLogin(pulumi.ComponentResource):
    """A member of `pg_monitor` that may connect."""

    role: postgresql.Role

    def __init__(self, name: str, args: ExporterLoginArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the role and its grants."""
        super().__init__("fashionwallet:monitoring:ExporterLogin", name, None, opts)
        place = InDatabase(name=name, parent=self, provider=args.provider, server=args.cluster.server)
        self.role = postgresql.Role(
            f"{name}-role",
            name=EXPORTER,
            login=True,
            password=args.password,
            roles=["pg_monitor"],
            superuser=False,
            create_database=False,
            create_role=False,
            replication=False,
            bypass_row_level_security=False,
            opts=place.options(),
        )
        postgresql.Grant(
            f"{name}-connect",
            database=args.database,
            role=self.role.name,
            object_type="database",
            privileges=["CONNECT"],
            opts=place.options(),
        )
        # Extensions are in that schema, and it calls pgstattuple's functions.
        postgresql.Grant(
            f"{name}-public",
            database=args.database,
            role=self.role.name,
            schema="public",
            object_type="schema",
            privileges=["USAGE"],
            opts=place.options(),
        )
        self.register_outputs({})
