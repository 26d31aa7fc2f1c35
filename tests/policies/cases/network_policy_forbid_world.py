"""Cases of network-policy-forbid-world: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("NetworkPolicy:clients", "spec.ingress", bad)
    for bad in (
        [{}],
        [{"from": []}],
        [{"from": ""}],
        [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}],
        [{"ports": [{"port": 1}]}],
    )
]
PASSES: list[tuple[str, str, object]] = [
    ("NetworkPolicy:clients", "spec.ingress", good)
    for good in (UNSET, [], [{"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "10.0.0.0/8"}}]}])
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("NetworkPolicy:clients", "spec.ingress", bad)
    for bad in (UNKNOWN, [UNKNOWN], [{"from": UNKNOWN}], [{"from": [UNKNOWN]}], [{"from": [{"ipBlock": UNKNOWN}]}])
]
SAYS = [
    (
        "NetworkPolicy:clients",
        "spec.ingress",
        [{}],
        "spec.ingress[0].from is everybody; allowed: pods, namespaces, or networks of our own.",
    )
]
FIRES += [
    ("NetworkPolicy:clients", "spec.ingress", [{"from": [{"podSelector": {}}, {"ipBlock": {"cidr": "0.0.0.0/0"}}]}])
]
FIRES += [("NetworkPolicy:clients", "spec.ingress", [{"from": [{"podSelector": {}}]}, {}])]
CANNOT_TELL += [("NetworkPolicy:clients", "spec.ingress", [UNKNOWN, {"from": [{"podSelector": {}}]}])]
FIRES += [("NetworkPolicy:clients", "spec.ingress", [UNKNOWN, {}])]
FIRES += [
    ("NetworkPolicy:clients", "spec.ingress", [{"from": [{"ipBlock": {"cidr": public}}]}])
    for public in ("0.0.0.0/1", "52.0.0.0/8", "8.8.8.8/32", "2000::/3")
]
PASSES += [
    ("NetworkPolicy:clients", "spec.ingress", [{"from": [{"ipBlock": {"cidr": own}}]}])
    for own in ("172.16.0.0/12", "192.168.1.1/32", "100.64.0.0/10")
]
