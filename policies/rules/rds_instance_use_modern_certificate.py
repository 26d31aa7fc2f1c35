"""The certificate of a database on RDS is of an authority that is valid for decades."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import RDS_INSTANCE
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-use-modern-certificate",
    title="The certificate of a database on RDS is of an authority that is valid for decades.",
    severity=Severity.MEDIUM,
    reason="with the authority of 2019 every verified connection ended in 2024, and an account's default "
    "may still be it",
    fix="set fashion-wallet:cloud rds.caCertificateIdentifier",
    spec=("6.2.1",),
    link=""
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html#UsingWithRDS.SSL.RegionCertificateAuthorities",
    topic="relational database",
    limits=(
        choice(
            "allowed",
            ["rds-ca-rsa2048-g1", "rds-ca-rsa4096-g1", "rds-ca-ecc384-g1"],
            "The authorities that may be used.",
        ),
    ),
    absent="Unset is a violation: it is then whatever the account's default was set to.",
    example=Example(refused='ca_cert_identifier="rds-ca-2019"', taken='ca_cert_identifier="rds-ca-rsa2048-g1"'),
    types=(RDS_INSTANCE,),
    check=one_of("caCertIdentifier", limit="allowed"),
)
