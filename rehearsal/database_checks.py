"""Looks inside the databases as their users do: by the URLs of the stack's outputs, over TLS.

What is expected is said here once more, and not taken from the program that is rehearsed.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg import errors, sql
from pymongo import MongoClient
from pymongo.errors import WriteError

from rehearsal.errors import RehearsalError

__all__ = ["check_mongodb", "check_postgres", "check_timescale"]

SCHEMAS = {"shared", "avatar", "catalog", "design", "audit", "analytics"}
SERVICES = {"avatar_service": "avatar", "catalog_service": "catalog", "design_service": "design"}
CREATOR = "migration_runner"
COLLECTIONS = {"avatars", "catalog-items", "designs", "sessions", "user-preferences"}
_TABLE = "rehearsal_probe"
_TLS = "TLSv1.3"
_VALIDATION_FAILED = 121


def check_postgres(outputs: Mapping[str, Any]) -> list[str]:
    """Schemas, roles, grants and replication, seen by services and by whoever migrates; returns what was seen.

    Raises:
        RehearsalError: Something is not as it must be.
    """
    found = [_check_schemas(outputs["postgres"]["writer_url"])]
    for service, schema in SERVICES.items():
        url = outputs["services"][service]
        _make_probe(outputs["services"][CREATOR], schema)
        _check_service(url, service, schema)
        found.append(
            f"{service} logs in at {_where(url)}, writes what migrations make in {schema}, makes nothing itself"
        )
    with _connect(outputs["postgres"]["reader_url"]) as connection:
        if not _one(connection, "SELECT pg_is_in_recovery()"):
            raise RehearsalError("postgres.reader_url leads to a server that is no replica")
    found.append(f"reads go to a replica at {_where(outputs['postgres']['reader_url'])}")
    _drop_probe(outputs["services"][CREATOR])
    return found


def check_timescale(outputs: Mapping[str, Any]) -> list[str]:
    """The time-series database, seen by its user; returns what was seen.

    Raises:
        RehearsalError: Something is not as it must be.
    """
    url = outputs["timescale"]["url"]
    with _connect(url) as connection:
        database = _one(connection, "SELECT current_database()")
        user = _one(connection, "SELECT current_user")
    return [f"{user} logs in to {database} at {_where(url)}"]


def check_mongodb(outputs: Mapping[str, Any], ca_file: Path) -> list[str]:
    """Collections and validators, seen by the stack's own user; returns what was seen.

    Atlas' certificates are of an authority that every machine trusts; `ca_file` is the one of the local servers.

    Raises:
        RehearsalError: Something is not as it must be.
    """
    uri, name = outputs["mongodb"]["uri"], outputs["mongodb"]["database"]
    with MongoClient[dict[str, Any]](uri, tlsCAFile=str(ca_file), serverSelectionTimeoutMS=20_000) as client:
        collections = {each["name"]: each["options"] for each in client[name].list_collections()}
        if missing := COLLECTIONS - set(collections):
            raise RehearsalError(f"MongoDB's database {name} lacks {sorted(missing)}; it has {sorted(collections)}")
        open_ones = [
            each for each in sorted(COLLECTIONS) if "$jsonSchema" not in collections[each].get("validator", {})
        ]
        if open_ones:
            raise RehearsalError(f"MongoDB's collections {open_ones} have no validator")
        indexes = sum(len(client[name][each].index_information()) for each in COLLECTIONS)
        try:
            client[name]["designs"].insert_one({"rehearsal": True})
        except WriteError as error:
            if error.code != _VALIDATION_FAILED:
                raise RehearsalError(f"MongoDB refuses a wrong design for another reason: {error}") from error
        else:
            client[name]["designs"].delete_many({"rehearsal": True})
            raise RehearsalError("MongoDB took a design that its validator must refuse")
    return [
        f"{len(collections)} collections with validators and {indexes} indexes in {name}; a wrong document is refused"
    ]


def _check_schemas(url: str) -> str:
    with _connect(url) as connection:
        rows = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
        if missing := SCHEMAS - {row[0] for row in rows}:
            raise RehearsalError(f"PostgreSQL lacks the schemas {sorted(missing)}")
        roles = _one(connection, "SELECT count(*) FROM pg_roles WHERE rolname !~ '^(pg_|rds)'")
        audit = "SELECT has_schema_privilege('public', 'audit', 'USAGE')"
        if _one(connection, audit):
            raise RehearsalError("PostgreSQL lets everybody into schema audit")
    return f"{len(SCHEMAS)} schemas and {roles} roles; {_TLS} only"


def _check_service(url: str, service: str, schema: str) -> None:
    with _connect(url) as connection:
        if (user := _one(connection, "SELECT current_user")) != service:
            raise RehearsalError(f"the URL of {service} logs in as {user}")
        try:
            connection.execute(sql.SQL("CREATE TABLE {} ()").format(sql.Identifier(schema, f"{_TABLE}_own")))
        except errors.InsufficientPrivilege:
            connection.rollback()
        else:
            raise RehearsalError(f"{service} made a table in {schema}: only {CREATOR} may")
        probe = sql.Identifier(schema, _TABLE)
        try:
            connection.execute(sql.SQL("INSERT INTO {} VALUES (1)").format(probe))
        except errors.InsufficientPrivilege as error:
            raise RehearsalError(f"{service} may not write what {CREATOR} made in {schema}: {error}") from error


def _make_probe(url: str, schema: str) -> None:
    with _connect(url) as connection:
        table = sql.Identifier(schema, _TABLE)
        connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} (id int)").format(table))


def _drop_probe(url: str) -> None:
    with _connect(url) as connection:
        for schema in SERVICES.values():
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(schema, _TABLE)))


def _connect(url: str) -> psycopg.Connection:
    try:
        connection = psycopg.connect(url, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise RehearsalError(f"cannot connect to {_where(url)}: {error}") from error
    version = _one(connection, "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    if version != _TLS:
        raise RehearsalError(f"the connection to {_where(url)} has {version or 'no TLS'}, wanted {_TLS}")
    return connection


def _one(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _where(url: str) -> str:
    """Host and port of a URL, without the password."""
    return urlsplit(url).netloc.rpartition("@")[2]
