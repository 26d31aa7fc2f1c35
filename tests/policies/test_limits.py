"""Levels and limits as the engine hands them to the pack, and the stacks and types they change."""

from importlib import import_module

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policies.errors import ConfigurationError
from policies.registry import RULES
from policies.values import UNSET
from tests.policies.world import Analyzer, World

ADVISORY, MANDATORY, DISABLED = 0, 1, 2


def configure(pack: Analyzer, rule: str, level: int = MANDATORY, **values: object) -> None:
    properties = struct_pb2.Struct()
    properties.update(values)
    config = {rule: analyzer_pb2.PolicyConfig(enforcementLevel=level, properties=properties)}
    pack.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config), None)


REPLICA, STANDBY = "patroni-cluster-keep-replicas", "patroni-cluster-keep-synchronous-standby"
ATTRIBUTES, MEMBERSHIP = "postgresql-role-forbid-elevated-attributes", "postgresql-role-forbid-superuser-membership"
LOOPBACK, TLS = "walletdb-listen-on-loopback", "walletdb-require-tls-1-3"
CREATE, COVER = "postgresql-schema-forbid-create", "dataguard-cover-stateful"
MAJORITY, OPLOG = "mongo-replica-set-keep-majority", "mongo-replica-set-keep-oplog"
VALIDATION = "mongo-collection-require-validation"
MONGO_ROLE, MONGO_USER = "mongo-role-forbid-structure-changes", "mongo-user-forbid-elevated-roles"
BOTH = ["TLSv1.2", "TLSv1.3"]
TWO_MEMBERS = ("DataGuard:guard", "clusters.postgres.members", ["postgres-1", "postgres-2"])

MEMBERS = [{"name": f"mongodb-{n}", "arbiter": n > 1, "priority": 2 - n} for n in (1, 2, 3)]
ONE_MEMBER = ("MongoReplicaSet:mongodb", "members", MEMBERS[:1])
TWO_ARBITERS = ("MongoReplicaSet:mongodb", "members", MEMBERS)
ROOT = [{"role": "root", "database": "admin"}]


def may(action: str, collection: str) -> tuple[str, str, object]:
    privilege = {"database": "fashion-wallet-main", "collection": collection, "actions": [action]}
    return ("MongoRole:design-service", "privileges", [privilege])


# rule, limit, its value, and what breaks the rule without it
SET = [
    (TLS, "allowedVersions", BOTH, ("PgBouncer:pgbouncer", "minimumTlsVersion", "TLSv1.2")),
    (LOOPBACK, "allowedAddresses", ["10.0.0.1"], ("Etcd:etcd-1", "listenAddress", "10.0.0.1")),
    (REPLICA, "minimum", 1, TWO_MEMBERS),
    (REPLICA, "minimumByScope", {"postgres": 1, "timescale": 0}, TWO_MEMBERS),
    (STANDBY, "minimumByScope", {"postgres": 0}, ("PatroniCluster:postgres", "synchronousStandbys", 0)),
    (ATTRIBUTES, "allowed", {"avatar_service": ["createRole"]}, ("Role:avatar-service", "createRole", True)),
    (MEMBERSHIP, "superuserRoles", ["root"], ("GrantRole:avatar-service", "grantRole", "postgres")),
    (CREATE, "creators", ["Avatar_Service", "migration_runner"], ("Grant:avatar-usage", "privileges", ["CREATE"])),
    (CREATE, "owners", ["postgres", "dba"], ("Schema:avatar", "owner", "dba")),
    (MAJORITY, "minimumWithData", 1, TWO_ARBITERS),
    (OPLOG, "minimumH", 6, ("MongoReplicaSet:mongodb", "oplogRetentionH", 6)),
    (VALIDATION, "allowedLevels", ["off"], ("MongoCollection:designs", "validationLevel", "off")),
    (MONGO_ROLE, "allowedActions", ["find", "insert", "listCollections", "createIndex"], may("createIndex", "designs")),
    (MONGO_ROLE, "wideActions", ["find", "listCollections"], may("find", "")),
    (MONGO_ROLE, "forbiddenRoles", {"dbOwner": "which owns it"}, ("MongoRole:design-service", "roles", ROOT)),
    (MONGO_USER, "forbiddenRoles", {}, ("MongoUser:design-service", "roles", ROOT)),
    (COVER, "statefulTypes", ["walletdb:index:Etcd"], ("DataGuard:guard", "stateful", {"Etcd:etcd-1": "a"})),
]


@pytest.mark.parametrize("rule,limit,value,broken", SET)
def test_a_limit_that_is_set_is_in_force(
    pack: Analyzer, rule: str, limit: str, value: object, broken: tuple[str, str, object]
) -> None:
    world = World().put(*broken)
    assert rule in world.judge(pack).violations
    configure(pack, rule, **{limit: value})
    assert rule not in world.judge(pack).violations


def limit_rows() -> list[object]:
    modules = [(rule.id, import_module(f"tests.policies.cases.{rule.id.replace('-', '_')}")) for rule in RULES]
    rows = [(rule_id, *row) for rule_id, module in modules for row in getattr(module, "LIMITS", [])]
    return [pytest.param(*row, id=f"{row[0]}-{row[1]}-{row[2]}") for row in rows]


@pytest.mark.parametrize("rule,limit,value,broken", limit_rows())
def test_a_limit_of_the_tables_is_in_force(
    pack: Analyzer, rule: str, limit: str, value: object, broken: tuple[str, str, object] | None
) -> None:
    """A row without `broken` is stricter than what the compliant stack has; one with it is weaker than the default."""
    world = World() if broken is None else World().put(*broken)
    assert (rule in world.judge(pack).violations) is (broken is not None)
    configure(pack, rule, **{limit: value})
    assert (rule in world.judge(pack).violations) is (broken is None)


def test_every_limit_is_tried() -> None:
    tried = {(rule, limit) for rule, limit, *_ in SET} | {
        (STANDBY, "minimum"),
        (MAJORITY, "minimum"),
        ("resource-require-tags", "values"),
    }
    tried |= {(row.values[0], row.values[1]) for row in limit_rows()}
    assert tried == {(rule.id, limit.name) for rule in RULES for limit in rule.limits}


def test_more_synchronous_standbys_can_be_demanded(pack: Analyzer) -> None:
    configure(pack, STANDBY, minimum=2)
    assert World().judge(pack).violations == {STANDBY}


def test_fewer_voters_can_be_allowed_but_never_an_even_number(pack: Analyzer) -> None:
    configure(pack, MAJORITY, minimum=1, minimumWithData=1)
    assert World().put(*ONE_MEMBER).judge(pack).violations == set()
    assert World().put("MongoReplicaSet:mongodb", "members", MEMBERS[:2]).judge(pack).violations == {MAJORITY}


def test_more_voters_and_more_copies_can_be_demanded(pack: Analyzer) -> None:
    configure(pack, MAJORITY, minimum=5, minimumWithData=4)
    messages = "\n".join(World().judge(pack).messages)
    assert "the number of voters is 3; allowed: an odd number, 5 or more." in messages
    assert "the number of members with data is 3; allowed: 4 or more." in messages


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_misspelt_limit_stops_the_preview(pack: Analyzer, rule: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{rule}\.minimun is no setting of this rule; allowed: .+; fix"):
        configure(pack, rule, minimun=3)


def test_a_disabled_rule_is_silent_and_an_advisory_one_says_so(pack: Analyzer) -> None:
    world = World().put("PatroniMember:postgres-1", "dataChecksums", False)  # noqa: FBT003 - the broken value
    assert world.judge(pack).levels == {"patroni-member-enable-checksums": MANDATORY}
    configure(pack, "patroni-member-enable-checksums", ADVISORY)
    assert world.judge(pack).levels == {"patroni-member-enable-checksums": ADVISORY}
    configure(pack, "patroni-member-enable-checksums", DISABLED)
    assert world.judge(pack).levels == {}


def test_all_rules_are_mandatory_but_reminders(pack: Analyzer) -> None:
    advisory = [rule.id for rule in RULES if rule.level.value != "mandatory"]
    assert advisory == [
        "dataguard-forbid-stale-allowance",
        "exemption-forbid-unused",
        "rds-instance-change-in-window",
    ]


@pytest.mark.parametrize(
    "stack,throwaway", [("test-1", True), ("pr-17", True), ("dev", False), ("prod", False), ("contest-1", False)]
)
def test_throwaway_stacks_may_have_fewer_replicas(pack: Analyzer, stack: str, throwaway: bool) -> None:  # noqa: FBT001
    pack.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack=stack))
    verdict = World(stack=stack).put(*TWO_MEMBERS).put(*ONE_MEMBER).judge(pack)
    assert verdict.violations == (set() if throwaway else {REPLICA, MAJORITY})


def test_a_stack_without_databases_has_nothing_to_judge(pack: Analyzer) -> None:
    world = World()
    world.resources = {"pulumi:pulumi:Stack/fashion-wallet-prod": {}}
    verdict = world.judge(pack)
    assert verdict.messages == []


def test_two_stateful_resources_need_two_ids(pack: Analyzer) -> None:
    world = World().add("other:index:Etcd", "etcd-1")
    configure(pack, COVER, statefulTypes=["walletdb:index:Etcd", "other:index:Etcd"])
    verdict = world.judge(pack)
    assert verdict.violations == {COVER}
    assert "Etcd:etcd-1, which 2 resources have" in verdict.messages[0]


def test_a_second_guard_adds_to_the_first(pack: Analyzer) -> None:
    world = World().put("DataGuard:guard", "stateful.Etcd:etcd-1", UNSET)
    world.add("walletdb:index:DataGuard", "more", stateful={"Etcd:etcd-1": "a"}, clusters={}, allow=[], lost=[])
    assert world.judge(pack).messages == []
