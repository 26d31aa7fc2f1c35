"""AWS checks that the policy of a key does not lock everybody out."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import KMS_KEY, KMS_POLICY, KMS_REPLICA
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="kms-key-forbid-lockout-bypass",
    title="AWS checks that the policy of a key does not lock everybody out.",
    severity=Severity.HIGH,
    reason="a key that nobody may manage can be neither used nor mended; only AWS's support can help, in days",
    fix="leave bypassPolicyLockoutSafetyCheck out",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
    topic="keys",
    absent="Unset is allowed: it is then false.",
    example=Example(refused="bypass_policy_lockout_safety_check=True", taken="# it is left out"),
    types=(KMS_KEY, KMS_REPLICA, KMS_POLICY),
    check=switch_off("bypassPolicyLockoutSafetyCheck", unset=True),
)
