"""Servers on a developer's machine cannot be reached from the network."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNSET, at, ip_addresses, is_loopback, show
from policies.wire import ETCD, HAPROXY, MONGOD_MEMBER, PATRONI_MEMBER, PGBOUNCER

__all__ = ["RULE"]

_LISTENERS = (ETCD, PATRONI_MEMBER, HAPROXY, PGBOUNCER, MONGOD_MEMBER)


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge `listenAddress` and the server parameter that could widen it."""
    for path in (("listenAddress",), ("parameters", "listen_addresses")):
        value = at(resource.properties, *path)
        if value is UNSET and (path[0] == "parameters" or resource.type not in _LISTENERS):
            continue
        if isinstance(value, str) and (is_loopback(value) or value in limits["allowedAddresses"]):
            continue
        yield Finding.judge(
            resource,
            ".".join(path),
            value,
            found=show(value, ip_addresses),
            allowed=" or ".join(["a loopback address (127.0.0.1, ::1)", *limits["allowedAddresses"]]),
        )


RULE = ResourceRule(
    id="walletdb-listen-on-loopback",
    title="Servers run by the walletdb plugin listen on loopback only.",
    severity=Severity.CRITICAL,
    reason="these servers run on a developer's machine; on any other address everyone on the same network reaches them",
    fix="set fashion-wallet:local listenAddress to 127.0.0.1 (reach it from elsewhere through an SSH tunnel)",
    spec=("6.1", "6.2.1"),
    frameworks=("CIS PostgreSQL Benchmark: listen_addresses is not a wildcard",),
    link="https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-LISTEN-ADDRESSES",
    limits=(
        Limit(
            name="allowedAddresses",
            schema={"type": "array", "items": {"type": "string", "minLength": 1}},
            default=[],
            meaning="Further values `listenAddress` may have, compared as they are written.",
        ),
    ),
    absent="Unset and empty are violations on etcd, members (mongod too), HAProxy and PgBouncer: most servers "
    "take them as every address. `0.0.0.0`, `::`, `*` and host names are violations as well.",
    types=("walletdb:*",),
    example=Example(refused='listen_address="0.0.0.0"', taken='listen_address="127.0.0.1"'),
    check=check,
)
