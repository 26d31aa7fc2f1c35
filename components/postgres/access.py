"""What lies inside a database, the same on any substrate: the database, schemas, extensions, roles and grants.

Owns: everything that `grants.py` says. Does not own: tables (migrations make them) and the pooler's own user
(`pooler_access.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_postgresql as postgresql

from components.postgres.cluster import Cluster
from components.postgres.grants import CREATOR, AccessTable, Role, SchemaAccess

__all__ = ["Access", "AccessArgs", "InDatabase", "admin_provider"]

_PUBLIC = "public"  # as a role: every role there is and will be
_CONNECT_TIMEOUT_S = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class InDatabase:
    """Where in-database resources are declared, and the options they all have."""

    name: str
    """Begins the name of every resource."""
    parent: pulumi.Resource
    provider: postgresql.Provider
    server: pulumi.Resource
    """They go with it, so destroying a stack need not drop them one by one (and could not: schemas hold tables)."""

    def options(self) -> pulumi.ResourceOptions:
        """Return the options of one more resource."""
        return pulumi.ResourceOptions(parent=self.parent, provider=self.provider, deleted_with=self.server)


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessArgs:
    """Arguments of `Access`."""

    cluster: Cluster
    provider: postgresql.Provider
    database: str
    table: AccessTable
    extensions: tuple[str, ...]
    passwords: Mapping[str, pulumi.Input[str]]
    """Password of each role of the table that logs in."""
    protect: bool

    def __post_init__(self) -> None:
        """Check what shapes the graph.

        Raises:
            ValueError: a login without a password.
        """
        if missing := set(self.table.logins) - set(self.passwords):
            raise ValueError(f"access to {self.database}: got no password for {sorted(missing)}; pass one for each")


def admin_provider(
    name: str, cluster: Cluster, parent: pulumi.Resource, after: Sequence[pulumi.Resource] = ()
) -> postgresql.Provider:
    """Declare the connection that in-database resources are made through: the writer, as the administrator.

    `after` is what must be there beside the cluster's own `ready`, a network path for example.
    """
    admin = cluster.admin
    certificate = None
    if admin.certificate_file is not None and admin.key_file is not None:
        certificate = postgresql.ProviderClientcertArgs(
            cert=admin.certificate_file, key=admin.key_file, sslinline=True if admin.ca_pem is not None else None
        )
    return postgresql.Provider(
        f"{name}-administrator",
        host=cluster.writer.host,
        port=cluster.writer.port,
        username=admin.username,
        password=None if admin.password is None else pulumi.Output.secret(admin.password),
        database="postgres",
        sslmode="verify-full",
        sslrootcert=admin.ca_file if admin.ca_pem is None else admin.ca_pem,
        clientcert=certificate,
        superuser=cluster.traits.superuser,
        connect_timeout=_CONNECT_TIMEOUT_S,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=[*cluster.ready, *after]),
    )


class Access(pulumi.ComponentResource):
    """A database with its schemas, extensions, roles and grants."""

    database: postgresql.Database
    """Where this makes it; see `Traits.makes_database`."""
    database_name: pulumi.Output[str]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything of the table."""
        super().__init__("fashionwallet:postgres:Access", name, None, opts)
        self._args = args
        self._traits = args.cluster.traits
        self._place = InDatabase(name=name, parent=self, provider=args.provider, server=args.cluster.server)
        if self._traits.makes_database:
            self.database = self._create_database()
            self.database_name = self.database.name
        else:
            self.database_name = pulumi.Output.from_input(args.database)
        self._schemas: dict[str, pulumi.Input[str]] = {
            _PUBLIC: _PUBLIC,
            **{schema: self._create_schema(schema).name for schema in args.table.schemas},
        }
        if self._traits.makes_database:
            self._create_extensions()
        self._roles: dict[str, pulumi.Output[str]] = {}
        for role in args.table.roles:
            self._roles[role.name] = self._create_role(role).name
        self._revoke_from_public()
        self._create_grants()
        self.register_outputs({"database": self.database_name})

    def _create_database(self) -> postgresql.Database:
        return postgresql.Database(
            self._args.database,
            name=self._args.database,
            owner=self._traits.owner,
            encoding="UTF8",
            lc_collate=self._traits.locale,
            lc_ctype=self._traits.locale,
            template="template0",
            opts=pulumi.ResourceOptions.merge(
                self._place.options(), pulumi.ResourceOptions(protect=self._args.protect)
            ),
        )

    def _create_schema(self, schema: str) -> postgresql.Schema:
        return postgresql.Schema(
            f"{self._place.name}-schema-{schema}",
            name=schema,
            database=self.database_name,
            owner=self._traits.owner,
            opts=self._place.options(),
        )

    def _create_extensions(self) -> None:
        for extension in self._args.extensions:
            postgresql.Extension(
                f"{self._place.name}-extension-{extension}",
                name=extension,
                database=self.database_name,
                schema=_PUBLIC,
                opts=self._place.options(),
            )

    def _create_role(self, role: Role) -> postgresql.Role:
        return postgresql.Role(
            f"{self._place.name}-role-{role.name}",
            name=role.name,
            login=role.login,
            password=self._args.passwords[role.name] if role.login else None,
            # Memberships stand here and not in GrantRole, which would fight over them with the role itself.
            roles=[self._roles[group] for group in role.member_of],
            superuser=False,
            create_database=False,
            create_role=False,
            replication=False,
            bypass_row_level_security=False,
            opts=pulumi.ResourceOptions.merge(self._place.options(), self._password_options()),
        )

    def _password_options(self) -> pulumi.ResourceOptions:
        """Where passwords rotate, the declared one is only the first: setting it again would lock clients out."""
        return pulumi.ResourceOptions(ignore_changes=["password"] if self._traits.passwords_rotate else None)

    def _revoke_from_public(self) -> None:
        """Take from PUBLIC what PostgreSQL gives it: connecting, temporary tables, schema public, calling functions."""
        self._grant(_PUBLIC, None, "database", ())
        self._grant(_PUBLIC, _PUBLIC, "schema", ())
        postgresql.DefaultPrivileges(
            f"{self._place.name}-default-public-function",
            database=self.database_name,
            role=_PUBLIC,
            owner=self._roles[CREATOR],
            # For all schemas: PostgreSQL cannot take it away for a single one.
            object_type="function",
            privileges=[],
            opts=self._place.options(),
        )
        # The other databases of the server: whoever may connect there may look around and make temporary tables.
        for database in self._traits.closed_databases:
            self._grant_on_database(f"{database}-public", database, _PUBLIC, ())
        if role := self._traits.replication_role:
            self._grant_on_database(f"postgres-{role}", "postgres", role, ("CONNECT",))

    def _create_grants(self) -> None:
        for line in self._args.table.on_database:
            self._grant(line.role, None, "database", line.privileges)
        for access in self._args.table.in_schemas:
            self._grant(access.role, access.schema, "schema", access.on_schema)
            for kind, privileges in access.on_objects().items():
                self._grant(access.role, access.schema, kind, privileges)
                self._default(access, kind, privileges)

    def _grant(self, role: str, schema: str | None, kind: str, privileges: tuple[str, ...]) -> None:
        """Declare what a role may do with what exists now; on exactly these it has exactly these privileges."""
        where = f"{schema}-{kind}" if schema else kind
        postgresql.Grant(
            f"{self._place.name}-grant-{role}-{where}",
            database=self.database_name,
            role=self._roles.get(role, role),
            schema=self._schemas[schema] if schema else None,
            object_type=kind,
            privileges=list(privileges),
            opts=self._place.options(),
        )

    def _default(self, access: SchemaAccess, kind: str, privileges: tuple[str, ...]) -> None:
        """Declare the same for what migrations make later."""
        postgresql.DefaultPrivileges(
            f"{self._place.name}-default-{access.role}-{access.schema}-{kind}",
            database=self.database_name,
            role=self._roles[access.role],
            owner=self._roles[CREATOR],
            schema=self._schemas[access.schema],
            object_type=kind,
            privileges=list(privileges),
            opts=self._place.options(),
        )

    def _grant_on_database(self, what: str, database: str, role: str, privileges: tuple[str, ...]) -> None:
        postgresql.Grant(
            f"{self._place.name}-grant-{what}-database",
            database=database,
            role=role,
            object_type="database",
            privileges=list(privileges),
            opts=self._place.options(),
        )
