"""The pooler verifies the server that it hands sessions to."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import CNPG_POOLER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="cnpg-pooler-verify-server",
    title="The pooler verifies the server that it hands sessions to.",
    severity=Severity.CRITICAL,
    reason="a pooler that takes any certificate hands every session to whoever answers in the server's place",
    fix="set server_tls_sslmode of the Pooler to verify-full, or leave it out",
    spec=("6.2.1",),
    link="https://cloudnative-pg.io/documentation/current/connection_pooling/",
    topic="kubernetes",
    limits=(choice("allowedModes", ["verify-ca", "verify-full"], "The modes that the parameter may have."),),
    absent="Unset is allowed: the operator's default is verify-ca. Empty is a violation.",
    example=Example(refused='server_tls_sslmode: "require"', taken='server_tls_sslmode: "verify-full"'),
    types=(CNPG_POOLER,),
    check=one_of("spec", "pgbouncer", "parameters", "server_tls_sslmode", limit="allowedModes", unset=True),
)
