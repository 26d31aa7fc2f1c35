"""Logs are kept for 30 days at least, and not for ever."""

from pulumi_policy import Severity

from policies.checks import at_least
from policies.cloud import LOG_GROUP
from policies.limits import least, most
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="log-group-keep-days",
    title="Logs are kept for 30 days at least, and not for ever.",
    severity=Severity.MEDIUM,
    reason="an incident is often older than the week in which it is found; kept for ever, personal data are too",
    fix="set retentionInDays",
    spec=("6.3.1", "5.1.1"),
    frameworks=("AWS Security Hub CloudWatch.16",),
    link=""
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html#SettingLogRetention",
    topic="monitoring",
    limits=(
        least("minimumDays", 30, "The shortest life.", minimum=1),
        most("maximumDays", 3653, "The longest life.", minimum=1),
    ),
    absent="Unset and zero mean for ever and are violations.",
    example=Example(refused="retention_in_days=0 # for ever", taken="retention_in_days=90"),
    types=(LOG_GROUP,),
    check=at_least("retentionInDays", limit="minimumDays", unit="days", most="maximumDays"),
)
