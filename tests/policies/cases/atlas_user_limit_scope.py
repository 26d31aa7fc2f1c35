"""Cases of atlas-user-limit-scope: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("DatabaseUser:design-service", "scopes", bad) for bad in (UNSET, [], "", 0, [{}], [{"name": ""}])
]
PASSES: list[tuple[str, str, object]] = [
    ("DatabaseUser:design-service", "scopes", [{"name": UNKNOWN}]),
    ("DatabaseUser:design-service", "scopes", [{"name": "a"}]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [("DatabaseUser:design-service", "scopes", UNKNOWN)]
SAYS = [("DatabaseUser:design-service", "scopes", [], "scopes is empty; allowed: a list with the name of the cluster.")]
