"""What exporters ask PostgreSQL beyond their own queries, in the format that CloudNativePG and postgres_exporter share.

Statements read statistics that `pg_monitor` may read, and name every function's schema: exporters run them as a role of
their own in databases where others may create functions. Space that holds nothing is measured, not estimated, by the
extension pgstattuple, and only once a day: it reads the large tables and indexes.
"""

import json
from typing import Any

__all__ = ["LARGE_TABLE_ROWS", "PREFIX", "queries"]

PREFIX = "fashion_wallet"
"""Begins the name of every metric; CloudNativePG puts `cnpg_` before it."""
LARGE_TABLE_ROWS = 10_000
"""A table of more rows may not be read from end to end (spec 3.6.1)."""

_MEASURED = 20  # of the largest tables, and of the largest indexes
_SMALLEST_MIB = 64  # less is no matter
_DAY_S = 86_400

_SESSIONS = """\
SELECT datname, sessions_abandoned, sessions_fatal, sessions_killed
FROM pg_catalog.pg_stat_database
WHERE datname IS NOT NULL"""

_STATEMENTS = """\
SELECT pg_catalog.count(*) AS slow
FROM {schema}.pg_stat_statements
WHERE mean_exec_time OPERATOR(pg_catalog.>) {slow_query_ms}"""

_TABLES = """\
SELECT schemaname, relname, seq_scan,
  COALESCE(100.0 * idx_scan / NULLIF(idx_scan + seq_scan, 0), 100) AS index_usage_percent,
  COALESCE(100.0 * n_dead_tup / NULLIF(n_live_tup + n_dead_tup, 0), 0) AS dead_tuples_percent
FROM pg_catalog.pg_stat_user_tables
WHERE n_live_tup OPERATOR(pg_catalog.>) {rows}"""

_TABLE_BLOAT = """\
SELECT n.nspname AS schemaname, c.relname,
  b.approx_free_percent + b.dead_tuple_percent AS percent
FROM (
  SELECT oid, relname, relnamespace
  FROM pg_catalog.pg_class
  WHERE relkind IN ('r', 'm') AND relpersistence = 'p' AND relpages > {pages}
  ORDER BY relpages DESC LIMIT {measured}
) AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL {schema}.pgstattuple_approx(c.oid) AS b
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"""

_INDEX_BLOAT = """\
SELECT n.nspname AS schemaname, c.relname,
  100 - COALESCE(NULLIF(b.avg_leaf_density, 'NaN'), 100) AS percent
FROM (
  SELECT i.oid, i.relname, i.relnamespace
  FROM pg_catalog.pg_class AS i
  JOIN pg_catalog.pg_am AS a ON a.oid = i.relam AND a.amname = 'btree'
  JOIN pg_catalog.pg_index AS x ON x.indexrelid = i.oid AND x.indisvalid
  WHERE i.relkind = 'i' AND i.relpersistence = 'p' AND i.relpages > {pages}
  ORDER BY i.relpages DESC LIMIT {measured}
) AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
CROSS JOIN LATERAL {schema}.pgstatindex(c.oid::pg_catalog.regclass) AS b
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')"""

# CloudNativePG keeps no answer for longer than its cluster's `metricsQueriesTTL`; it asks first whether to ask at all.
_AT_NIGHT = """\
SELECT pg_catalog.date_part('hour', pg_catalog.now()) = 2 AND pg_catalog.date_part('minute', pg_catalog.now()) < 2"""


def queries(*, database: str, slow_query_ms: int, extension_schema: str = "public") -> str:
    """Return the queries for one database as a document that is JSON, and so YAML too.

    Args:
        database: where to ask; an exporter that is connected to it already does not mind.
        slow_query_ms: from where on a statement is slow.
        extension_schema: where the extensions pg_stat_statements and pgstattuple are.
    """
    pages = _SMALLEST_MIB * 128  # of 8 KiB
    places = {"schema": extension_schema, "pages": pages, "measured": _MEASURED, "rows": LARGE_TABLE_ROWS}
    statements = _STATEMENTS.format(schema=extension_schema, slow_query_ms=slow_query_ms)
    table = {"schemaname": "LABEL", "relname": "LABEL"}
    found: dict[str, dict[str, Any]] = {
        f"{PREFIX}_sessions": _query(
            _SESSIONS,
            {
                "datname": "LABEL",
                "sessions_abandoned": "COUNTER",
                "sessions_fatal": "COUNTER",
                "sessions_killed": "COUNTER",
            },
        ),
        f"{PREFIX}_statements": _query(statements, {"slow": "GAUGE"}),
        f"{PREFIX}_large_tables": _query(
            _TABLES.format(**places),
            {**table, "seq_scan": "COUNTER", "index_usage_percent": "GAUGE", "dead_tuples_percent": "GAUGE"},
        ),
        f"{PREFIX}_table_bloat": {**_query(_TABLE_BLOAT.format(**places), {**table, "percent": "GAUGE"}), **_DAILY},
        f"{PREFIX}_index_bloat": {**_query(_INDEX_BLOAT.format(**places), {**table, "percent": "GAUGE"}), **_DAILY},
    }
    return json.dumps(
        {name: {**query, "target_databases": [database]} for name, query in found.items()}, indent=1, sort_keys=True
    )


_DAILY = {"predicate_query": _AT_NIGHT, "cache_seconds": _DAY_S}


def _query(statement: str, columns: dict[str, str]) -> dict[str, Any]:
    metrics = [{name: {"usage": usage, "description": name.replace("_", " ")}} for name, usage in columns.items()]
    return {"query": statement, "metrics": metrics}
