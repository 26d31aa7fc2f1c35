"""The volumes of every time-series cluster are of a storage class of ours."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import CNPG_CLUSTER, STORAGE_CLASS
from policies.rule import Example, Finding, Limits, NotApplicableError, Stack, StackRule
from policies.values import UNKNOWN, UNSET, show

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for the class that each cluster names, for data and for WAL, among the classes of the stack."""
    clusters = list(stack.of(CNPG_CLUSTER))
    if not clusters:
        raise NotApplicableError("the stack has no time-series cluster on Kubernetes")
    names = [one.at("metadata", "name") for one in stack.of(STORAGE_CLASS)]
    for cluster in clusters:
        for part in ("storage", "walStorage"):
            volume, name = cluster.at("spec", part), cluster.at("spec", part, "storageClass")
            if part == "walStorage" and volume is UNSET:
                continue
            if name is UNKNOWN or not isinstance(name, str) or not name or name not in names:
                unknown = UNKNOWN if name is UNKNOWN or (UNKNOWN in names and isinstance(name, str)) else name
                where = f"spec.{part}.storageClass"
                allowed = "a StorageClass of the stack, which storage-class-encrypt judges"
                yield Finding.judge(cluster, where, unknown, found=show(name, public_form), allowed=allowed)


RULE = StackRule(
    id="cnpg-cluster-use-encrypted-class",
    title="The volumes of every time-series cluster are of a storage class of ours.",
    severity=Severity.HIGH,
    reason="the cluster's default class need not encrypt, and deletes volumes with their claims",
    fix="set fashion-wallet:cloud kubernetes.volumes.storageClass to a class that the program makes",
    spec=("6.2.1", "5.2.2"),
    link="https://cloudnative-pg.io/documentation/current/storage/",
    topic="kubernetes",
    absent="Unset and empty mean the default class and are violations.",
    example=Example(
        refused="storage: {size: 100Gi}", taken="storage: {size: 100Gi, storageClass: fashion-wallet-timeseries}"
    ),
    check=check,
)
