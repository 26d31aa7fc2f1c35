"""Cases of atlas-role-forbid-structure-changes: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def may(action: object, database: object = "fashion-wallet-main", collection: object = "designs") -> list[object]:
    return [{"action": action, "resources": [{"databaseName": database, "collectionName": collection}]}]


FIRES: list[tuple[str, str, object]] = [
    *(
        ("CustomDbRole:design-service", "actions", may(bad))
        for bad in ("DROP_COLLECTION", "CREATE_INDEX", "find", "", 0, UNSET)
    ),
    ("CustomDbRole:design-service", "actions", may("FIND", database="")),
    ("CustomDbRole:design-service", "actions", may("FIND", database=UNSET)),
    ("CustomDbRole:design-service", "actions", may("FIND", collection="")),
    ("CustomDbRole:design-service", "actions", [{"action": "FIND"}]),
    ("CustomDbRole:design-service", "actions", ["FIND"]),
    ("CustomDbRole:design-service", "inheritedRoles", [{"roleName": "readWrite", "databaseName": "a"}]),
    ("CustomDbRole:design-service", "inheritedRoles", [{}]),
]
PASSES: list[tuple[str, str, object]] = [
    ("CustomDbRole:design-service", "", {"roleName": "provisioner", "actions": may("CREATE_INDEX")}),
    ("CustomDbRole:design-service", "actions", UNSET),
    ("CustomDbRole:design-service", "actions", []),
    ("CustomDbRole:design-service", "actions", may("LIST_COLLECTIONS", collection="")),
    ("CustomDbRole:design-service", "inheritedRoles", [{"roleName": "app_readwrite", "databaseName": "admin"}]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    *(
        ("CustomDbRole:design-service", "actions", bad)
        for bad in (UNKNOWN, [UNKNOWN], may(UNKNOWN), may("FIND", database=UNKNOWN))
    ),
    *(
        ("CustomDbRole:design-service", "actions", [{"action": "FIND", "resources": bad}])
        for bad in (UNKNOWN, [UNKNOWN])
    ),
    ("CustomDbRole:design-service", "inheritedRoles", [UNKNOWN]),
]
SAYS = [
    (
        "CustomDbRole:design-service",
        "actions",
        may("DROP_COLLECTION"),
        "actions[0].action is DROP_COLLECTION; allowed: FIND, INSERT,",
    )
]
LIMITS = [
    ("administrators", ["design_service"], ("CustomDbRole:design-service", "actions", may("CREATE_INDEX"))),
    (
        "forbiddenRoles",
        {"root": "which may do anything"},
        ("CustomDbRole:design-service", "inheritedRoles", [{"roleName": "readWrite"}]),
    ),
    ("allowedActions", ["FIND", "CREATE_INDEX"], ("CustomDbRole:design-service", "actions", may("CREATE_INDEX"))),
]
