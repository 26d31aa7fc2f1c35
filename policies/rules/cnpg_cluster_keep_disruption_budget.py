"""A node that is drained waits until the time-series cluster can spare its pod."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import CNPG_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="cnpg-cluster-keep-disruption-budget",
    title="A node that is drained waits until the time-series cluster can spare its pod.",
    severity=Severity.HIGH,
    reason="without the operator's PodDisruptionBudget an upgrade of the nodes ends the primary and its replicas "
    "together",
    fix="leave enablePDB out, or set it to true",
    spec=("5.2.2",),
    link="https://cloudnative-pg.io/documentation/current/kubernetes_upgrade/#pod-disruption-budgets",
    topic="kubernetes",
    absent="Unset is allowed: the operator's default is true.",
    example=Example(refused="enablePDB: false", taken="enablePDB: true"),
    types=(CNPG_CLUSTER,),
    check=switch_on("spec", "enablePDB", unset=True),
    remedy=lambda _resource, _limits: {("spec", "enablePDB"): True},
)
