"""What each query costs a database on RDS is recorded."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_INSTANCE
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-instance-enable-performance-insights",
    title="What each query costs a database on RDS is recorded.",
    severity=Severity.MEDIUM,
    reason="the statements that a slow hour was made of are gone with it, unless they were recorded",
    fix="set performanceInsightsEnabled=True",
    spec=("5.1.1", "3.6.1"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.html",
    topic="relational database",
    example=Example(refused="performance_insights_enabled=False", taken="performance_insights_enabled=True"),
    types=(RDS_INSTANCE,),
    check=switch_on("performanceInsightsEnabled"),
)
