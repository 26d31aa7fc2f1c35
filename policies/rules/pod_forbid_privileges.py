"""No container can get more rights than it was started with."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import off_or_unset, public_form
from policies.cloud import CRON_JOB, DEPLOYMENT, JOB, POD, STATEFUL_SET
from policies.images import containers_of, pod_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge privileges, escalation, capabilities, and the namespaces of the node."""
    for one in containers_of(resource):
        prefix = f"{one.where}.securityContext"
        privileged = one.at("securityContext", "privileged")
        if not off_or_unset(privileged):
            found = show(privileged, public_form)
            yield Finding.judge(resource, f"{prefix}.privileged", privileged, found=found, allowed="false, or unset")
        escalation = one.at("securityContext", "allowPrivilegeEscalation")
        if escalation is not False:
            where = f"{prefix}.allowPrivilegeEscalation"
            yield Finding.judge(resource, where, escalation, found=show(escalation, public_form), allowed="false")
        drop = one.at("securityContext", "capabilities", "drop")
        if not isinstance(drop, list) or "ALL" not in drop:
            unknown = UNKNOWN if drop is UNKNOWN or (isinstance(drop, list) and UNKNOWN in drop) else drop
            where = f"{prefix}.capabilities.drop"
            yield Finding.judge(resource, where, unknown, found=show(drop, public_form), allowed="a list with ALL")
    yield from _node(resource)


def _node(resource: Resource) -> Iterator[Finding]:
    where, pod = pod_of(resource)
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        value = at(pod, name)
        if not off_or_unset(value):
            found = show(value, public_form)
            yield Finding.judge(resource, f"{where}.{name}", value, found=found, allowed="false, or unset")


RULE = ResourceRule(
    id="pod-forbid-privileges",
    title="No container can get more rights than it was started with.",
    severity=Severity.HIGH,
    reason="a program that is taken over has then what its image has, and nothing of the node",
    fix="set allowPrivilegeEscalation: false and capabilities.drop: [ALL]; leave the rest out",
    spec=("6.1",),
    frameworks=("Pod Security Standards: restricted",),
    link="https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    topic="kubernetes",
    absent="Unset is a violation.",
    example=Example(refused="privileged: true", taken="allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}"),
    types=(CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD),
    check=check,
)
