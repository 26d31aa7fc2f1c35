"""The backups of every primary on RDS are restored for a test."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import RESTORE_SELECTION
from policies.rule import Example, Finding, Limits, Stack, StackRule
from policies.selections import judge_primaries

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for each primary in the selections of restore tests."""
    allowed = "a selection of a restore testing plan with its ARN (or all of RDS)"
    path = ("protectedResourceArns",)
    yield from judge_primaries(stack, RESTORE_SELECTION, path, what="its restore test", allowed=allowed)


RULE = StackRule(
    id="database-require-restore-test",
    title="The backups of every primary on RDS are restored for a test.",
    severity=Severity.HIGH,
    reason="a backup that nobody has restored is a hope",
    fix="put the instance's ARN into the selection of the restore testing plan",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html",
    topic="backups",
    absent="A primary that no selection names is a violation.",
    example=Example(refused="protected_resource_arns=[]", taken="protected_resource_arns=[primary.arn]"),
    check=check,
)
