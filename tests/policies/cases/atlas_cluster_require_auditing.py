"""Cases of atlas-cluster-require-auditing: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("Auditing:mongodb", "", UNSET),
    *(("Auditing:mongodb", "projectId", bad) for bad in ("", "another")),
]
PASSES: list[tuple[str, str, object]] = [("AdvancedCluster:mongodb", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("Auditing:mongodb", "projectId", UNKNOWN)]
SAYS = [
    (
        "Auditing:mongodb",
        "",
        UNSET,
        "AdvancedCluster mongodb: the auditing of its project is not there, or not enough; allowed: ",
    )
]
