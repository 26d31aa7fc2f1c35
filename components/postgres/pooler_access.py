"""How a pooler learns password verifiers, the same on any substrate that has one.

Owns: the role `pgbouncer` (it logs in with a certificate and has no password), the schema and the one function it may
call. A pooler needs these and nothing else in the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_postgresql as postgresql

from components.postgres.access import InDatabase
from components.postgres.cluster import Cluster
from components.postgres.grants import OWNER

__all__ = ["AUTH_QUERY", "AUTH_USER", "LOOKUP_BODY", "PoolerAccess", "PoolerAccessArgs"]

AUTH_USER = "pgbouncer"
AUTH_QUERY = "SELECT username, password FROM pgbouncer.get_auth($1)"

# Runs as its owner, so nothing in it may be looked up along the caller's search_path, operators included.
# Superusers and replication never come through the pooler; a password past its date lets nobody in.
LOOKUP_BODY = """\
SELECT usename::pg_catalog.text, passwd::pg_catalog.text
FROM pg_catalog.pg_shadow
WHERE usename OPERATOR(pg_catalog.=) wanted
  AND NOT usesuper
  AND NOT userepl
  AND (valuntil IS NULL OR valuntil OPERATOR(pg_catalog.>) pg_catalog.now())"""
"""What the look-up does; it has no quote in it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PoolerAccessArgs:
    """Arguments of `PoolerAccess`."""

    cluster: Cluster
    provider: postgresql.Provider
    database: postgresql.Database


class PoolerAccess(pulumi.ComponentResource):
    """The pooler's user and what it may do."""

    needed: Sequence[pulumi.Resource]
    """What must be there before a pooler can let anybody in."""

    def __init__(self, name: str, args: PoolerAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the user, the function and the grants."""
        super().__init__("fashionwallet:postgres:PoolerAccess", name, None, opts)
        self._place = InDatabase(name=name, parent=self, provider=args.provider, server=args.cluster.server)
        self._database = args.database.name
        role = self._create_role()
        schema = self._create_schema()
        function = self._create_function(schema)
        self.needed = (role, schema, function, *self._create_grants(role, schema, function))
        self.register_outputs({"role": role.name})

    def _create_role(self) -> postgresql.Role:
        return postgresql.Role(
            f"{self._place.name}-role-{AUTH_USER}",
            name=AUTH_USER,
            login=True,
            superuser=False,
            create_database=False,
            create_role=False,
            replication=False,
            bypass_row_level_security=False,
            opts=self._place.options(),
        )

    def _create_schema(self) -> postgresql.Schema:
        return postgresql.Schema(
            f"{self._place.name}-schema-{AUTH_USER}",
            name=AUTH_USER,
            database=self._database,
            owner=OWNER,
            opts=self._place.options(),
        )

    def _create_function(self, schema: postgresql.Schema) -> postgresql.Function:
        return postgresql.Function(
            f"{self._place.name}-function-get_auth",
            name="get_auth",
            database=self._database,
            schema=schema.name,
            args=[postgresql.FunctionArgArgs(name="wanted", type="text")],
            returns="TABLE(username text, password text)",
            language="sql",
            volatility="STABLE",
            security_definer=True,
            body=LOOKUP_BODY,
            opts=self._place.options(),
        )

    def _create_grants(
        self, role: postgresql.Role, schema: postgresql.Schema, function: postgresql.Function
    ) -> list[pulumi.Resource]:
        after = pulumi.ResourceOptions(depends_on=[function])
        wanted: list[tuple[pulumi.Input[str], str, str, tuple[str, ...]]] = [
            (role.name, AUTH_USER, "database", ("CONNECT",)),
            (role.name, AUTH_USER, "schema", ("USAGE",)),
            (role.name, AUTH_USER, "function", ("EXECUTE",)),
            ("public", "public", "function", ()),
        ]
        return [
            postgresql.Grant(
                f"{self._place.name}-grant-{label}-{kind}",
                database=self._database,
                role=who,
                schema=None if kind == "database" else schema.name,
                object_type=kind,
                privileges=list(privileges),
                opts=pulumi.ResourceOptions.merge(self._place.options(), after),
            )
            for who, label, kind, privileges in wanted
        ]
