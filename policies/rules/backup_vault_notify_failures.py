"""A backup, a copy or a restore test that fails tells somebody."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import VAULT, VAULT_NOTIFICATIONS
from policies.limits import names
from policies.relations import relation
from policies.rule import Example, Finding, Limits, NotApplicableError, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET

__all__ = ["RULE"]


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Look for notifications of one vault at least that have each of the events."""
    vaults = list(stack.of(VAULT))
    if not vaults:
        raise NotApplicableError("the stack has no vault of backups")
    for event in limits["events"]:
        found = relation(_has(one, event) for one in stack.of(VAULT_NOTIFICATIONS))
        if found is not True:
            yield Finding(
                resource=vaults[0],
                where=f"a notification of {event}",
                found="not there",
                allowed="VaultNotifications with this event and a topic",
                cannot_tell=found is UNKNOWN,
            )


def _has(resource: Resource, event: str) -> Any:
    events, topic = resource.at("backupVaultEvents"), resource.at("snsTopicArn")
    given = events if isinstance(events, list) else []
    if topic is UNSET or topic == "":
        return False
    if event in given:
        return True if topic is not UNKNOWN else UNKNOWN
    return UNKNOWN if events is UNKNOWN or UNKNOWN in given else False


RULE = StackRule(
    id="backup-vault-notify-failures",
    title="A backup, a copy or a restore test that fails tells somebody.",
    severity=Severity.HIGH,
    reason="a backup that stopped in May is otherwise found in August, when it is needed",
    fix="declare VaultNotifications with these events and the topic of alerts",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-notifications.html",
    topic="backups",
    limits=(
        names(
            "events",
            ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"],
            "The events that are demanded; AWS tells of a failed backup by BACKUP_JOB_COMPLETED with its state.",
        ),
    ),
    absent="No notifications are a violation where the stack has a vault.",
    example=Example(
        refused="aws.backup.Vault(…) # alone",
        taken='aws.backup.VaultNotifications(…, backup_vault_events=["BACKUP_JOB_COMPLETED", …])',
    ),
    check=check,
)
