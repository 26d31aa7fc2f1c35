"""Each rule of a plan copies what it makes to another vault, for as long as it keeps it."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.checks import number
from policies.cloud import BACKUP_PLAN
from policies.plans import kept_days, tri
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the copies of each rule; that the other vault is in another region is the question of another rule."""
    rules = resource.at("rules")
    for index, rule in enumerate(rules if isinstance(rules, list) else [rules]):
        copies, life = at(rule, "copyActions"), number(at(rule, "lifecycle", "deleteAfter"))
        entries = copies if isinstance(copies, list) else [copies]
        answers = [_fine(one, int(life or 0)) for one in entries]
        if True not in answers:
            yield Finding(
                resource=resource,
                where=f"rules[{index}].copyActions",
                found="without a copy that is kept as long",
                allowed=f"a copy in another vault, kept for {life if life is not None else 'as many'} days or more",
                cannot_tell=UNKNOWN in answers,
            )


def _fine(one: Any, days: int) -> Any:
    if one is UNKNOWN:
        return UNKNOWN
    vault = at(one, "destinationVaultArn")
    named = vault if vault is UNKNOWN else isinstance(vault, str) and bool(vault.strip())
    return tri(named, kept_days(one, days))


RULE = ResourceRule(
    id="backup-plan-copy-elsewhere",
    title="Each rule of a plan copies what it makes to another vault, for as long as it keeps it.",
    severity=Severity.HIGH,
    reason="an account's region that is lost, or emptied by somebody, takes database and backups together",
    fix="give the rule a copy action to the vault in the recovery region, with the same life",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-region-backup.html",
    topic="backups",
    absent="No copies, and a copy without a life, are violations.",
    example=Example(
        refused="copy_actions=[]",
        taken="copy_actions=[PlanRuleCopyActionArgs(destination_vault_arn=recovery.arn, lifecycle=same)]",
    ),
    types=(BACKUP_PLAN,),
    check=check,
)
