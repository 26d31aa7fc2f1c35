"""A user of Atlas may connect to its own cluster only."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import ATLAS_USER
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Demand a scope with a name."""
    scopes = resource.at("scopes")
    entries = scopes if isinstance(scopes, list) else [scopes]
    names = [UNKNOWN if one is UNKNOWN else at(one, "name") for one in entries]
    if not any(name is UNKNOWN or (isinstance(name, str) and name.strip()) for name in names) or scopes is UNKNOWN:
        allowed = "a list with the name of the cluster"
        yield Finding.judge(resource, "scopes", scopes, found=show(scopes, lambda _: False), allowed=allowed)


RULE = ResourceRule(
    id="atlas-user-limit-scope",
    title="A user of Atlas may connect to its own cluster only.",
    severity=Severity.MEDIUM,
    reason="a user without a scope is let into every cluster that the project gets later",
    fix="set scopes to the cluster",
    spec=("6.1.1",),
    link="https://www.mongodb.com/docs/atlas/security-add-mongodb-users/",
    topic="documents",
    example=Example(refused="scopes=[]", taken='scopes=[DatabaseUserScopeArgs(name=cluster.name, type="CLUSTER")]'),
    types=(ATLAS_USER,),
    check=check,
)
