"""A key that is deleted can be brought back for 30 days."""

from pulumi_policy import Severity

from policies.checks import at_least
from policies.cloud import KMS_KEY, KMS_REPLICA
from policies.limits import least
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="kms-key-delay-deletion",
    title="A key that is deleted can be brought back for 30 days.",
    severity=Severity.CRITICAL,
    reason="everything under the key is lost with it, backups too, and the delay is the only way back",
    fix="set deletionWindowInDays to 30",
    spec=("6.2.1", "5.2.2"),
    frameworks=("AWS Security Hub KMS.3",),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
    topic="keys",
    limits=(least("minimumDays", 30, "The shortest delay; 30 is the longest that AWS has.", minimum=7, maximum=30),),
    absent="Unset is allowed: it is then 30 days. Empty and zero are violations.",
    example=Example(refused="deletion_window_in_days=7", taken="deletion_window_in_days=30"),
    types=(KMS_KEY, KMS_REPLICA),
    check=at_least("deletionWindowInDays", limit="minimumDays", unit="days", unset=True),
)
