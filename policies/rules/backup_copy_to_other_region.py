"""The copies of backups lie in a vault in another region."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.arns import region_of
from policies.checks import public_form
from policies.cloud import BACKUP_PLAN
from policies.rule import Example, Finding, Limits, NotApplicableError, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET, at, show

__all__ = ["RULE"]


def check(stack: Stack, _limits: Limits) -> Iterator[Finding]:
    """Compare the region of each copy's vault, by its ARN, with the region of the plan."""
    plans = list(stack.of(BACKUP_PLAN))
    if not plans:
        raise NotApplicableError("the stack has no plan of backups")
    for plan in plans:
        rules = plan.at("rules")
        for index, rule in enumerate(rules if isinstance(rules, list) else []):
            copies = at(rule, "copyActions")
            for number, copy in enumerate(copies if isinstance(copies, list) else []):
                where = f"rules[{index}].copyActions[{number}].destinationVaultArn"
                yield from _judge(plan, where, at(copy, "destinationVaultArn") if copy is not UNKNOWN else UNKNOWN)


def _judge(plan: Resource, where: str, arn: Any) -> Iterator[Finding]:
    if arn is UNSET or arn == "":
        return  # backup-plan-copy-elsewhere says so
    region = arn if arn is UNKNOWN else region_of(arn)
    if UNKNOWN in (region, plan.region) or region in ("", plan.region):
        unknown = UNKNOWN if UNKNOWN in (region, plan.region) else arn
        found = f"in {show(region, public_form)}"
        yield Finding.judge(
            plan, where, unknown, found=found, allowed=f"another region than {show(plan.region, public_form)}"
        )


RULE = StackRule(
    id="backup-copy-to-other-region",
    title="The copies of backups lie in a vault in another region.",
    severity=Severity.HIGH,
    reason="a second vault in the same region is lost with the region, as the first is",
    fix="let the copy's vault be made by the provider of the recovery region",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html",
    topic="backups",
    absent="A copy without a vault is the question of backup-plan-copy-elsewhere.",
    example=Example(
        refused="destination_vault_arn=second_vault_here.arn",
        taken="destination_vault_arn=vault_in_recovery_region.arn",
    ),
    check=check,
)
