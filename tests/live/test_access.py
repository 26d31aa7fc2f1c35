"""Who may do what in the database, tried as each user with the URLs that the stack gives out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.fixtures.live_stack import LiveStack

pytestmark = pytest.mark.live

SERVICES = ("avatar_service", "catalog_service", "design_service")
SCHEMAS = ("shared", "avatar", "catalog", "design", "audit", "analytics")


@pytest.fixture(scope="module")
def urls(stack: LiveStack) -> dict[str, str]:
    """User → URL that works as it is."""
    outputs = stack.outputs()
    return {**outputs["services"], "operator": outputs["postgres"]["writer_url"]}


@pytest.fixture
def tables(urls: dict[str, str]) -> Iterator[str]:
    """A table in each schema, made by migration_runner after the stack was up; yields its name."""
    name = "things"
    with psycopg.connect(urls["migration_runner"], autocommit=True) as connection:
        for schema in SCHEMAS:
            connection.execute(f"CREATE TABLE {schema}.{name} (id bigserial PRIMARY KEY, note text)")
        yield name
        for schema in SCHEMAS:
            connection.execute(f"DROP TABLE {schema}.{name}")


@pytest.fixture
def run(urls: dict[str, str]) -> Callable[[str, str], Any]:
    """Run one statement as a user; gives the first row, None where the statement has none."""

    def as_user(user: str, statement: str) -> Any:
        with psycopg.connect(urls[user], autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchone() if cursor.description else None

    return as_user


def refused(run: Callable[[str, str], Any], user: str, statement: str) -> bool:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        run(user, statement)
    return True


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_reads_and_writes_its_own_schema(run: Callable[[str, str], Any], tables: str, user: str) -> None:
    own = f"{user.removesuffix('_service')}.{tables}"
    assert run(user, f"INSERT INTO {own} (note) VALUES ('a') RETURNING id") == (1,)
    assert run(user, f"UPDATE {own} SET note = 'b' RETURNING note") == ("b",)
    assert run(user, f"DELETE FROM {own} RETURNING note") == ("b",)


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_only_reads_shared(run: Callable[[str, str], Any], tables: str, user: str) -> None:
    assert run(user, f"SELECT count(*) FROM shared.{tables}") == (0,)
    assert refused(run, user, f"INSERT INTO shared.{tables} (note) VALUES ('a')")


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_cannot_touch_anothers_schema(run: Callable[[str, str], Any], tables: str, user: str) -> None:
    others = [schema for schema in SCHEMAS if schema not in {"shared", user.removesuffix("_service")}]
    for schema in others:
        assert refused(run, user, f"SELECT * FROM {schema}.{tables}")
        assert refused(run, user, f"INSERT INTO {schema}.{tables} (note) VALUES ('a')")


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_creates_nothing(run: Callable[[str, str], Any], user: str) -> None:
    for schema in ("public", user.removesuffix("_service"), "shared"):
        assert refused(run, user, f"CREATE TABLE {schema}.mine (id int)")
    assert refused(run, user, "CREATE SCHEMA mine")
    assert refused(run, user, "CREATE ROLE mine")
    assert refused(run, user, "CREATE DATABASE mine")


def test_what_every_schema_must_have_is_there_and_nobody_unnamed_gets_in(stack: LiveStack) -> None:
    with stack.admin(database="fashion_wallet") as connection:
        public = connection.execute(
            "SELECT has_database_privilege('public', 'fashion_wallet', 'CONNECT, TEMPORARY'),"
            " has_schema_privilege('public', 'public', 'CREATE, USAGE')"
        ).fetchone()
        assert public == (False, False)
        extensions = {row[0] for row in connection.execute("SELECT extname FROM pg_extension")}
        assert {"uuid-ossp", "pgcrypto", "pg_trgm", "btree_gist", "hstore", "ltree"} <= extensions
        schemas = {row[0] for row in connection.execute("SELECT nspname FROM pg_namespace")}
        assert set(SCHEMAS) <= schemas


def test_the_operator_reads_and_writes_everywhere_and_is_no_superuser(
    run: Callable[[str, str], Any], tables: str
) -> None:
    for schema in ("shared", "avatar", "catalog", "design", "analytics"):
        assert run("operator", f"INSERT INTO {schema}.{tables} (note) VALUES ('a') RETURNING note") == ("a",)
    assert run("operator", "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == (False,)
    assert refused(run, "operator", "CREATE ROLE mine SUPERUSER")


def test_only_the_administrator_is_a_superuser(stack: LiveStack) -> None:
    with stack.admin() as connection:
        query = "SELECT rolname FROM pg_roles WHERE rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls"
        assert [row[0] for row in connection.execute(query)] == ["postgres"]


def test_every_password_is_a_scram_verifier(stack: LiveStack) -> None:
    with stack.admin() as connection:
        rows = connection.execute("SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL").fetchall()
    assert {name for name, _ in rows} == {*SERVICES, "operator", "migration_runner"}
    assert all(password.startswith("SCRAM-SHA-256$") for _, password in rows)


def test_a_wrong_password_and_no_tls_are_refused(urls: dict[str, str]) -> None:
    url = urls["migration_runner"]
    for changes, said in (
        ({"password": "wrong"}, "password authentication failed"),
        ({"sslmode": "disable", "sslrootcert": ""}, "no encryption"),
        ({"ssl_max_protocol_version": "TLSv1.2"}, "protocol version|alert"),
    ):
        with pytest.raises(psycopg.OperationalError, match=said):
            psycopg.connect(url, **changes)


def test_the_administrator_cannot_come_in_by_password(urls: dict[str, str]) -> None:
    with pytest.raises(psycopg.OperationalError, match="certificate"):
        psycopg.connect(urls["migration_runner"], user="postgres", password="guess")


def test_the_pooler_gives_each_service_its_own_identity(run: Callable[[str, str], Any]) -> None:
    for user in SERVICES:
        assert run(user, "SELECT session_user::text, ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()") == (user, True)
