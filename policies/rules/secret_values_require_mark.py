"""Every password that the program hands to a resource is marked as a secret."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.sensitive import SENSITIVE, kept_in_clear

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge each property of the type that holds a secret; what is not known yet has its mark nevertheless."""
    for path in kept_in_clear(resource):
        allowed = "a value marked as secret (pulumi.Output.secret, or a secret of the configuration)"
        yield Finding(resource=resource, where=".".join(path), found="a value in clear", allowed=allowed)


RULE = ResourceRule(
    id="secret-values-require-mark",
    title="Every password that the program hands to a resource is marked as a secret.",
    severity=Severity.CRITICAL,
    reason="what is not marked is in clear in the state, in every preview and in its JSON, for whoever can read them",
    fix="wrap the value in pulumi.Output.secret, or set it with `pulumi config set --secret`",
    spec=("6.1.1", "6.2.1"),
    link="https://www.pulumi.com/docs/iac/concepts/secrets/",
    topic="secrets",
    absent="Unset, empty and unknown are not judged: there is nothing to read.",
    example=Example(refused="password=password", taken="password=pulumi.Output.secret(password)"),
    types=tuple(SENSITIVE),
    check=check,
)
