"""The throwaway project's program: access as the project's own components declare it, a little smaller."""

import asyncio
import json
from pathlib import Path

import pulumi
import pulumi_postgresql as postgresql

PARAMETERS = json.loads(Path("parameters.json").read_text(encoding="utf-8"))
SCHEMAS = ("shared", "avatar", "catalog", "design", "audit", "analytics")


def unknown() -> pulumi.Output[str]:
    """Return what an output of a resource that is not made yet is in a preview."""
    loop = asyncio.get_event_loop()
    value, known = loop.create_future(), loop.create_future()
    value.set_result(None)
    known.set_result(False)
    return pulumi.Output(set(), value, known)


provider = postgresql.Provider(
    "server",
    host=unknown() if PARAMETERS.get("unknown_host") else "127.0.0.1",
    port=PARAMETERS["port"],
    username="postgres",
    sslmode="disable",
    superuser=True,
    connect_timeout=5,
)
options = pulumi.ResourceOptions(provider=provider)


def grant_in_schema(
    name: str, role: postgresql.Role, schema: postgresql.Schema, kind: str, privileges: list[str]
) -> None:
    """Grant privileges on a schema, or on all of a kind in it."""
    postgresql.Grant(
        name,
        role=role.name,
        database=schema.database,
        schema=schema.name,
        object_type=kind,
        privileges=privileges,
        opts=options,
    )


database = postgresql.Database("wallet", name="wallet", encoding="UTF8", opts=options)
schemas = {name: postgresql.Schema(name, name=name, database=database.name, opts=options) for name in SCHEMAS}
for name in ("pgcrypto", "pg_trgm"):
    postgresql.Extension(name, name=name, database=database.name, opts=options)
group = postgresql.Role("readers", name="readers", opts=options)
maker = postgresql.Role("maker", name="maker", login=True, password=PARAMETERS["password"], opts=options)
services = {
    name: postgresql.Role(
        f"{name}_service",
        name=f"{name}_service{PARAMETERS.get('suffix', '')}",
        login=True,
        password=PARAMETERS["password"],
        roles=[group.name],
        search_paths=[name, "public"],
        connection_limit=PARAMETERS.get("limit", -1),
        opts=options,
    )
    for name in ("avatar", "catalog", "design")
}
for name in ("database", "schema"):
    postgresql.Grant(
        f"public-{name}",
        role="public",
        database=database.name,
        schema="public" if name == "schema" else None,
        object_type=name,
        privileges=[],
        opts=options,
    )
for role in (group, maker):
    postgresql.Grant(
        f"{role._name}-connect",
        role=role.name,
        database=database.name,
        object_type="database",
        privileges=["CONNECT"],
        opts=options,
    )
for name, schema in schemas.items():
    grant_in_schema(f"maker-{name}", maker, schema, "schema", ["USAGE", "CREATE"])
    for who, role in {"readers": group, **{key: services[key] for key in (name,) if key in services}}.items():
        rights = ["SELECT"] if who == "readers" else ["INSERT", "UPDATE", "SELECT"]
        grant_in_schema(f"{who}-{name}", role, schema, "schema", ["USAGE"])
        grant_in_schema(f"{who}-{name}-tables", role, schema, "table", rights)
        postgresql.DefaultPrivileges(
            f"{who}-{name}-later",
            role=role.name,
            owner=maker.name,
            database=database.name,
            schema=schema.name,
            object_type="table",
            privileges=rights,
            opts=options,
        )
lookup = postgresql.Function(
    "lookup",
    name="lookup",
    database=database.name,
    schema="public",
    language="sql",
    args=[postgresql.FunctionArgArgs(name="wanted", type="text")],
    returns="TABLE(username text, verifier text)",
    security_definer=True,
    body=PARAMETERS.get("body", "SELECT usename::text, 'hidden' FROM pg_user WHERE usename = wanted"),
    opts=options,
)
postgresql.Grant(
    "public-lookup",
    role="public",
    database=database.name,
    schema="public",
    object_type="function",
    objects=["lookup"],
    privileges=[],
    opts=pulumi.ResourceOptions(provider=provider, depends_on=[lookup]),
)
if PARAMETERS.get("publication"):
    postgresql.Publication("feed", name="feed", database=database.name, opts=options)
