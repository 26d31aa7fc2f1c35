"""Cases of atlas-user-forbid-elevated-roles: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def having(*names: object) -> list[object]:
    return [{"roleName": name, "databaseName": "admin"} for name in names]


FIRES: list[tuple[str, str, object]] = [
    ("DatabaseUser:design-service", "roles", bad)
    for bad in (
        UNSET,
        [],
        "",
        0,
        having(""),
        having("atlasAdmin"),
        having("design_service", "readWriteAnyDatabase"),
        having(UNSET),
    )
]
PASSES: list[tuple[str, str, object]] = [
    ("DatabaseUser:design-service", "roles", having("design_service", "another")),
    ("DatabaseUser:design-service", "", {"username": "provisioner", "roles": having("readWriteAnyDatabase")}),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    *(("DatabaseUser:design-service", "roles", bad) for bad in (UNKNOWN, [UNKNOWN], having(UNKNOWN))),
    ("DatabaseUser:design-service", "", {"username": UNKNOWN, "roles": having("atlasAdmin")}),
]
SAYS = [
    (
        "DatabaseUser:design-service",
        "roles",
        having("atlasAdmin"),
        "roles[0].roleName is atlasAdmin; allowed: a role of the program's own,",
    )
]
LIMITS = [
    (
        "forbiddenRoles",
        {"root": "which may do anything"},
        ("DatabaseUser:design-service", "roles", having("atlasAdmin")),
    ),
    ("administrators", ["design_service"], ("DatabaseUser:design-service", "roles", having("atlasAdmin"))),
]
