"""TLS 1.3 is the lowest version any server of the layer speaks."""

import re
from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNSET, at, show
from policies.wire import MONGOD_MEMBER, PATRONI_CLUSTER, PATRONI_MEMBER, PGBOUNCER

__all__ = ["RULE"]

_REQUIRED = (PATRONI_MEMBER, PATRONI_CLUSTER, PGBOUNCER, MONGOD_MEMBER)
_OFF = frozenset({"off", "false", "no", "0"})
_VERSION = re.compile(r"(TLS|SSL)v\d(\.\d)?")


def _version(text: str) -> bool:
    return _VERSION.fullmatch(text) is not None


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge `minimumTlsVersion` and the server parameters that could lower it or turn TLS off."""
    allowed = limits["allowedVersions"]
    paths = [("minimumTlsVersion",), ("parameters", "ssl_min_protocol_version"), ("parameters", "ssl")]
    for path in paths:
        value = at(resource.properties, *path)
        if value is UNSET and (path[0] != "minimumTlsVersion" or resource.type not in _REQUIRED):
            continue
        switch = path[-1] == "ssl"
        if switch and isinstance(value, bool | str | int) and str(value).strip().lower() not in _OFF | {""}:
            continue
        if not switch and isinstance(value, str) and value in allowed:
            continue
        yield Finding.judge(
            resource,
            ".".join(path),
            value,
            found=show(value, lambda text: _version(text) or text.strip().lower() in _OFF),
            allowed="on" if switch else " or ".join(allowed),
        )


RULE = ResourceRule(
    id="walletdb-require-tls-1-3",
    title="Servers speak TLS 1.3 and nothing older.",
    severity=Severity.CRITICAL,
    reason="older versions allow weak ciphers and downgrades; the specification demands TLS 1.3 on every hop",
    fix="set fashion-wallet:tls minimumVersion to TLSv1.3 and remove ssl settings from the cluster's parameters",
    spec=("6.2.1",),
    frameworks=("CIS PostgreSQL Benchmark: TLS is enabled and configured correctly",),
    link="https://www.postgresql.org/docs/current/runtime-config-connection.html#GUC-SSL-MIN-PROTOCOL-VERSION",
    limits=(
        Limit(
            name="allowedVersions",
            schema={"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["TLSv1.2", "TLSv1.3"]}},
            default=["TLSv1.3"],
            meaning="The values `minimumTlsVersion` and `ssl_min_protocol_version` may have.",
        ),
    ),
    absent="`minimumTlsVersion` must be set; `ssl_min_protocol_version` and `ssl` may be left to the plugin, which "
    "derives them.",
    types=("walletdb:*",),
    example=Example(refused='minimum_tls_version="TLSv1.2"', taken='minimum_tls_version="TLSv1.3"'),
    check=check,
)
