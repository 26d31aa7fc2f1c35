"""Databases, schemas, extensions and functions of the postgresql stand-in on a real server."""

import pytest

from plugins.base import Props, ProviderError
from tests.fixtures.scratch_postgres import ScratchPostgres
from tests.fixtures.standin import Plugin, assert_settled

pytestmark = pytest.mark.live


def test_database_from_nothing_to_nothing(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    owner = plugin.create("Role", name=f"{unique}_owner")
    database = plugin.create("Database", name=unique, encoding="utf8", lcCollate="C.UTF-8", lcCtype="C.UTF-8")
    assert_settled(database)
    assert database.outputs["owner"] == "postgres"
    assert database.diff(encoding="LATIN1").replaces == ("encoding",)
    server.sql(f"ALTER DATABASE {unique} CONNECTION LIMIT 3")
    assert database.mend() == ("connectionLimit",)
    database.update(name=f"{unique}_new", owner=owner.id, allowConnections=False, isTemplate=True)
    assert_settled(database)
    database.update(name=f"{unique}_new", owner="postgres", allowConnections=True, isTemplate=True)
    with server.connect(f"{unique}_new"):
        database.delete()
    owner.delete()


def test_schema_from_nothing_to_nothing(server: ScratchPostgres, plugin: Plugin, unique: str, database: str) -> None:
    owner = plugin.create("Role", name=unique)
    schema = plugin.create("Schema", name="avatar", database=database, owner=unique)
    assert_settled(schema)
    assert schema.id == f"{database}.avatar"
    server.sql("ALTER SCHEMA avatar OWNER TO postgres", database)
    assert schema.mend() == ("owner",)
    schema.update(name="look", owner="postgres")
    assert_settled(schema)
    server.sql("CREATE TABLE look.inside ()", database)
    with pytest.raises(
        ProviderError, match=r"cannot drop schema .*table look.inside depends on schema look.*dropCascade"
    ):
        schema.delete()
    schema.update(name="look", owner="postgres", dropCascade=True)
    schema.delete()
    taken = plugin.create("Schema", name="public", database=database)
    assert_settled(taken)
    with pytest.raises(ProviderError, match=r"already exists.*pulumi import"):
        plugin.create("Schema", name="public", database=database, ifNotExists=False)
    owner.delete()


def test_extension_from_nothing_to_nothing(server: ScratchPostgres, plugin: Plugin, database: str) -> None:
    extension = plugin.create("Extension", name="hstore", database=database, version="1.4")
    assert_settled(extension)
    server.sql("CREATE SCHEMA elsewhere; ALTER EXTENSION hstore SET SCHEMA elsewhere", database)
    assert extension.mend() == ()  # the program does not say where it lies
    extension.update(version="1.7", schema="public")
    assert_settled(extension)
    assert extension.outputs["version"] == "1.7"
    server.sql("ALTER EXTENSION hstore SET SCHEMA elsewhere", database)
    assert extension.mend() == ("schema",)
    extension.delete()
    with pytest.raises(ProviderError, match=r'extension "nowhere" is not available.*every member'):
        plugin.create("Extension", name="nowhere", database=database)


_GET_AUTH: Props = {
    "name": "get_auth",
    "schema": "public",
    "args": [{"name": "wanted", "type": "text"}, {"name": "size", "type": "varchar(10)", "default": "'a,;b'"}],
    "returns": "TABLE (username text,  password varchar)",
    "securityDefiner": True,
    "volatility": "STABLE",
    "body": "BEGIN RETURN QUERY SELECT 'it''s $1'::text, $$x$$::varchar; END",
}


def test_function_from_nothing_to_nothing(server: ScratchPostgres, plugin: Plugin, database: str) -> None:
    function = plugin.create("Function", database=database, **_GET_AUTH)
    assert_settled(function)
    assert function.id == f"{database}.public.get_auth(text,varchar(10))"
    assert server.sql("SELECT * FROM get_auth('a')", database) == [("it's $1", "x")]
    server.sql(
        "CREATE OR REPLACE FUNCTION get_auth(wanted text, size varchar DEFAULT 'a') "
        "RETURNS TABLE (username text, password varchar) LANGUAGE plpgsql AS 'BEGIN RETURN; END'",
        database,
    )
    assert set(function.mend()) == {"body", "securityDefiner", "volatility"}
    function.update(body="BEGIN RETURN; END", strict=True, parallel="SAFE")
    assert_settled(function)
    moved = function.diff(returns="integer")
    assert moved.replaces == ("returns",)
    assert moved.delete_before_replace
    grant = plugin.create(
        "Grant",
        role="public",
        database=database,
        schema="public",
        objectType="function",
        objects=["get_auth"],
        privileges=[],
    )
    assert_settled(grant)
    function.update(body="BEGIN RETURN ; END")
    assert_settled(grant)
    function.delete()
    assert not grant.refresh()
