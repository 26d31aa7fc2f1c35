"""Cases of atlas-cluster-require-private-endpoint: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("PrivateLinkEndpoint:mongodb", "", UNSET),
    *(("PrivateLinkEndpoint:mongodb", "projectId", bad) for bad in ("", "another")),
]
PASSES: list[tuple[str, str, object]] = [("AdvancedCluster:mongodb", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("PrivateLinkEndpoint:mongodb", "projectId", UNKNOWN)]
SAYS = [
    (
        "PrivateLinkEndpoint:mongodb",
        "",
        UNSET,
        "AdvancedCluster mongodb: its private endpoint is not there, or not enough; allowed: ",
    )
]
