"""The policy of a topic allows nothing to everybody."""

from pulumi_policy import Severity

from policies.cloud import TOPIC, TOPIC_POLICY
from policies.documents import Statement
from policies.policy_checks import forbid_statements
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


def _refuse(statement: Statement) -> str:
    if statement.allows and statement.everybody and not statement.narrowed:
        return "an Allow for every principal"
    return ""


RULE = ResourceRule(
    id="sns-topic-policy-forbid-everybody",
    title="The policy of a topic allows nothing to everybody.",
    severity=Severity.HIGH,
    reason="who may publish can flood whoever is on call, and who may subscribe reads every alert",
    fix="name the services and the account that publish",
    spec=("6.1",),
    frameworks=("AWS Security Hub SNS.4",),
    link="https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html",
    topic="monitoring",
    absent="No policy is allowed; one that is no JSON is a violation.",
    example=Example(
        refused='"Principal": "*", "Action": "sns:Publish"',
        taken='"Principal": {"Service": "cloudwatch.amazonaws.com"}',
    ),
    types=(TOPIC_POLICY, TOPIC),
    check=forbid_statements(
        "policy", refuse=_refuse, allowed="principals that are named, or a condition that names them", unset=True
    ),
)
