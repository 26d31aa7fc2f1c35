"""Cases of service-stay-internal: resource, property, value."""

from policies.values import UNKNOWN, UNSET

NOTE = "service.beta.kubernetes.io/aws-load-balancer-scheme"
FIRES: list[tuple[str, str, object]] = [
    *(
        ("Service:timescale", "metadata.annotations", bad)
        for bad in (UNSET, {}, "", {NOTE: "internet-facing"}, {NOTE: ""})
    ),
    ("Service:timescale", "spec.type", "NodePort"),
]
PASSES: list[tuple[str, str, object]] = [
    *(("Service:timescale", "spec.type", good) for good in (UNSET, "ClusterIP")),
    ("Service:timescale", "metadata.annotations", {"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Service:timescale", "metadata.annotations", UNKNOWN),
    ("Service:timescale", "metadata.annotations", {NOTE: UNKNOWN}),
    ("Service:timescale", "", {"spec.type": UNKNOWN, "metadata.annotations": {}}),
]
SAYS = [
    (
        "Service:timescale",
        "metadata.annotations",
        {},
        "spec.type is LoadBalancer without an annotation that keeps it inside; allowed:",
    )
]
FIRES += [
    ("Service:timescale", "metadata.annotations", {"service.beta.kubernetes.io/aws-load-balancer-internal": bad})
    for bad in ("false", "internal", "")
]
PASSES += [
    ("Service:timescale", "metadata.annotations", {"service.beta.kubernetes.io/aws-load-balancer-internal": True})
]
SAYS += [("Service:timescale", "spec.type", "NodePort", f"allowed: ClusterIP, or LoadBalancer with {NOTE}: internal")]
