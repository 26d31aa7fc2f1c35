"""A secret that is deleted can be brought back for a week."""

from pulumi_policy import Severity

from policies.checks import at_least
from policies.cloud import SECRET
from policies.limits import least
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="secret-keep-recovery-window",
    title="A secret that is deleted can be brought back for a week.",
    severity=Severity.HIGH,
    reason="with zero it is gone at once, and the services with it at their next connection",
    fix="set fashion-wallet:cloud secrets.recoveryWindowDays to 7 or more",
    spec=("6.1.1",),
    link="https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
    topic="secrets",
    limits=(least("minimumDays", 7, "The shortest window.", minimum=1, maximum=30),),
    absent="Unset is allowed: it is then 30 days. Empty and zero are violations.",
    example=Example(refused="recovery_window_in_days=0", taken="recovery_window_in_days=30"),
    types=(SECRET,),
    check=at_least("recoveryWindowInDays", limit="minimumDays", unit="days", unset=True),
)
