"""Cases of cnpg-cluster-archive-wal: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Cluster:timescale", "spec.plugins", bad)
    for bad in (UNSET, [], "", 0, [{}], [{"isWALArchiver": False}], [{"isWALArchiver": True, "enabled": False}])
]
PASSES: list[tuple[str, str, object]] = [
    ("Cluster:timescale", "spec.plugins", [{}, {"isWALArchiver": True}]),
    (
        "Cluster:timescale",
        "",
        {"spec.plugins": UNSET, "spec.backup": {"barmanObjectStore": {"destinationPath": "s3://a"}}},
    ),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    *(("Cluster:timescale", "spec.plugins", bad) for bad in (UNKNOWN, [UNKNOWN], [{"isWALArchiver": UNKNOWN}])),
    ("Cluster:timescale", "", {"spec.plugins": UNSET, "spec.backup": UNKNOWN}),
]
SAYS = [
    (
        "Cluster:timescale",
        "spec.plugins",
        [],
        "spec.plugins is without one that archives WAL; allowed: a plugin with isWALArchiver.",
    )
]
FIRES += [("Cluster:timescale", "", {"spec.plugins": UNSET, "spec.backup": {"retentionPolicy": "30d"}})]
PASSES += [("Cluster:timescale", "spec.plugins", [{"isWALArchiver": True, "enabled": True}])]
