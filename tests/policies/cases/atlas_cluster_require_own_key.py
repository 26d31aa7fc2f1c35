"""Cases of atlas-cluster-require-own-key: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("EncryptionAtRest:mongodb", "", UNSET),
    *(("EncryptionAtRest:mongodb", "projectId", bad) for bad in ("", "another")),
]
PASSES: list[tuple[str, str, object]] = [("AdvancedCluster:mongodb", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [("EncryptionAtRest:mongodb", "projectId", UNKNOWN)]
SAYS = [
    (
        "EncryptionAtRest:mongodb",
        "",
        UNSET,
        "AdvancedCluster mongodb: the key of its project is not there, or not enough; allowed: ",
    )
]
