"""Atlas refuses to delete the cluster."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import ATLAS_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-protect-termination",
    title="Atlas refuses to delete the cluster.",
    severity=Severity.CRITICAL,
    reason="whoever asks, this program, the console or the command line, Atlas says no until somebody has "
    "turned it off",
    fix="set fashion-wallet:protect to true",
    spec=("5.2.2", "7.1.2"),
    link="https://www.mongodb.com/docs/atlas/cluster-additional-settings/#termination-protection",
    topic="documents",
    example=Example(refused="termination_protection_enabled=False", taken="termination_protection_enabled=True"),
    types=(ATLAS_CLUSTER,),
    check=switch_on("terminationProtectionEnabled"),
    remedy=lambda _resource, _limits: {("terminationProtectionEnabled",): True},
)
