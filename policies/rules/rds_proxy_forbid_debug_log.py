"""The proxy of RDS does not log statements."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import RDS_PROXY
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-proxy-forbid-debug-log",
    title="The proxy of RDS does not log statements.",
    severity=Severity.HIGH,
    reason="its debug log has the text of every statement, with personal data in it",
    fix="set debugLogging=False when the search for the fault is over",
    spec=("6.2.1", "6.3.1"),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-managing.html",
    topic="relational database",
    absent="Unset is allowed: the provider's default is false.",
    example=Example(refused="debug_logging=True", taken="debug_logging=False"),
    types=(RDS_PROXY,),
    check=switch_off("debugLogging", unset=True),
    remedy=lambda _resource, _limits: {("debugLogging",): False},
)
