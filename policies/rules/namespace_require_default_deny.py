"""Every namespace with pods of ours refuses what no policy allows."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import NETWORK_POLICY, WORKLOADS
from policies.relations import relation
from policies.rule import Example, Finding, Limits, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for a policy of each namespace that selects every pod and lists no way in."""
    seen: set[str] = set()
    for resource in stack.of(*WORKLOADS):
        namespace = resource.at("metadata", "namespace")
        if namespace is UNKNOWN or not isinstance(namespace, str) or namespace in seen:
            continue
        seen.add(namespace)
        found = relation(_denies(one, namespace) for one in stack.of(NETWORK_POLICY))
        if found is not True:
            yield Finding(
                resource=resource,
                where="the default of its namespace",
                found="open",
                allowed="a NetworkPolicy with an empty podSelector and policyTypes with Ingress, without ingress",
                cannot_tell=found is UNKNOWN,
            )


def _denies(policy: Resource, namespace: str) -> Any:
    values = [policy.at("metadata", "namespace"), policy.at("spec", "podSelector"), policy.at("spec", "policyTypes")]
    ways = policy.at("spec", "ingress")
    if (
        values[0] not in (UNKNOWN, namespace)
        or values[1] not in (UNKNOWN, UNSET, {})
        or ways not in (UNKNOWN, UNSET, [])
    ):
        return False
    types = values[2]
    if types is not UNKNOWN and not (types is UNSET or (isinstance(types, list) and "Ingress" in types)):
        return UNKNOWN if isinstance(types, list) and UNKNOWN in types else False
    return UNKNOWN if UNKNOWN in (*values, ways) else True


RULE = StackRule(
    id="namespace-require-default-deny",
    title="Every namespace with pods of ours refuses what no policy allows.",
    severity=Severity.HIGH,
    reason="pods without a policy take connections from every pod of the cluster",
    fix="declare the default policy of the namespace (components/timescale/kubernetes_network.py)",
    spec=("6.1",),
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic",
    topic="kubernetes",
    absent="A namespace without such a policy is a violation; a workload whose namespace is not known yet "
    "is not judged.",
    example=Example(
        refused="# no policy with podSelector: {}", taken="spec: {podSelector: {}, policyTypes: [Ingress, Egress]}"
    ),
    check=check,
)
