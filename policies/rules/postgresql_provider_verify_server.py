"""Whoever administers a database checks that it is the right server."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import at, show
from policies.wire import POSTGRESQL_PROVIDER

__all__ = ["RULE"]

_WANTED = "verify-full"
_MODES = frozenset({"disable", "allow", "prefer", "require", "verify-ca", _WANTED})


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge `sslmode`."""
    mode = at(resource.properties, "sslmode")
    if mode != _WANTED:
        yield Finding.judge(resource, "sslmode", mode, found=show(mode, _MODES.__contains__), allowed=_WANTED)


RULE = ResourceRule(
    id="postgresql-provider-verify-server",
    title="The postgresql provider verifies the server's certificate and host name.",
    severity=Severity.CRITICAL,
    reason="without verify-full whoever answers on that address receives the administrator's session",
    fix='give the postgresql.Provider sslmode="verify-full" and the certificate authority as sslrootcert',
    spec=("3.1.2", "6.2.1"),
    link="https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION",
    absent="Unset is a violation: the provider's own default does not verify the server.",
    types=(POSTGRESQL_PROVIDER,),
    example=Example(refused='sslmode="require"', taken='sslmode="verify-full", sslrootcert=ca_file'),
    check=check,
)
