"""Who may do what: the resources against the table, and the table against the specification."""

import json
from pathlib import Path

import pytest

from components.postgres.access_reference import page
from components.postgres.grants import CREATOR, POSTGRES, TIMESCALE, AccessTable, DatabaseAccess, Role, SchemaAccess
from tests.component.graph import Graph, Node, layer

TABLES = {"postgres": ("fashion_wallet", POSTGRES), "timescale": ("fashion_wallet_metrics", TIMESCALE)}
SERVICES = {"avatar_service": "avatar", "catalog_service": "catalog", "design_service": "design"}
Granted = dict[tuple[str, str | None, str], set[str]]


def _inside(graph: Graph, kind: str, database: str) -> list[Node]:
    return [node for node in graph.of(kind).values() if node.inputs.get("database") == database]


def _granted(nodes: list[Node]) -> Granted:
    granted: Granted = {}
    for node in nodes:
        key = (node.inputs["role"], node.inputs.get("schema"), node.inputs["objectType"])
        assert key not in granted, f"two owners of {key}"
        granted[key] = set(node.inputs["privileges"])
    return granted


@pytest.mark.parametrize("cluster", TABLES)
def test_grants_are_those_of_the_table_and_no_others(cluster: str) -> None:
    database, table = TABLES[cluster]
    expected: Granted = {("public", None, "database"): set(), ("public", "public", "schema"): set()}
    expected |= {(line.role, None, "database"): set(line.privileges) for line in table.on_database}
    for line in table.in_schemas:
        expected[line.role, line.schema, "schema"] = set(line.on_schema)
        expected |= {(line.role, line.schema, kind): set(some) for kind, some in line.on_objects().items()}
    expected |= {
        ("pgbouncer", None, "database"): {"CONNECT"},
        ("pgbouncer", "pgbouncer", "schema"): {"USAGE"},
        ("pgbouncer", "pgbouncer", "function"): {"EXECUTE"},
        ("public", "pgbouncer", "function"): set(),
    }
    assert _granted(_inside(layer(), "Grant", database)) == expected


@pytest.mark.parametrize("cluster", TABLES)
def test_what_migrations_make_later_is_granted_the_same_way(cluster: str) -> None:
    database, table = TABLES[cluster]
    nodes = _inside(layer(), "DefaultPrivileges", database)
    assert {node.inputs["owner"] for node in nodes} == {CREATOR}
    expected: Granted = {("public", None, "function"): set()}
    for line in table.in_schemas:
        expected |= {(line.role, line.schema, kind): set(some) for kind, some in line.on_objects().items()}
    assert _granted(nodes) == expected


@pytest.mark.parametrize("database", ["postgres", "template1"])
def test_nobody_may_connect_to_the_servers_own_databases(database: str) -> None:
    granted = _granted([node for node in _inside(layer(), "Grant", database) if node.name.startswith("postgres-")])
    assert granted.pop(("public", None, "database")) == set()
    assert granted == ({("replicator", None, "database"): {"CONNECT"}} if database == "postgres" else {})


def test_roles_are_those_of_the_table_and_none_is_privileged() -> None:
    for cluster, (_, table) in TABLES.items():
        roles = [node for node in layer().of("Role").values() if node.name.startswith(f"{cluster}-")]
        assert {node.inputs["name"] for node in roles} == {role.name for role in table.roles} | {"pgbouncer"}
        for node in roles:
            elevated = ("superuser", "createDatabase", "createRole", "replication", "bypassRowLevelSecurity")
            assert not [name for name in elevated if node.inputs[name]], node.name


def test_memberships_and_logins_are_those_of_the_table() -> None:
    for cluster, (_, table) in TABLES.items():
        for role in table.roles:
            node = layer().one("Role", f"{cluster}-role-{role.name}")
            assert set(node.inputs["roles"]) == set(role.member_of)
            assert node.inputs["login"] is role.login
            assert ("password" in node.inputs) is role.login


def test_each_login_has_its_own_password_on_both_servers() -> None:
    by_role: dict[str, set[str]] = {}
    for node in layer().of("Role").values():
        if "password" in node.inputs:
            by_role.setdefault(node.inputs["name"], set()).add(node.inputs["password"])
            assert node.plain["password"] is None, "a password must be a secret"
    assert set(by_role) == {*SERVICES, CREATOR, "operator"}
    assert len(set.union(*by_role.values())) == len(by_role)


def test_raising_the_generation_rotates_every_password() -> None:
    graph = layer('{"passwordGeneration": 2}')
    master_key = "fashion-wallet-field-encryption"
    passwords = {name: node for name, node in graph.of("RandomPassword").items() if name != master_key}
    assert {node.inputs["generation"] for node in passwords.values()} == {2}
    assert graph.one("RandomPassword", master_key).inputs["generation"] == 1, "a new one could decrypt nothing"
    assert all(node.inputs["length"] >= 32 for node in graph.of("RandomPassword").values())


def _effective(table: AccessTable, role: str) -> dict[tuple[str, str], set[str]]:
    """Return what a role may do in each schema, through its groups as well."""
    by_name = {one.name: one for one in table.roles}
    who, queue = set[str](), [role]
    while queue:
        name = queue.pop()
        who.add(name)
        queue += by_name[name].member_of
    found: dict[tuple[str, str], set[str]] = {}
    for line in table.in_schemas:
        if line.role in who:
            for kind, privileges in {"schema": line.on_schema, **line.on_objects()}.items():
                found.setdefault((line.schema, kind), set()).update(privileges)
    return found


@pytest.mark.parametrize("service,own", SERVICES.items())
def test_a_service_writes_its_own_schema_reads_shared_and_touches_no_other(service: str, own: str) -> None:
    assert _effective(POSTGRES, service) == {
        ("public", "schema"): {"USAGE"},
        ("shared", "schema"): {"USAGE"},
        ("shared", "table"): {"SELECT"},
        (own, "schema"): {"USAGE"},
        (own, "table"): {"SELECT", "INSERT", "UPDATE", "DELETE"},
        (own, "sequence"): {"USAGE", "SELECT"},
        (own, "function"): {"EXECUTE"},
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_adds_to_time_series_and_never_rewrites_them(service: str) -> None:
    assert _effective(TIMESCALE, service)["analytics", "table"] == {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", [POSTGRES, TIMESCALE])
def test_only_migrations_create(table: AccessTable) -> None:
    assert {line.role for line in table.in_schemas if "CREATE" in line.on_schema} == {CREATOR}


def test_only_administrators_read_the_audit_trail_and_nobody_writes_it() -> None:
    lines = [line for line in POSTGRES.in_schemas if line.schema == "audit" and line.role != CREATOR]
    assert [(line.role, line.table) for line in lines] == [("app_admin", ("SELECT",))]


def test_everything_in_a_database_goes_with_its_server() -> None:
    graph = layer()
    kinds = ("Database", "Schema", "Role", "Extension", "Grant", "DefaultPrivileges", "Function", "OptionalExtension")
    for kind in kinds:
        for node in graph.of(kind).values():
            owner = "timescale" if node.name.startswith(("timescale", "fashion_wallet_metrics")) else "postgres"
            assert node.deleted_with == graph.one("PatroniCluster", owner).urn, node.name


def test_the_administrator_verifies_the_server_and_comes_after_it() -> None:
    graph = layer()
    provider = graph.one("postgresql", "postgres-administrator")
    assert provider.inputs["sslmode"] == "verify-full"
    assert provider.inputs["username"] == "postgres"
    assert "password" not in provider.inputs
    assert {"PatroniCluster:postgres", "HAProxy:postgres-haproxy"} <= graph.ancestors(provider)
    for kind in ("Database", "Grant", "Role"):
        assert all(node.provider for node in graph.of(kind).values())


def test_extensions_are_the_configured_ones_and_those_of_loaded_libraries() -> None:
    graph = layer('{"postgres": {"extensions": ["hstore", "uuid-ossp"]}}')
    made = {node.inputs["name"] for node in _inside(graph, "Extension", "fashion_wallet")}
    assert made == {"hstore", "uuid-ossp", "pg_stat_statements"}
    default = {node.inputs["name"] for node in _inside(layer(), "Extension", "fashion_wallet")}
    assert default == {"uuid-ossp", "pgcrypto", "pg_trgm", "btree_gist", "hstore", "ltree", "pg_stat_statements"}


def test_the_look_up_of_passwords_leaves_out_superusers_and_trusts_no_search_path() -> None:
    function = layer().one("Function", "postgres-pooler-function-get_auth").inputs
    assert function["securityDefiner"] is True
    assert "NOT usesuper" in function["body"]
    assert "NOT userepl" in function["body"]
    assert " = " not in function["body"]


def test_another_database_name_is_used_everywhere() -> None:
    graph = layer(json.dumps({"postgres": {"database": "wardrobe"}}))
    assert not _inside(graph, "Grant", "fashion_wallet")
    assert "/wardrobe?" in graph.outputs["postgres"]["pool_url"]
    assert graph.one("PgBouncer", "postgres-pgbouncer").inputs["databases"] == ["wardrobe"]


@pytest.mark.parametrize(
    "roles,on_database,in_schemas",
    [
        ((Role(name="a", purpose="", member_of=("b",)), Role(name="b", purpose="")), (), ()),
        ((Role(name="a", purpose=""),) * 2, (), ()),
        ((Role(name="a", purpose=""),), (DatabaseAccess(role="a"),) * 2, ()),
        ((Role(name="a", purpose=""),), (), (SchemaAccess(role="a", schema="s"),) * 2),
        ((Role(name="a", purpose=""),), (), (SchemaAccess(role="b", schema="s"),)),
        ((Role(name="a", purpose=""),), (), (SchemaAccess(role="a", schema="t"),)),
    ],
)
def test_a_table_that_is_not_whole_is_refused(
    roles: tuple[Role, ...], on_database: tuple[DatabaseAccess, ...], in_schemas: tuple[SchemaAccess, ...]
) -> None:
    with pytest.raises(ValueError, match="got"):
        AccessTable(schemas=("s",), roles=roles, on_database=on_database, in_schemas=in_schemas)


def test_the_page_is_what_the_tables_say() -> None:
    written = Path(__file__).parents[2] / "docs" / "reference" / "access.md"
    command = "python -m components.postgres.access_reference > docs/reference/access.md"
    assert written.read_text() == page(), f"run: {command}"
