"""Grants and default privileges of the postgresql stand-in on a real server, in parallel too."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from plugins.base import Props, ProviderError
from tests.fixtures.scratch_postgres import ScratchPostgres
from tests.fixtures.standin import Plugin, assert_settled

pytestmark = pytest.mark.live


def test_public_is_shut_out_and_let_in_again(
    server: ScratchPostgres, plugin: Plugin, unique: str, database: str
) -> None:
    on_database = plugin.create("Grant", role="public", database=database, objectType="database", privileges=[])
    on_schema = plugin.create(
        "Grant", role="public", database=database, objectType="schema", schema="public", privileges=[]
    )
    user = plugin.create("Role", name=unique, login=True, password="some password")
    assert_settled(on_database)
    assert_settled(on_schema)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        server.connect(database, unique, "some password")
    entry = plugin.create("Grant", role=unique, database=database, objectType="database", privileges=["CONNECT"])
    server.connect(database, unique, "some password").close()
    server.sql(f"GRANT TEMPORARY ON DATABASE {database} TO PUBLIC")
    server.sql("GRANT USAGE ON SCHEMA public TO PUBLIC", database)
    assert on_database.mend() == ("privileges",)
    assert on_schema.mend() == ("privileges",)
    plugin.entity("Grant").delete(entry.id, entry.outputs, plugin.context())
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        server.connect(database, unique, "some password")
    user.delete()


def test_rights_that_a_new_server_gives_are_seen(server: ScratchPostgres, plugin: Plugin, database: str) -> None:
    grant = plugin.create("Grant", role="public", database=database, objectType="database", privileges=[])
    server.sql(f"DROP DATABASE {database}")
    assert not grant.refresh()
    server.sql(f"CREATE DATABASE {database} TEMPLATE template0")
    assert grant.refresh()  # its access list is empty in the catalogue, which means CONNECT and TEMPORARY for PUBLIC
    assert grant.diff().changes == ("privileges",)
    assert grant.mend() == ("privileges",)


def test_grants_on_tables_sequences_and_functions(
    server: ScratchPostgres, plugin: Plugin, unique: str, database: str
) -> None:
    user = plugin.create("Role", name=unique)
    server.sql(
        "CREATE SCHEMA s; CREATE TABLE s.one (n serial); CREATE TABLE s.two (); CREATE VIEW s.three AS SELECT 1;"
        "CREATE FUNCTION s.f(a text, b int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE FUNCTION s.f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
        "CREATE PROCEDURE s.p() LANGUAGE sql AS 'SELECT 1'",
        database,
    )
    where = {"role": unique, "database": database, "schema": "s"}
    tables = plugin.create("Grant", **where, objectType="table", privileges=["SELECT", "INSERT"])
    sequences = plugin.create("Grant", **where, objectType="sequence", privileges=["ALL"])
    functions = plugin.create("Grant", **where, objectType="function", privileges=["EXECUTE"])
    one = plugin.create("Grant", **where, objectType="procedure", objects=["p"], privileges=["EXECUTE"])
    for made in (tables, sequences, functions, one):
        assert_settled(made)
    assert tables.id == f"{unique}_{database}_s_table"
    server.sql(f"REVOKE ALL ON s.three FROM {unique}", database)
    assert tables.mend() == ("privileges",)
    server.sql(f"GRANT DELETE ON s.two TO {unique}", database)
    assert tables.mend() == ("privileges",)
    server.sql("CREATE TABLE s.later ()", database)
    assert tables.mend() == ("privileges",)
    tables.update(privileges=["SELECT"])
    assert_settled(tables)
    held = "SELECT has_table_privilege(%s, 's.one', 'INSERT'), has_table_privilege(%s, 's.later', 'SELECT')"
    assert server.sql(held, database, unique, unique) == [(False, True)]
    assert functions.diff(objects=["f(text, int)"]).replaces == ("objects",)
    with pytest.raises(ProviderError, match="or several of that name"):
        plugin.create("Grant", **where, objectType="function", objects=["f"], privileges=["EXECUTE"])
    plugin.create("Grant", **where, objectType="function", objects=["f(text, int)", "f(int)"], privileges=["EXECUTE"])
    server.sql("DROP PROCEDURE s.p", database)
    assert not one.refresh()
    server.sql("DROP SCHEMA s CASCADE", database)
    for made in (tables, sequences, functions, one):
        assert not made.refresh()
        plugin.entity("Grant").delete(made.id, made.outputs, plugin.context())
    user.delete()


def test_an_owner_needs_no_grant_and_shows_no_drift(
    server: ScratchPostgres, plugin: Plugin, unique: str, database: str
) -> None:
    plugin.create("Role", name=unique)
    server.sql(
        f"CREATE SCHEMA s; CREATE TABLE s.own (); ALTER TABLE s.own OWNER TO {unique}; CREATE TABLE s.other ()",
        database,
    )
    grant = plugin.create(
        "Grant", role=unique, database=database, schema="s", objectType="table", privileges=["SELECT"]
    )
    server.sql(f"GRANT ALL ON s.own TO {unique}", database)
    assert grant.mend() == ()
    server.sql(f"REVOKE ALL ON s.own FROM {unique}", database)
    assert grant.mend() == ("privileges",)


def test_grant_option_is_seen_both_ways(server: ScratchPostgres, plugin: Plugin, unique: str, database: str) -> None:
    plugin.create("Role", name=unique)
    where = {"role": unique, "database": database, "schema": "public", "objectType": "schema"}
    grant = plugin.create("Grant", **where, privileges=["USAGE"], withGrantOption=True)
    assert_settled(grant)
    server.sql(f"REVOKE GRANT OPTION FOR USAGE ON SCHEMA public FROM {unique}", database)
    assert grant.refresh()
    lost = grant.diff()
    assert lost.replaces == ("withGrantOption",)
    assert lost.delete_before_replace
    assert grant.diff(role="other").delete_before_replace is False


def test_default_privileges_cover_what_is_made_later(
    server: ScratchPostgres, plugin: Plugin, unique: str, database: str
) -> None:
    maker, user = f"{unique}_maker", f"{unique}_user"
    plugin.create("Role", name=maker)
    plugin.create("Role", name=user)
    server.sql(f"CREATE SCHEMA s; GRANT ALL ON SCHEMA s TO {maker}", database)
    where = {"role": user, "owner": maker, "database": database}
    tables = plugin.create(
        "DefaultPrivileges", **where, schema="s", objectType="table", privileges=["SELECT", "UPDATE"]
    )
    types = plugin.create("DefaultPrivileges", **where, objectType="type", privileges=["ALL"])
    sequences = plugin.create("DefaultPrivileg", **where, schema="s", objectType="sequence", privileges=["USAGE"])
    public = plugin.create("DefaultPrivileges", **{**where, "role": "public"}, objectType="function", privileges=[])
    for made in (tables, types, sequences, public):
        assert_settled(made)
    assert tables.id == f"{user}_{database}_s_{maker}_table"
    assert public.id == f"public_{database}_noschema_{maker}_function"
    server.sql(
        f"SET ROLE {maker}; CREATE TABLE s.later (); CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        database,
    )
    held = "SELECT has_table_privilege(%s, 's.later', 'UPDATE'), has_function_privilege(%s, 's.f()', 'EXECUTE')"
    assert server.sql(held, database, user, user) == [(True, False)]
    server.sql(f"ALTER DEFAULT PRIVILEGES FOR ROLE {maker} IN SCHEMA s REVOKE UPDATE ON TABLES FROM {user}", database)
    server.sql(f"ALTER DEFAULT PRIVILEGES FOR ROLE {maker} GRANT EXECUTE ON FUNCTIONS TO PUBLIC", database)
    assert tables.mend() == ("privileges",)
    assert public.mend() == ("privileges",)
    tables.update(privileges=["DELETE"])
    assert_settled(tables)
    for made in (tables, types, sequences):
        plugin.entity(made.kind).delete(made.id, made.outputs, plugin.context())
    assert tables.refresh()
    assert tables.outputs["privileges"] == []


def test_sixty_parallel_grants_do_not_meet(server: ScratchPostgres, plugin: Plugin, unique: str, database: str) -> None:
    roles = [f"{unique}_{number}" for number in range(10)]
    for role in roles:
        plugin.create("Role", name=role)
    server.sql("CREATE SCHEMA s; CREATE TABLE s.t ()", database)
    kinds: list[Props] = [
        {"objectType": "database", "privileges": ["CONNECT"]},
        {"objectType": "schema", "schema": "s", "privileges": ["USAGE"]},
        {"objectType": "table", "schema": "s", "privileges": ["SELECT"]},
    ]
    # Two plugins, as two `pulumi up` of stacks that share a server would have.
    other = Plugin(server)
    work = [(role, kind, which) for role in roles for kind in kinds for which in (plugin, other)]
    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(lambda one: one[2].create("Grant", role=one[0], database=database, **one[1]), work))
    assert len({grant.id for grant in made}) == len(roles) * len(kinds)
    for grant in made:
        assert_settled(grant)
