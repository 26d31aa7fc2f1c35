"""Cases of namespace-require-default-deny: resource, property, value."""

from policies.values import UNKNOWN, UNSET

POLICY = "NetworkPolicy:default"
FIRES: list[tuple[str, str, object]] = [
    (POLICY, "", UNSET),
    (POLICY, "spec.podSelector", {"matchLabels": {"app": "a"}}),
    (POLICY, "spec.ingress", [{"from": [{"podSelector": {}}]}]),
    *((POLICY, "spec.policyTypes", bad) for bad in (["Egress"], [], "")),
    *((POLICY, "metadata.namespace", bad) for bad in (UNSET, "", "another")),
]
PASSES: list[tuple[str, str, object]] = [(POLICY, "spec.policyTypes", UNSET), (POLICY, "spec.ingress", [])]
CANNOT_TELL: list[tuple[str, str, object]] = [
    *((POLICY, path, UNKNOWN) for path in ("spec", "spec.podSelector", "spec.policyTypes", "metadata.namespace")),
    (POLICY, "spec.policyTypes", [UNKNOWN]),
]
SAYS = [(POLICY, "", UNSET, "the default of its namespace is open; allowed: a NetworkPolicy with an empty podSelector")]
POOLER = "Pooler:pooler"
FIRES += [(POOLER, "metadata.namespace", "open")]
PASSES += [(POOLER, "metadata.namespace", one) for one in (UNSET, 0, UNKNOWN)]
