"""A cluster on Atlas speaks the newest TLS that Atlas can demand."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import ATLAS_CLUSTER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-require-tls",
    title="A cluster on Atlas speaks the newest TLS that Atlas can demand.",
    severity=Severity.CRITICAL,
    reason="older versions allow weak ciphers and downgrades",
    fix="set fashion-wallet:tls minimumVersion to TLSv1.3",
    spec=("6.2.1",),
    link="https://www.mongodb.com/docs/atlas/reference/faq/security/",
    topic="documents",
    limits=(choice("allowed", ["TLS1_3"], "The versions that may be the lowest."),),
    example=Example(refused='minimum_enabled_tls_protocol="TLS1_2"', taken='minimum_enabled_tls_protocol="TLS1_3"'),
    types=(ATLAS_CLUSTER,),
    check=one_of("advancedConfiguration", "minimumEnabledTlsProtocol", limit="allowed"),
)
