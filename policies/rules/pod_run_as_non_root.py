"""No container runs as root."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import CRON_JOB, DEPLOYMENT, JOB, POD, STATEFUL_SET
from policies.images import containers_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET, at, is_true, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge each container; what it does not say, the pod says for it."""
    for one in containers_of(resource):
        own, pod = one.at("securityContext", "runAsNonRoot"), at(one.pod, "securityContext", "runAsNonRoot")
        value = own if own is not UNSET else pod
        user = one.at("securityContext", "runAsUser")
        if not is_true(value) or user == 0:
            where = f"{one.where}.securityContext.runAsNonRoot"
            found = "user 0" if user == 0 else show(value, public_form)
            yield Finding.judge(resource, where, value, found=found, allowed="true, for the container or the pod")


RULE = ResourceRule(
    id="pod-run-as-non-root",
    title="No container runs as root.",
    severity=Severity.HIGH,
    reason="who breaks out of a container as root is root on the node, with every volume of it",
    fix="set securityContext.runAsNonRoot: true for the pod",
    spec=("6.1",),
    frameworks=("Pod Security Standards: restricted",),
    link="https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted",
    topic="kubernetes",
    absent="Unset in the container and in the pod is a violation.",
    example=Example(refused="securityContext: {}", taken="securityContext: {runAsNonRoot: true}"),
    types=(CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD),
    check=check,
)
