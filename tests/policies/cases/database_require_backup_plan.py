"""Cases of database-require-backup-plan: resource, property, value."""

from policies.values import UNKNOWN, UNSET

SELECTION = "Selection:fashion-wallet-selection"
FIRES: list[tuple[str, str, object]] = [
    (SELECTION, "", UNSET),
    *(
        (SELECTION, "resources", bad)
        for bad in (UNSET, [], "", 0, ["arn:aws:rds:eu-central-1:123456789012:db:another"])
    ),
]
PASSES: list[tuple[str, str, object]] = [
    (SELECTION, "resources", good)
    for good in (["arn:aws:rds:*:*:db:*"], ["*"], ["arn:x", "arn:aws:rds:eu-central-1:123456789012:db:*"])
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (SELECTION, "resources", UNKNOWN),
    (SELECTION, "resources", [UNKNOWN]),
    ("Instance:postgres-primary", "arn", UNKNOWN),
]
SAYS = [
    (SELECTION, "resources", [], "Instance postgres-primary: its plan of backups is not there; allowed: a selection")
]
