"""Roles of the postgresql stand-in on a real server: made, read back, changed, dropped, and drift seen."""

import psycopg
import pytest

from plugins.base import ProviderError
from tests.fixtures.scratch_postgres import ScratchPostgres
from tests.fixtures.standin import Plugin, assert_settled

pytestmark = pytest.mark.live


def test_role_from_nothing_to_nothing(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    role = plugin.create("Role", name=unique, login=True, password="first password")
    assert_settled(role)
    assert role.id == unique
    assert role.outputs["roles"] == []
    assert role.outputs["searchPaths"] == []
    assert role.outputs["validUntil"] == "infinity"
    server.connect(user=unique, password="first password").close()
    role.update(password="it's $another$ \\ päss")
    assert_settled(role)
    server.connect(user=unique, password="it's $another$ \\ päss").close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect(user=unique, password="first password")
    assert "first password" not in server.log
    assert "another$" not in server.log
    role.delete()
    role.plugin.entity("Role").delete(role.id, role.outputs, plugin.context())  # twice is no error


def test_role_attributes_settings_and_their_drift(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    role = plugin.create(
        "Role",
        name=unique,
        login=True,
        createDatabase=True,
        connectionLimit=5,
        searchPaths=["$user", 'od"d', "public"],
        statementTimeout=1500,
        idleInTransactionSessionTimeout=2500,
        validUntil="2031-05-06",
        bypassRowLevelSecurity=True,
        replication=True,
        createRole=True,
        inherit=False,
    )
    assert_settled(role)
    assert role.outputs["searchPaths"] == ["$user", 'od"d', "public"]
    server.sql(f"ALTER ROLE {unique} NOCREATEDB CONNECTION LIMIT 7 SUPERUSER VALID UNTIL '2030-01-01'")
    server.sql(f"ALTER ROLE {unique} SET statement_timeout TO '2min'")
    server.sql(f"ALTER ROLE {unique} RESET search_path")
    expected = {"createDatabase", "connectionLimit", "superuser", "validUntil", "statementTimeout", "searchPaths"}
    assert set(role.mend()) == expected
    role.update(searchPaths=[], statementTimeout=0, createRole=False)
    assert_settled(role)
    config = "SELECT rolconfig FROM pg_roles WHERE rolname = %s"
    assert server.sql(config, "postgres", unique) == [(["idle_in_transaction_session_timeout=2500"],)]
    role.delete()


def test_a_password_changed_by_hand_is_seen_and_mended(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    role = plugin.create("Role", name=unique, login=True, password="declared-password")
    server.sql(f"ALTER ROLE {unique} PASSWORD 'by hand'")
    assert role.mend() == ("password",)
    server.connect(user=unique, password="declared-password").close()
    server.sql(f"ALTER ROLE {unique} PASSWORD NULL")
    assert role.mend() == ("password",)
    server.connect(user=unique, password="declared-password").close()
    role.delete()


def test_role_rename_keeps_everything(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    role = plugin.create("Role", name=unique, login=True, password="some password")
    change = role.diff(name=f"{unique}_new")
    assert (change.changes, change.replaces) == (("name",), ())
    oid = "SELECT oid FROM pg_roles WHERE rolname = %s"
    before = server.sql(oid, "postgres", unique)
    role.update(name=f"{unique}_new")
    assert_settled(role)
    assert server.sql(oid, "postgres", f"{unique}_new") == before
    server.connect(user=f"{unique}_new", password="some password").close()
    role.delete()


def test_role_memberships_are_managed_only_where_declared(server: ScratchPostgres, plugin: Plugin, unique: str) -> None:
    groups = [plugin.create("Role", name=f"{unique}_{letter}") for letter in "abc"]
    names = [group.id for group in groups]
    free = plugin.create("Role", name=f"{unique}_free")
    held = plugin.create("Role", name=f"{unique}_held", roles=names[1::-1])
    one = plugin.create("GrantRole", role=free.id, grantRole=names[0])
    assert_settled(free)
    assert_settled(held)
    assert_settled(one)
    assert one.id == f"{free.id}_{names[0]}_false"
    server.sql(f"REVOKE {names[0]} FROM {held.id}")
    server.sql(f"GRANT {names[2]} TO {held.id}")
    assert held.mend() == ("roles",)
    inputs = {name: value for name, value in held.declared.items() if name != "roles"}
    gone = plugin.entity("Role").diff(held.id, held.outputs, held.inputs, inputs, plugin.context())
    assert gone.changes == ("roles",)
    plugin.entity("Role").update(held.id, held.outputs, plugin.check("Role", **inputs), plugin.context())
    memberships = "SELECT count(*) FROM pg_auth_members WHERE member = %s::regrole"
    assert server.sql(memberships, "postgres", held.id) == [(0,)]
    admin = one.diff(withAdminOption=True)
    assert admin.replaces == ("withAdminOption",)
    assert admin.delete_before_replace
    server.sql(f"GRANT {names[0]} TO {free.id} WITH ADMIN OPTION")
    assert one.refresh()
    assert one.diff().replaces == ("withAdminOption",)
    server.sql(f"REVOKE {names[0]} FROM {free.id}")
    assert not one.refresh()
    for made in (one, free, held, *groups):
        made.plugin.entity(made.kind).delete(made.id, made.outputs, plugin.context())


def test_dropping_a_role_that_owns_things_lists_them(
    server: ScratchPostgres, plugin: Plugin, unique: str, database: str
) -> None:
    role = plugin.create("Role", name=unique)
    server.sql(
        f"CREATE SCHEMA s AUTHORIZATION {unique}; CREATE TABLE s.kept (); ALTER TABLE s.kept OWNER TO {unique}",
        database,
    )
    with pytest.raises(ProviderError) as caught:
        role.delete()
    text = str(caught.value)
    assert text.startswith(f"cannot drop role {unique}: ")
    assert f"in database {database}: owns schema s, owns table s.kept" in text
    assert "REASSIGN OWNED BY" in text
    assert role.refresh()
    server.sql(f"DROP OWNED BY {unique}", database)
    role.delete()
