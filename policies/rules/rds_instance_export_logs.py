"""The logs of a database on RDS go to CloudWatch."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RDS_INSTANCE
from policies.limits import names
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Compare what is exported with what the limit demands."""
    exported = resource.at("enabledCloudwatchLogsExports")
    given = exported if isinstance(exported, list) else []
    missing = [one for one in limits["logs"] if one not in given]
    if missing:
        unknown = UNKNOWN if exported is UNKNOWN or UNKNOWN in given else exported
        found = f"without {' and '.join(missing)}" if given else show(exported, public_form)
        allowed = "a list with " + " and ".join(limits["logs"])
        yield Finding.judge(resource, "enabledCloudwatchLogsExports", unknown, found=found, allowed=allowed)


RULE = ResourceRule(
    id="rds-instance-export-logs",
    title="The logs of a database on RDS go to CloudWatch.",
    severity=Severity.MEDIUM,
    reason="RDS keeps its own copy for three days, and it goes with the instance: audit and slow queries with it",
    fix="export postgresql and upgrade, after making their log groups with a key and a life",
    spec=("5.1.1", "6.3.1"),
    frameworks=("AWS Security Hub RDS.9", "AWS Security Hub RDS.36"),
    link=""
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.PublishtoCloudWatchLogs.html",
    topic="relational database",
    limits=(names("logs", ["postgresql", "upgrade"], "The logs that are demanded."),),
    example=Example(
        refused='enabled_cloudwatch_logs_exports=["upgrade"]',
        taken='enabled_cloudwatch_logs_exports=["postgresql", "upgrade"]',
    ),
    types=(RDS_INSTANCE,),
    check=check,
)
