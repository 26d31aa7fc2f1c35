"""Every namespace of ours takes restricted pods only."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import NAMESPACE
from policies.limits import choice
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import show

__all__ = ["RULE"]


_LABEL = "pod-security.kubernetes.io/enforce"


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the label that Kubernetes's own admission reads."""
    value = resource.at("metadata", "labels", _LABEL)
    if not (isinstance(value, str) and value in limits["levels"]):
        allowed = " or ".join(limits["levels"])
        yield Finding.judge(resource, f"label {_LABEL}", value, found=show(value, public_form), allowed=allowed)


RULE = ResourceRule(
    id="namespace-enforce-pod-security",
    title="Every namespace of ours takes restricted pods only.",
    severity=Severity.MEDIUM,
    reason="what is put there by hand, or by another program, is held to the same as what is declared here",
    fix="set the label to restricted",
    spec=("6.1",),
    frameworks=("Pod Security Standards: restricted",),
    link="https://kubernetes.io/docs/concepts/security/pod-security-admission/",
    topic="kubernetes",
    limits=(choice("levels", ["restricted"], "The levels that may be enforced."),),
    example=Example(refused="labels: {}", taken="labels: {pod-security.kubernetes.io/enforce: restricted}"),
    types=(NAMESPACE,),
    check=check,
)
