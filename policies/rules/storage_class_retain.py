"""A volume of the time series stays when what asked for it is deleted."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import CNPG_CLUSTER, STORAGE_CLASS
from policies.limits import choice
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


_VOLUMES = ("storage", "walStorage")


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Judge the classes that clusters name; scratch volumes of jobs may go with them."""
    clusters = list(stack.of(CNPG_CLUSTER))
    if not clusters:
        raise NotApplicableError("the stack has no time-series cluster on Kubernetes")
    named = [cluster.at("spec", volume, "storageClass") for cluster in clusters for volume in _VOLUMES]
    for one in stack.of(STORAGE_CLASS):
        name, policy = one.at("metadata", "name"), one.at("reclaimPolicy")
        hidden = UNKNOWN in named or name is UNKNOWN
        if (name in named or hidden) and policy not in limits["allowed"]:
            unknown = UNKNOWN if name not in named else policy
            allowed = " or ".join(limits["allowed"])
            yield Finding.judge(one, "reclaimPolicy", unknown, found=show(policy, public_form), allowed=allowed)


RULE = StackRule(
    id="storage-class-retain",
    title="A volume of the time series stays when what asked for it is deleted.",
    severity=Severity.CRITICAL,
    reason="with Delete, the default, a claim that is deleted by mistake takes the data with it",
    fix="set reclaimPolicy to Retain; the policy of a class cannot be changed, so make a new class",
    spec=("5.2.2",),
    link="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#retain",
    topic="kubernetes",
    limits=(choice("allowed", ["Retain"], "The policies that are allowed."),),
    absent="Unset means Delete and is a violation. Classes that no cluster names are not judged.",
    example=Example(refused="# reclaim_policy is unset: Delete", taken='reclaim_policy="Retain"'),
    check=check,
)
