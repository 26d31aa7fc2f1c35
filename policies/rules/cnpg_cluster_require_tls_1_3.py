"""The time-series cluster speaks TLS 1.3 and nothing older."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import CNPG_CLUSTER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="cnpg-cluster-require-tls-1-3",
    title="The time-series cluster speaks TLS 1.3 and nothing older.",
    severity=Severity.CRITICAL,
    reason="older versions allow weak ciphers and downgrades",
    fix="set fashion-wallet:tls minimumVersion to TLSv1.3",
    spec=("6.2.1",),
    link="https://cloudnative-pg.io/documentation/current/postgresql_conf/",
    topic="kubernetes",
    limits=(choice("allowedVersions", ["TLSv1.3"], "The values that the parameter may have."),),
    absent="Unset is allowed: the operator's default is TLSv1.3. Empty is a violation.",
    example=Example(refused='ssl_min_protocol_version="TLSv1.2"', taken='ssl_min_protocol_version="TLSv1.3"'),
    types=(CNPG_CLUSTER,),
    check=one_of("spec", "postgresql", "parameters", "ssl_min_protocol_version", limit="allowedVersions", unset=True),
)
