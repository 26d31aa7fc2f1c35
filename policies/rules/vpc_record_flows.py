"""Connections in every network are recorded, refused ones too."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import FLOW_LOG, VPC
from policies.relations import each_has
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN

__all__ = ["RULE"]


def _all(resource: Resource) -> Any:
    kind = resource.at("trafficType")
    return kind if kind is UNKNOWN else kind == "ALL"


RULE = StackRule(
    id="vpc-record-flows",
    title="Connections in every network are recorded, refused ones too.",
    severity=Severity.MEDIUM,
    reason="who came from where, before and in an incident, is nowhere else",
    fix="declare a FlowLog of the VPC with traffic type ALL",
    spec=("6.3.1",),
    frameworks=("AWS Security Hub EC2.6", "CIS AWS Foundations Benchmark v3.0.0: 3.7"),
    link="https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html",
    topic="network",
    absent="A resource that has none is a violation.",
    example=Example(refused='traffic_type="REJECT"', taken='traffic_type="ALL"'),
    check=each_has(
        (VPC,), FLOW_LOG, ("vpcId",), ("id",), what="its flow log", allowed="a FlowLog of ALL traffic", good=_all
    ),
)
