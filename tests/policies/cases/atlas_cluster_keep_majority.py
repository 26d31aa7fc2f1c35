"""Cases of atlas-cluster-keep-majority: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def regions(*counts: object) -> list[object]:
    return [{"regionConfigs": [{"electableSpecs": {"nodeCount": count}} for count in counts]}]


FIRES: list[tuple[str, str, object]] = [
    *(
        ("AdvancedCluster:mongodb", "replicationSpecs", bad)
        for bad in (UNSET, [], "", 0, [{}], regions(1), regions(2, 2), regions("", 2), regions(0))
    ),
    ("AdvancedCluster:mongodb", "replicationSpecs", [*regions(3), *regions(1)]),
]
PASSES: list[tuple[str, str, object]] = [
    ("AdvancedCluster:mongodb", "replicationSpecs", good) for good in (regions(5), regions(2, 1), regions(3, 0))
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("AdvancedCluster:mongodb", "replicationSpecs", bad)
    for bad in (UNKNOWN, [UNKNOWN], regions(UNKNOWN), regions(3, UNKNOWN))
]
SAYS = [
    (
        "AdvancedCluster:mongodb",
        "replicationSpecs",
        regions(2),
        "electable nodes of replicationSpecs[0] is 2; allowed: an odd number, 3 or more.",
    )
]
LIMITS = [("minimum", 1, ("AdvancedCluster:mongodb", "replicationSpecs", regions(1))), ("minimum", 5, None)]
