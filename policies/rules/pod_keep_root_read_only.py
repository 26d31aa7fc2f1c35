"""No container can write to its image's file system."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import CRON_JOB, DEPLOYMENT, JOB, POD, STATEFUL_SET
from policies.images import containers_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import is_true, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge each container."""
    for one in containers_of(resource):
        value = one.at("securityContext", "readOnlyRootFilesystem")
        if not is_true(value):
            where = f"{one.where}.securityContext.readOnlyRootFilesystem"
            yield Finding.judge(resource, where, value, found=show(value, public_form), allowed="true")


RULE = ResourceRule(
    id="pod-keep-root-read-only",
    title="No container can write to its image's file system.",
    severity=Severity.MEDIUM,
    reason="who gets in can leave nothing behind that runs again",
    fix="set readOnlyRootFilesystem: true and mount an emptyDir where the program writes",
    spec=("6.1",),
    link="https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    topic="kubernetes",
    absent="Unset is a violation.",
    example=Example(refused="securityContext: {}", taken="securityContext: {readOnlyRootFilesystem: true}"),
    types=(CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD),
    check=check,
)
