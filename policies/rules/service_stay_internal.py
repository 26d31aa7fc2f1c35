"""A load balancer of Kubernetes has no public address."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import SERVICE
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, is_true, show

__all__ = ["RULE"]


_INTERNAL = (
    ("service.beta.kubernetes.io/aws-load-balancer-scheme", "internal"),
    ("service.beta.kubernetes.io/aws-load-balancer-internal", "true"),
)
_OPEN = ("LoadBalancer", "NodePort")


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the annotations of a service of type LoadBalancer, and refuse ports on every node."""
    kind = resource.at("spec", "type")
    if kind is not UNKNOWN and kind not in _OPEN:
        return
    notes = resource.at("metadata", "annotations")
    given = [(at(notes, name), value) for name, value in _INTERNAL]
    if kind != "NodePort" and any(is_true(one) or one == value for one, value in given):
        return
    unsure = UNKNOWN in (kind, notes, *(one for one, _ in given))
    found = f"{show(kind, public_form)} without an annotation that keeps it inside"
    allowed = f"ClusterIP, or LoadBalancer with {_INTERNAL[0][0]}: internal"
    yield Finding(resource=resource, where="spec.type", found=found, allowed=allowed, cannot_tell=unsure)


RULE = ResourceRule(
    id="service-stay-internal",
    title="A load balancer of Kubernetes has no public address.",
    severity=Severity.CRITICAL,
    reason="the default scheme of a load balancer on AWS is a public address",
    fix="add the annotation aws-load-balancer-scheme: internal",
    spec=("6.1",),
    link="https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/service/annotations/#lb-scheme",
    topic="kubernetes",
    absent="An unset type is ClusterIP and right.",
    example=Example(
        refused="type: LoadBalancer",
        taken="type: LoadBalancer, annotations: {service.beta.kubernetes.io/aws-load-balancer-scheme: internal}",
    ),
    types=(SERVICE,),
    check=check,
)
