"""Cases of namespace-enforce-pod-security: resource, property, value."""

from policies.values import UNKNOWN, UNSET

NAMESPACE = "Namespace:fashion-wallet"


def labels(level: object) -> object:
    return {"pod-security.kubernetes.io/enforce": level}


FIRES: list[tuple[str, str, object]] = [
    (NAMESPACE, "metadata.labels", bad) for bad in (UNSET, {}, "", labels("baseline"), labels(""), labels(0))
]
PASSES: list[tuple[str, str, object]] = [(NAMESPACE, "metadata.labels", labels("restricted"))]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (NAMESPACE, "metadata.labels", UNKNOWN),
    (NAMESPACE, "metadata.labels", labels(UNKNOWN)),
]
SAYS = [(NAMESPACE, "metadata.labels", {}, "label pod-security.kubernetes.io/enforce is unset; allowed: restricted.")]
LIMITS = [("levels", ["baseline"], (NAMESPACE, "metadata.labels", labels("baseline")))]
