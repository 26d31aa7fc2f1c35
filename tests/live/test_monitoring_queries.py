"""What exporters ask PostgreSQL, on a real server as the role that they are: it may look at statistics, and no more."""

import json
from collections.abc import Iterator

import pytest

from components.monitoring.queries import queries
from tests.fixtures.scratch_postgres import ScratchPostgres, running_postgres

pytestmark = pytest.mark.live

DATABASE = "watched"
QUERIES = json.loads(queries(database=DATABASE, slow_query_ms=200))


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchPostgres]:
    """A server with a large table, half of whose rows are dead, and a role as exporters have it."""
    with running_postgres() as running:
        running.sql("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        running.sql("ALTER SYSTEM SET autovacuum = off")
        running.stop()
        running.start()
        running.sql(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
        running.sql("CREATE ROLE exporter LOGIN PASSWORD 'exporter' IN ROLE pg_monitor")
        running.sql(f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC")
        running.sql(f"GRANT CONNECT ON DATABASE {DATABASE} TO exporter")
        for statement in (
            "CREATE EXTENSION pg_stat_statements",
            "CREATE EXTENSION pgstattuple",
            "REVOKE ALL ON SCHEMA public FROM PUBLIC",
            "GRANT USAGE ON SCHEMA public TO exporter",
            "CREATE SCHEMA shop",
            "CREATE TABLE shop.orders (id int PRIMARY KEY, filler text)",
            "INSERT INTO shop.orders SELECT n, repeat('x', 500) FROM generate_series(1, 300000) AS n",
            "DELETE FROM shop.orders WHERE id % 2 = 0",
            "CREATE TABLE shop.items (id int PRIMARY KEY)",
            "INSERT INTO shop.items SELECT generate_series(1, 200000)",
            "DELETE FROM shop.items WHERE id % 2 = 0",
            "VACUUM (INDEX_CLEANUP ON) shop.items",
            "SELECT count(*) FROM shop.orders",
            "SELECT pg_sleep(0.3)",
            "ANALYZE",
            "CHECKPOINT",
        ):
            running.sql(statement, DATABASE)
        yield running


def rows(server: ScratchPostgres, name: str, *, smallest_pages: int | None = None) -> list[dict[str, object]]:
    statement = QUERIES[name]["query"]
    if smallest_pages is not None:
        statement = statement.replace("relpages > 8192", f"relpages > {smallest_pages}")
    with server.connect(DATABASE, "exporter", "exporter") as connection:
        # As CloudNativePG pins it.
        connection.execute("SET search_path = pg_catalog, public, pg_temp")
        cursor = connection.execute(statement.encode())
        assert cursor.description is not None
        columns = [column.name for column in cursor.description]
        return [dict(zip(columns, row, strict=True)) for row in cursor]


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_every_query_runs_as_the_exporter_and_gives_the_columns_that_it_declares(
    server: ScratchPostgres, name: str
) -> None:
    found = rows(server, name)
    declared = [column for metric in QUERIES[name]["metrics"] for column in metric]
    for row in found:
        assert sorted(row) == sorted(declared)
    if "predicate_query" in QUERIES[name]:
        with server.connect(DATABASE, "exporter", "exporter") as connection:
            (answer,) = connection.execute(QUERIES[name]["predicate_query"].encode()).fetchall()
        assert answer[0] in (True, False)


def test_a_table_with_many_dead_rows_is_seen(server: ScratchPostgres) -> None:
    orders = {row["relname"]: row for row in rows(server, "fashion_wallet_large_tables")}["orders"]
    assert orders["schemaname"] == "shop"
    assert 40 < float(str(orders["dead_tuples_percent"])) < 60
    assert int(str(orders["seq_scan"])) >= 1


def test_space_that_holds_nothing_is_measured(server: ScratchPostgres) -> None:
    (table,) = rows(server, "fashion_wallet_table_bloat")
    assert (table["schemaname"], table["relname"]) == ("shop", "orders")
    assert 40 < float(str(table["percent"])) < 60


def test_an_index_that_is_half_empty_is_measured(server: ScratchPostgres) -> None:
    name = "fashion_wallet_index_bloat"
    assert rows(server, name) == []  # too small to matter
    indexes = {row["relname"]: row for row in rows(server, name, smallest_pages=10)}
    assert indexes["items_pkey"]["schemaname"] == "shop"
    assert 40 < float(str(indexes["items_pkey"]["percent"])) < 70


def test_a_slow_statement_and_a_broken_session_are_counted(server: ScratchPostgres) -> None:
    (statements,) = rows(server, "fashion_wallet_statements")
    assert int(str(statements["slow"])) >= 1
    sessions = {row["datname"]: row for row in rows(server, "fashion_wallet_sessions")}
    assert int(str(sessions[DATABASE]["sessions_fatal"])) >= 0
