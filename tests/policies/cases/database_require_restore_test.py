"""Cases of database-require-restore-test: resource, property, value."""

from policies.values import UNKNOWN, UNSET

SELECTION = "RestoreTestingSelection:fashion-wallet-restore-test-rds"
FIRES: list[tuple[str, str, object]] = [
    (SELECTION, "", UNSET),
    *((SELECTION, "protectedResourceArns", bad) for bad in (UNSET, [], "", 0, ["arn:aws:rds:eu-central-1:1:db:a"])),
]
PASSES: list[tuple[str, str, object]] = [(SELECTION, "protectedResourceArns", ["*"])]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (SELECTION, "protectedResourceArns", UNKNOWN),
    (SELECTION, "protectedResourceArns", [UNKNOWN]),
]
SAYS = [
    (SELECTION, "protectedResourceArns", [], "Instance postgres-primary: its restore test is not there; allowed: a")
]
