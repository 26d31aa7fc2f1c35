"""Clients reach the pooler of the time-series cluster by TLS only."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import CNPG_POOLER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="cnpg-pooler-require-tls",
    title="Clients reach the pooler of the time-series cluster by TLS only.",
    severity=Severity.CRITICAL,
    reason="by default PgBouncer takes whoever does not ask for TLS, and a password then passes the network in clear",
    fix="set client_tls_sslmode of the Pooler to require (components/timescale/kubernetes_manifests.py)",
    spec=("6.2.1",),
    link="https://cloudnative-pg.io/documentation/current/connection_pooling/",
    topic="kubernetes",
    limits=(choice("allowedModes", ["require", "verify-ca", "verify-full"], "The modes that the parameter may have."),),
    absent="Unset is a violation: the operator's default is prefer.",
    example=Example(refused='client_tls_sslmode: "prefer"', taken='client_tls_sslmode: "require"'),
    types=(CNPG_POOLER,),
    check=one_of("spec", "pgbouncer", "parameters", "client_tls_sslmode", limit="allowedModes"),
)
