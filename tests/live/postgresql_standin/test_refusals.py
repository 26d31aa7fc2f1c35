"""What the postgresql stand-in refuses, and how it says so; import."""

import pytest

from plugins.base import UNKNOWN, Props, ProviderError
from tests.fixtures.scratch_postgres import ScratchPostgres
from tests.fixtures.standin import Plugin

pytestmark = pytest.mark.live


@pytest.mark.parametrize(
    "changes, part",
    [
        (
            {"args": [{"type": "text); DROP TABLE x; --"}]},
            "args[0].type: got 'text); DROP TABLE x; --', which has a ) with",
        ),
        ({"args": [{"type": "text", "default": "1, b int"}]}, "args[0].default: got '1, b int', which has a comma"),
        ({"args": [{"type": "text", "default": "E'\\'"}]}, "which has an open quote, or a backslash"),
        ({"returns": "int LANGUAGE sql AS $$ x $$"}, "which has a dollar sign"),
        ({"returns": "int /* "}, "which has a comment"),
        ({"args": [{"type": "text", "mode": "SIDEWAYS"}]}, "args[0].mode: got 'SIDEWAYS'"),
        ({"volatility": "stable"}, "volatility: got 'stable', allowed are IMMUTABLE, STABLE, VOLATILE"),
    ],
)
def test_a_function_that_would_smuggle_sql_is_refused(plugin: Plugin, changes: Props, part: str) -> None:
    refusals = plugin.refusals("Function", **{"name": "f", "body": "x", **changes})
    assert any(part in refusal for refusal in refusals), refusals


def test_import_finds_what_a_program_would_say(
    server: ScratchPostgres, plugin: Plugin, unique: str, database: str
) -> None:
    server.sql(f"CREATE ROLE {unique}_g; CREATE ROLE {unique} LOGIN CONNECTION LIMIT 4 IN ROLE {unique}_g")
    server.sql("CREATE SCHEMA s; CREATE EXTENSION pgcrypto SCHEMA s", database)
    inputs, outputs = plugin.imported("Role", unique)
    assert inputs == {"name": unique, "login": True, "connectionLimit": 4, "roles": [f"{unique}_g"]}
    assert outputs["inherit"] is True
    assert plugin.imported("Schema", f"{database}.s")[0] == {"name": "s", "database": database, "owner": "postgres"}
    [(offered,)] = server.sql("SELECT default_version FROM pg_available_extensions WHERE name = 'pgcrypto'")
    extension, _ = plugin.imported("Extension", f"{database}.pgcrypto")
    assert extension == {"name": "pgcrypto", "database": database, "schema": "s", "version": offered}
    assert plugin.imported("Database", database)[0]["owner"] == "postgres"
    same = plugin.check("Schema", name="s", database=database)
    diff = plugin.entity("Schema").diff(
        f"{database}.s", {}, {"name": "s", "database": database}, same, plugin.context()
    )
    assert diff.changes == ()
    for kind, id_, part in (
        ("Role", "nobody", None),
        ("Schema", "nowhere.s", None),
        ("Schema", "no-dot", "allowed is database.schema"),
        ("Grant", "a_b_c", "cannot be imported"),
    ):
        if part is None:
            assert plugin.entity(kind).read(id_, {}, {}, plugin.context()) is None
        else:
            with pytest.raises(ProviderError, match=part):
                plugin.entity(kind).read(id_, {}, {}, plugin.context())


@pytest.mark.parametrize(
    "kind, props, part",
    [
        ("Role", {"name": "a", "passwordWo": "x"}, "passwordWo: the stand-in does not support this property"),
        ("Role", {"name": "a", "login": "yes"}, "login: got 'yes', allowed is true or false"),
        ("Role", {"name": "a", "connectionLimit": -2}, "connectionLimit: got -2, allowed is -1 or more"),
        ("Role", {"name": "a", "encryptedPassword": False}, "encryptedPassword: got false"),
        ("Role", {"name": "a", "password": 5}, "password: got a secret, allowed is text"),
        ("Schema", {"name": "a", "policies": []}, "policies: the stand-in does not support"),
        ("Extension", {}, "name: missing"),
        (
            "Grant",
            {"role": "a", "database": "d", "objectType": "column", "privileges": []},
            "got 'column', allowed are",
        ),
        ("Grant", {"role": "a", "database": "d", "objectType": "table", "privileges": []}, "schema: missing"),
        (
            "Grant",
            {"role": "a", "database": "d", "objectType": "database", "privileges": ["SELECT"]},
            "privileges[0]: got 'SELECT', allowed for a database are",
        ),
        (
            "Grant",
            {"role": "public", "database": "d", "objectType": "database", "privileges": [], "withGrantOption": True},
            "withGrantOption: got true for role public",
        ),
    ],
)
def test_wrong_input_is_refused_by_name(plugin: Plugin, kind: str, props: Props, part: str) -> None:
    refusals = plugin.refusals(kind, **props)
    assert any(part in refusal for refusal in refusals), refusals


def test_unknown_values_pass_the_check_and_show_as_changes(plugin: Plugin) -> None:
    grant = {"role": UNKNOWN, "database": UNKNOWN, "schema": UNKNOWN, "objectType": "table", "privileges": ["SELECT"]}
    inputs = plugin.check("Grant", **grant)
    old = {**inputs, "role": "a", "database": "b", "schema": "c"}
    diff = plugin.entity("Grant").diff("id", old, old, inputs, plugin.context())
    assert set(diff.replaces) == {"role", "database", "schema"}
    plugin.check("Grant", **{**grant, "objects": UNKNOWN, "privileges": UNKNOWN})
    plugin.check("Grant", **{**grant, "objectType": UNKNOWN})
    assert plugin.refusals("Grant", **{**grant, "objectType": "database"})  # known enough: a database has no schema
    plugin.check("DefaultPrivileges", **{**grant, "owner": UNKNOWN, "privileges": [UNKNOWN]})
    assert plugin.check("Role", login=True, password=UNKNOWN)["name"] == "thing-0102030"
    assert plugin.check("Function", name="f", body=UNKNOWN, returns=UNKNOWN, args=[{"type": UNKNOWN}])


def test_the_servers_word_comes_with_a_fix(plugin: Plugin, unique: str) -> None:
    plugin.create("Role", name=unique)
    with pytest.raises(
        ProviderError, match=f'cannot create role {unique}: role "{unique}" already exists.*pulumi import'
    ):
        plugin.create("Role", name=unique)
    with pytest.raises(ProviderError, match=r'role "nobody" does not exist.*depends_on'):
        plugin.create("GrantRole", role="nobody", grantRole=unique)
