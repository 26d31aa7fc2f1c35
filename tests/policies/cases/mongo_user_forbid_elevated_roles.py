"""Cases of mongo-user-forbid-elevated-roles: resource, property, value."""

from policies.mongodb import FORBIDDEN_ROLES
from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret

USER = "MongoUser:design-service"
OWN = {"role": "design_service", "database": "admin"}

FIRES: list[tuple[str, str, object]] = [
    *((USER, "roles", [OWN, {"role": role, "database": "admin"}]) for role in FORBIDDEN_ROLES.default),
    (USER, "roles", [{"role": "readWrite", "database": "fashion-wallet-main"}]),
    (USER, "roles", [{"role": "root"}]),
    (USER, "roles", [{"role": secret("root"), "database": "admin"}]),
    (USER, "roles", [{"role": "", "database": "admin"}]),
    (USER, "roles", [{"role": UNSET, "database": "admin"}]),
    (USER, "roles", [{"role": 0, "database": "admin"}]),
    (USER, "roles", [{"role": "root", "database": "admin"}, UNKNOWN]),
    (USER, "roles", ["design_service"]),
    (USER, "roles", "root"),
    (USER, "roles", 0),
]
PASSES: list[tuple[str, str, object]] = [
    (USER, "roles", []),
    (USER, "roles", UNSET),
    (USER, "roles", [OWN, {"role": "clusterMonitor", "database": "admin"}]),
    (USER, "name", "root"),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (USER, "roles", UNKNOWN),
    (USER, "roles", [OWN, UNKNOWN]),
    (USER, "roles", [{"role": UNKNOWN, "database": "admin"}]),
]
SAYS: list[tuple[str, str, object, str]] = [
    (
        USER,
        "roles",
        [OWN, {"role": "userAdmin", "database": "admin"}],
        "MongoUser design-service: roles[1].role is userAdmin, which can give itself any other role; allowed: a",
    ),
    (USER, "roles", [{}], "roles[0].role is unset; allowed: a role of the program's own"),
]
