"""A vault of backups is encrypted by a key of our own."""

from pulumi_policy import Severity

from policies.checks import present
from policies.cloud import VAULT
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _is_amazons(text: str) -> bool:
    return text.strip().endswith("alias/aws/backup")


RULE = ResourceRule(
    id="backup-vault-use-customer-key",
    title="A vault of backups is encrypted by a key of our own.",
    severity=Severity.HIGH,
    reason="recovery points under Amazon's key cannot be copied to another account, and nobody of us can withdraw it",
    fix="set kmsKeyArn to the key of the domain backups (in another region: to its replica there)",
    spec=("6.2.1", "5.2.2"),
    frameworks=("AWS Security Hub Backup.1",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html",
    topic="backups",
    absent="Unset means Amazon's key and is a violation.",
    example=Example(refused="# kms_key_arn is unset: Amazon's key", taken='kms_key_arn=keys.key("backups").arn'),
    types=(VAULT,),
    check=present("kmsKeyArn", allowed="the ARN of the key of the domain backups", refuse=_is_amazons),
)
