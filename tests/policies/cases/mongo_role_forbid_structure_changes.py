"""Cases of mongo-role-forbid-structure-changes: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.names import secret


def on(*actions: object, database: object = "fashion-wallet-main", collection: object = "designs") -> list[object]:
    return [{"database": database, "collection": collection, "actions": list(actions)}]


ROLE = "MongoRole:design-service"

FIRES: list[tuple[str, str, object]] = [
    *(
        (ROLE, "privileges", on("find", action))
        for action in (
            *("createCollection", "dropCollection", "collMod", "createIndex", "dropIndex", "dropDatabase"),
            *("convertToCapped", "renameCollectionSameDB", "bypassDocumentValidation", "anyAction", "grantRole"),
            *("Find", "", 0),
        )
    ),
    (ROLE, "privileges", on("dropCollection", UNKNOWN)),
    (ROLE, "privileges", on("dropCollection", database=UNKNOWN)),
    (ROLE, "privileges", on("find", database="")),
    (ROLE, "privileges", on("find", database=UNSET)),
    (ROLE, "privileges", on("find", database=0)),
    (ROLE, "privileges", on("find", database=[])),
    (ROLE, "privileges", on("find", collection={})),
    (ROLE, "privileges", on([])),
    (ROLE, "privileges", on("listCollections", "find", collection="")),
    (ROLE, "privileges", on("collStats", collection=UNSET)),
    (ROLE, "privileges", on("find", database="", collection=UNKNOWN)),
    (ROLE, "privileges", on("update", database="admin", collection="system.users")),
    (ROLE, "privileges", on("find", database="admin", collection=UNKNOWN)),
    (ROLE, "privileges", on("changeStream", database="local", collection="oplog.rs")),
    (ROLE, "privileges", on("insert", collection="system.js")),
    (ROLE, "privileges", "find"),
    (ROLE, "privileges", 0),
    (ROLE, "privileges", ["find"]),
    (ROLE, "privileges", [{"database": "fashion-wallet-main", "collection": "designs"}]),
    (ROLE, "privileges", [{"database": "fashion-wallet-main", "collection": "designs", "actions": ""}]),
    *((ROLE, "roles", [{"role": role, "database": "admin"}]) for role in ("root", "dbOwner", "__system", "userAdmin")),
    (ROLE, "roles", [{"role": "app_readwrite", "database": "admin"}, {"role": "readWrite", "database": "shop"}]),
    (ROLE, "roles", [{"role": "", "database": "admin"}]),
    (ROLE, "roles", [{}]),
    (ROLE, "roles", ["root"]),
    (ROLE, "roles", "root"),
]
PASSES: list[tuple[str, str, object]] = [
    (ROLE, "privileges", []),
    (ROLE, "privileges", UNSET),
    (ROLE, "privileges", on()),
    (ROLE, "privileges", on("find", "insert", "update", "remove", "changeStream", "collStats", "listIndexes")),
    (ROLE, "privileges", on("find", database="encryption", collection="__keyVault")),
    (ROLE, "privileges", on("dbStats", "listCollections", collection="")),
    (ROLE, "privileges", on("listCollections", database=UNKNOWN, collection=UNKNOWN)),
    (ROLE, "privileges", on(secret("find"))),
    (ROLE, "roles", []),
    (ROLE, "roles", UNSET),
    (ROLE, "roles", [{"role": "clusterMonitor", "database": "admin"}]),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (ROLE, "privileges", UNKNOWN),
    (ROLE, "privileges", [UNKNOWN]),
    (ROLE, "privileges", on("find", UNKNOWN)),
    (ROLE, "privileges", on("find", database=UNKNOWN)),
    (ROLE, "privileges", on("find", collection=UNKNOWN)),
    (ROLE, "privileges", [{"database": "fashion-wallet-main", "collection": "designs", "actions": UNKNOWN}]),
    (ROLE, "roles", UNKNOWN),
    (ROLE, "roles", [UNKNOWN]),
    (ROLE, "roles", [{"role": UNKNOWN, "database": "admin"}]),
]
SAYS: list[tuple[str, str, object, str]] = [
    (
        ROLE,
        "privileges",
        on("find", "dropCollection"),
        "privileges[0].actions is dropCollection; allowed: find, insert,",
    ),
    (
        ROLE,
        "privileges",
        on("find", database=""),
        "privileges[0] is find on every database; allowed: only dbStats, list",
    ),
    (ROLE, "privileges", on("find", collection=""), "privileges[0] is find on every collection; allowed: only dbStats"),
    (ROLE, "privileges", on("find", database="admin"), "privileges[0] is find on the system's database admin; allowed"),
    (ROLE, "privileges", on("find", collection="system.js"), "privileges[0] is find on a collection of the system"),
    (
        ROLE,
        "roles",
        [{"role": "readWrite", "database": "admin"}],
        "roles[0].role is readWrite, which also makes and drops collections and indexes; allowed: a role of",
    ),
]
