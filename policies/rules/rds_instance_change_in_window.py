"""Changes of a database on RDS wait for the maintenance window."""

from pulumi_policy import EnforcementLevel, Severity

from policies.checks import switch_off
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-change-in-window",
    title="Changes of a database on RDS wait for the maintenance window.",
    severity=Severity.LOW,
    level=EnforcementLevel.ADVISORY,
    reason="a change of class or parameters restarts the server at once, in the middle of the day",
    fix="set fashion-wallet:cloud rds.applyImmediately to false once the urgent change is done",
    spec=("7.1.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.ApplyImmediately.html",
    topic="relational database",
    absent="Unset is allowed: the provider's default is false.",
    example=Example(refused="apply_immediately=True", taken="apply_immediately=False"),
    types=(RDS_INSTANCE,),
    check=switch_off("applyImmediately", unset=True),
)
