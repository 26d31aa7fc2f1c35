"""Cases of mongo-replica-set-keep-majority: resource, property, value."""

from policies.values import UNKNOWN, UNSET


def member(name: object, *, arbiter: object = False, priority: object = 1) -> dict[str, object]:
    return {"name": name, "arbiter": arbiter, "priority": priority}


ONE, TWO, THREE, FOUR = (member(f"mongodb-{n}") for n in (1, 2, 3, 4))
ARBITER = member("mongodb-arbiter", arbiter=True, priority=0)
NEVER_LEAD = [member(f"mongodb-{n}", priority=0) for n in (1, 2, 3)]

FIRES: list[tuple[str, str, object]] = [
    ("MongoReplicaSet:mongodb", "members", UNSET),
    ("MongoReplicaSet:mongodb", "members", ""),
    ("MongoReplicaSet:mongodb", "members", 0),
    ("MongoReplicaSet:mongodb", "members", {}),
    ("MongoReplicaSet:mongodb", "members", []),
    ("MongoReplicaSet:mongodb", "members", [ONE]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, TWO]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, member("")]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, {}]),
    ("MongoReplicaSet:mongodb", "members", ["mongodb-1", "mongodb-2", "mongodb-3"]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, THREE, FOUR]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, THREE, ARBITER]),
    ("MongoReplicaSet:mongodb", "members", [ONE, ARBITER, member("another", arbiter=True)]),
    ("MongoReplicaSet:mongodb", "members", [ONE, ARBITER, member("mongodb-2", arbiter=UNSET)]),
    ("MongoReplicaSet:mongodb", "members", [ONE, ARBITER, member("mongodb-2", arbiter="false")]),
    ("MongoReplicaSet:mongodb", "members", [ONE, ARBITER, member("mongodb-2", arbiter=0)]),
    ("MongoReplicaSet:mongodb", "members", NEVER_LEAD),
    ("MongoReplicaSet:mongodb", "members", [*NEVER_LEAD[:2], member("mongodb-3", arbiter=True, priority=1)]),
    ("MongoReplicaSet:mongodb", "members", [*NEVER_LEAD[:2], member("mongodb-3", priority=UNSET)]),
    ("MongoReplicaSet:mongodb", "members", [*NEVER_LEAD[:2], member("mongodb-3", priority=True)]),
    ("MongoReplicaSet:mongodb", "members", [*NEVER_LEAD[:2], member("mongodb-3", priority=-1)]),
    ("MongoReplicaSet:mongodb", "members", [ONE, member(UNKNOWN)]),
]
PASSES: list[tuple[str, str, object]] = [
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, ARBITER]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, THREE, FOUR, ARBITER]),
    ("MongoReplicaSet:mongodb", "members", [*NEVER_LEAD[:2], member("mongodb-3", priority=0.5)]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, member("mongodb-3", arbiter=UNKNOWN, priority=UNKNOWN)]),
    ("MongodMember:mongodb-3", "members", []),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("MongoReplicaSet:mongodb", "members", UNKNOWN),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, UNKNOWN]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, member(UNKNOWN)]),
    ("MongoReplicaSet:mongodb", "members", [ONE, TWO, THREE, UNKNOWN]),
    ("MongoReplicaSet:mongodb", "members", [ONE, ARBITER, member("mongodb-2", arbiter=UNKNOWN)]),
    ("MongoReplicaSet:mongodb", "members", [*NEVER_LEAD[:2], member("mongodb-3", priority=UNKNOWN)]),
]
SAYS: list[tuple[str, str, object, str]] = [
    (
        "MongoReplicaSet:mongodb",
        "members",
        [ONE, TWO],
        "MongoReplicaSet mongodb: the number of voters is 2; allowed: an odd number, 3 or more.",
    ),
    (
        "MongoReplicaSet:mongodb",
        "members",
        [ONE, ARBITER, member("another", arbiter=True)],
        "the number of members with data is 1; allowed: 2 or more.",
    ),
    (
        "MongoReplicaSet:mongodb",
        "members",
        NEVER_LEAD,
        "the number of members with data and a priority above 0 is 0; allowed: 1 or more.",
    ),
    ("MongoReplicaSet:mongodb", "members", UNSET, "members is unset; allowed: a list with name, arbiter and priority"),
]
