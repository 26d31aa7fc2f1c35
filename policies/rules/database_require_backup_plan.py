"""Every primary on RDS is in a plan of backups."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import BACKUP_SELECTION
from policies.rule import Example, Finding, Limits, Stack, StackRule
from policies.selections import judge_primaries

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Look for each primary in the selections of plans."""
    allowed = "a selection of a plan with its ARN (or all of RDS)"
    yield from judge_primaries(stack, BACKUP_SELECTION, ("resources",), what="its plan of backups", allowed=allowed)


RULE = StackRule(
    id="database-require-backup-plan",
    title="Every primary on RDS is in a plan of backups.",
    severity=Severity.CRITICAL,
    reason="RDS's own backups end with 35 days and stay in the account and region of the database",
    fix="put the instance's ARN into the selection of the plan",
    spec=("5.2.1",),
    frameworks=("AWS Security Hub RDS.26",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html",
    topic="backups",
    absent="A primary that no selection names is a violation.",
    example=Example(refused="resources=[]", taken="resources=[primary.arn]"),
    check=check,
)
