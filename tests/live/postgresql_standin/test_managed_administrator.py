"""What the layer declares inside a database, made by an administrator who is no superuser, as on RDS."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pulumi
import pytest

from components.postgres.access import Access, AccessArgs, admin_provider
from components.postgres.cluster import AdminAccess, Endpoint, Traits
from components.postgres.grants import CREATOR, POSTGRES
from plugins.base import ProviderError
from tests.component.graph import Graph, record
from tests.fixtures.scratch_postgres import ScratchPostgres
from tests.fixtures.standin import Made, Plugin, assert_settled, settings

pytestmark = pytest.mark.live

MASTER, MASTER_PASSWORD = "wallet_admin", "made up for the master"
DATABASE = "fashion_wallet"
# Those that RDS lets its administrator create and PostgreSQL only a superuser (pgaudit) are not among them.
EXTENSIONS = ("hstore", "pg_trgm", "uuid-ossp")


@dataclass
class ManagedCluster:
    """A cluster as a managed service gives it."""

    server: pulumi.Resource
    writer: Endpoint = field(default_factory=lambda: Endpoint("db.example", 5432))
    reader: Endpoint = field(default_factory=lambda: Endpoint("db.example", 5432))
    admin: AdminAccess = field(
        default_factory=lambda: AdminAccess(username=MASTER, ca_file="/ca.pem", password=MASTER_PASSWORD)
    )
    traits: Traits = field(default_factory=lambda: Traits(owner=MASTER, superuser=False, passwords_rotate=True))
    ready: tuple[pulumi.Resource, ...] = ()


def declared() -> Graph:
    def declare() -> dict[str, object]:
        cluster = ManagedCluster(pulumi.ComponentResource("test:index:Server", "server"))
        access = Access(
            "postgres",
            AccessArgs(
                cluster=cluster,
                provider=admin_provider("postgres", cluster, cluster.server),
                database=DATABASE,
                table=POSTGRES,
                extensions=EXTENSIONS,
                passwords={login: f"first password of {login}" for login in POSTGRES.logins},
                protect=False,
            ),
        )
        return {"database": access.database.name}

    return record(declare)


@pytest.fixture(scope="module")
def administrator(server: ScratchPostgres) -> Plugin:
    server.sql(f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB PASSWORD '{MASTER_PASSWORD}'")
    for database in ("postgres", "template1"):
        server.sql(f"ALTER DATABASE {database} OWNER TO {MASTER}")
    plugin = Plugin(server)
    login = {"username": MASTER, "password": MASTER_PASSWORD, "superuser": False}
    plugin.config = plugin.provider.configure({**settings(server), **login})
    return plugin


@pytest.fixture(scope="module")
def made(server: ScratchPostgres, administrator: Plugin) -> Iterator[dict[str, Made]]:
    """Make everything in the order in which it was registered, which is that of the engine."""
    nodes = [node for node in declared().nodes.values() if node.type.startswith("postgresql:") and node.custom]
    yield {node.name: administrator.create(node.kind, **node.inputs) for node in nodes}
    server.sql(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def test_everything_is_made_and_nothing_is_left_to_do(made: dict[str, Made]) -> None:
    assert len(made) > 50
    for one in made.values():
        assert_settled(one)


def test_the_administrator_belongs_to_nobody_afterwards(server: ScratchPostgres, made: dict[str, Made]) -> None:
    joined = "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole AND NOT admin_option"
    assert server.sql(joined, "postgres", MASTER) == [(0,)]
    owner = "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s"
    assert server.sql(owner, "postgres", DATABASE) == [(MASTER,)]


def test_what_migrations_make_is_granted_and_stays_so(server: ScratchPostgres, made: dict[str, Made]) -> None:
    with server.connect(DATABASE, CREATOR, f"first password of {CREATOR}") as migration:
        migration.execute("CREATE TABLE avatar.looks (id int)")
        migration.execute("CREATE FUNCTION avatar.f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    for one in made.values():
        assert_settled(one)
    with server.connect(DATABASE, "avatar_service", "first password of avatar_service") as service:
        service.execute("INSERT INTO avatar.looks VALUES (1)")
    server.sql("REVOKE INSERT ON avatar.looks FROM avatar_service", DATABASE)
    drifted = {name for name, one in made.items() if one.mend()}
    assert drifted == {"postgres-grant-avatar_service-avatar-table"}
    with (
        server.connect(DATABASE, "catalog_service", "first password of catalog_service") as other,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        other.execute("SELECT * FROM avatar.looks")


def test_nobody_but_the_administrator_may_connect_to_the_server_s_own_databases(
    server: ScratchPostgres, made: dict[str, Made]
) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            server.connect(database, "avatar_service", "first password of avatar_service")


def test_a_login_s_own_rotation_is_no_drift(server: ScratchPostgres, made: dict[str, Made]) -> None:
    with server.connect(DATABASE, "design_service", "first password of design_service") as service:
        service.execute("ALTER ROLE design_service PASSWORD 'rotated by its owner'")
    assert_settled(made["postgres-role-design_service"])
    server.connect(DATABASE, "design_service", "rotated by its owner").close()


def test_attributes_change_in_place_and_those_of_superusers_are_refused(
    administrator: Plugin, server: ScratchPostgres, unique: str
) -> None:
    role = administrator.create("Role", name=unique, login=False)
    role.update(login=True, connectionLimit=5)
    assert_settled(role)
    with pytest.raises(ProviderError, match="superuser"):
        role.update(superuser=True)
    server.sql(f"CREATE DATABASE {unique} OWNER {unique}")
    given = administrator.create("Database", name=f"{unique}_b", owner=unique)
    assert_settled(given)
    given.update(owner=MASTER)
    assert_settled(given)
    given.delete()
    server.sql(f"DROP DATABASE {unique}")
    role.delete()
