"""Every container has a limit of memory."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import CRON_JOB, DEPLOYMENT, JOB, POD, STATEFUL_SET
from policies.images import containers_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the limit of each container."""
    for one in containers_of(resource):
        value = one.at("resources", "limits", "memory")
        if not (isinstance(value, str) and value.strip()) and not (
            isinstance(value, int) and not isinstance(value, bool) and value > 0
        ):
            where = f"{one.where}.resources.limits.memory"
            yield Finding.judge(resource, where, value, found=show(value, public_form), allowed="a size such as 256Mi")


RULE = ResourceRule(
    id="pod-limit-memory",
    title="Every container has a limit of memory.",
    severity=Severity.MEDIUM,
    reason="a job without one that goes wrong takes the node's memory from the databases beside it",
    fix="set resources.limits.memory",
    spec=("7.1.1",),
    link="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    topic="kubernetes",
    absent="Unset is a violation.",
    example=Example(refused="resources: {}", taken="resources: {limits: {memory: 256Mi}}"),
    types=(CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD),
    check=check,
)
