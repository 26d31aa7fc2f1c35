"""The record of queries on RDS is encrypted by a key of our own."""

from typing import Any

from pulumi_policy import Severity

from policies.checks import present
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, Resource, ResourceRule
from policies.values import UNSET

__all__ = ["RULE"]


def _is_off(resource: Resource) -> Any:
    return resource.at("performanceInsightsEnabled") in (UNSET, False)


def _is_amazons(text: str) -> bool:
    return text.strip().endswith("alias/aws/rds")


RULE = ResourceRule(
    id="rds-instance-encrypt-performance-insights",
    title="The record of queries on RDS is encrypted by a key of our own.",
    severity=Severity.MEDIUM,
    reason="statements may hold values of columns, and the key cannot be changed once it is on",
    fix="set performanceInsightsKmsKeyId to the key of the domain relational",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.access-control.cmk-policy.html",
    topic="relational database",
    absent="Unset means Amazon's key and is a violation where the record is on.",
    example=Example(
        refused="performance_insights_enabled=True # and no key",
        taken='performance_insights_kms_key_id=keys.key("relational").arn',
    ),
    types=(RDS_INSTANCE,),
    check=present(
        "performanceInsightsKmsKeyId",
        allowed="the ARN of a key that this stack makes",
        unless=_is_off,
        refuse=_is_amazons,
    ),
)
