"""Cases of rds-snapshot-forbid-sharing: resource, property, value."""

from policies.values import UNKNOWN, UNSET

WHERE = ("Snapshot:before", "SnapshotCopy:before")
PATH = "sharedAccounts"
FIRES: list[tuple[str, str, object]] = [
    (where, PATH, bad) for where in WHERE for bad in (["all"], ["210987654321"], "all", "", 0, {})
]
PASSES: list[tuple[str, str, object]] = [(where, PATH, good) for where in WHERE for good in (UNSET, [])]
CANNOT_TELL: list[tuple[str, str, object]] = [(where, PATH, UNKNOWN) for where in WHERE]
SAYS = [
    ("Snapshot:before", PATH, ["all"], "Snapshot before: sharedAccounts is the whole world; allowed: unset, or an"),
    ("Snapshot:before", PATH, ["1"], "sharedAccounts is other accounts, or no list; allowed"),
]
