"""Cases of mongo-replica-set-keep-oplog: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("MongoReplicaSet:mongodb", "oplogRetentionH", 23),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", 23.9),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", 0),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", -1),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", UNSET),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", ""),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", "48"),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", True),
    ("MongodMember:mongodb-2", "oplogRetentionH", 1),
    ("MongodMember:mongodb-2", "oplogRetentionH", UNSET),
    ("MongodMember:mongodb-2", "", {"arbiter": UNSET, "oplogRetentionH": 1}),
]
PASSES: list[tuple[str, str, object]] = [
    ("MongoReplicaSet:mongodb", "oplogRetentionH", 24.5),
    ("MongoReplicaSet:mongodb", "oplogRetentionH", 720),
    ("MongodMember:mongodb-3", "", {"arbiter": True, "oplogRetentionH": 1}),
    ("MongodMember:mongodb-3", "", {"arbiter": True, "oplogRetentionH": UNSET}),
    ("MongodMember:mongodb-3", "arbiter", UNKNOWN),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("MongoReplicaSet:mongodb", "oplogRetentionH", UNKNOWN),
    ("MongodMember:mongodb-1", "oplogRetentionH", UNKNOWN),
    ("MongodMember:mongodb-3", "", {"arbiter": UNKNOWN, "oplogRetentionH": 1}),
]
SAYS: list[tuple[str, str, object, str]] = [
    (
        "MongodMember:mongodb-1",
        "oplogRetentionH",
        6,
        "MongodMember mongodb-1: oplogRetentionH is 6; allowed: at least 24 (hours).",
    ),
]
