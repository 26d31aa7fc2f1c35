"""A cluster on Atlas runs no JavaScript of clients."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import ATLAS_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-forbid-javascript",
    title="A cluster on Atlas runs no JavaScript of clients.",
    severity=Severity.MEDIUM,
    reason="a filter with $where that is made of what a user typed is code that the server runs",
    fix="set javascriptEnabled=False",
    spec=("6.1",),
    link="https://www.mongodb.com/docs/atlas/cluster-additional-settings/",
    topic="documents",
    absent="Unset is a violation: Atlas's default is true.",
    example=Example(refused="# javascript_enabled is unset: true", taken="javascript_enabled=False"),
    types=(ATLAS_CLUSTER,),
    check=switch_off("advancedConfiguration", "javascriptEnabled", unset=False),
    remedy=lambda _resource, _limits: {("advancedConfiguration", "javascriptEnabled"): False},
)
