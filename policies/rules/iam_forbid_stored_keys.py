"""Nobody and nothing has keys of AWS that do not end."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import IAM_ACCESS_KEY, IAM_USER
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Refuse the resource itself."""
    yield Finding(
        resource=resource, where="it", found="a user or a key that lasts", allowed="roles, taken by OIDC or a service"
    )


RULE = ResourceRule(
    id="iam-forbid-stored-keys",
    title="Nobody and nothing has keys of AWS that do not end.",
    severity=Severity.HIGH,
    reason="such a key is copied, forgotten and found; a role's ends within hours",
    fix="make a role and let the workload take it (OIDC, a service of AWS)",
    spec=("6.1.1",),
    link="https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#lock-away-credentials",
    topic="access",
    absent="The resource itself is the violation, whatever its values.",
    example=Example(refused="aws.iam.AccessKey(…)", taken="aws.iam.Role(…, assume_role_policy=trust)"),
    types=(IAM_USER, IAM_ACCESS_KEY),
    check=check,
)
