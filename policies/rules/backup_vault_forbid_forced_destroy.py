"""A vault with backups in it cannot be destroyed."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import VAULT
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="backup-vault-forbid-forced-destroy",
    title="A vault with backups in it cannot be destroyed.",
    severity=Severity.CRITICAL,
    reason="with forceDestroy, removing the vault from the program deletes every recovery point first",
    fix="leave forceDestroy out; delete recovery points on purpose, one by one",
    spec=("5.2.1", "5.2.2"),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/vaults.html",
    topic="backups",
    absent="Unset is allowed: it is then false.",
    example=Example(refused="force_destroy=True", taken="# it is left out"),
    types=(VAULT,),
    check=switch_off("forceDestroy", unset=True),
    remedy=lambda _resource, _limits: {("forceDestroy",): False},
)
