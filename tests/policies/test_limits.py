"""Levels and limits as the engine hands them to the pack, and the stacks and types they change."""

import pytest
from google.protobuf import struct_pb2
from pulumi.runtime.proto import analyzer_pb2

from policies.crossguard import ConfigurationError
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
BOTH = ["TLSv1.2", "TLSv1.3"]
TWO_MEMBERS = ("DataGuard:guard", "clusters.postgres.members", ["postgres-1", "postgres-2"])

# rule, limit, its value, and what breaks the rule without it
SET = [
    (TLS, "allowedVersions", BOTH, ("PgBouncer:pgbouncer", "minimumTlsVersion", "TLSv1.2")),
    (LOOPBACK, "allowedAddresses", ["10.0.0.1"], ("Etcd:etcd-1", "listenAddress", "10.0.0.1")),
    (REPLICA, "minimum", 1, TWO_MEMBERS),
    (REPLICA, "minimumByScope", {"postgres": 1, "timescale": 0}, TWO_MEMBERS),
    (REPLICA, "throwawayStacks", "de", TWO_MEMBERS),
    (STANDBY, "minimumByScope", {"postgres": 0}, ("PatroniCluster:postgres", "synchronousStandbys", 0)),
    (ATTRIBUTES, "allowed", {"avatar_service": ["createRole"]}, ("Role:avatar-service", "createRole", True)),
    (MEMBERSHIP, "superuserRoles", ["root"], ("GrantRole:avatar-service", "grantRole", "postgres")),
    (CREATE, "creators", ["Avatar_Service", "migration_runner"], ("Grant:avatar-usage", "privileges", ["CREATE"])),
    (CREATE, "owners", ["postgres", "dba"], ("Schema:avatar", "owner", "dba")),
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


def test_every_limit_is_tried() -> None:
    tried = {(rule, limit) for rule, limit, *_ in SET} | {(STANDBY, "minimum")}
    assert tried == {(rule.id, limit.name) for rule in RULES for limit in rule.limits}


def test_more_synchronous_standbys_can_be_demanded(pack: Analyzer) -> None:
    configure(pack, STANDBY, minimum=2)
    assert World().judge(pack).violations == {STANDBY}


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_a_misspelt_limit_stops_the_preview(pack: Analyzer, rule: str) -> None:
    configure(pack, rule, minimun=3)
    with pytest.raises(ConfigurationError, match=rf"{rule}\.minimun is no setting of this rule; allowed: .+; fix"):
        World().judge(pack)


def test_a_disabled_rule_is_silent_and_an_advisory_one_says_so(pack: Analyzer) -> None:
    world = World().put("PatroniMember:postgres-1", "dataChecksums", False)  # noqa: FBT003 - the broken value
    assert world.judge(pack).levels == {"patroni-member-enable-checksums": MANDATORY}
    configure(pack, "patroni-member-enable-checksums", ADVISORY)
    assert world.judge(pack).levels == {"patroni-member-enable-checksums": ADVISORY}
    configure(pack, "patroni-member-enable-checksums", DISABLED)
    assert world.judge(pack).levels == {}


def test_all_rules_are_mandatory_but_the_reminder_to_remove_a_used_permission(pack: Analyzer) -> None:
    assert [rule.id for rule in RULES if rule.level.value != "mandatory"] == ["dataguard-forbid-stale-allowance"]


@pytest.mark.parametrize(
    "stack,throwaway", [("test-1", True), ("pr-17", True), ("dev", False), ("prod", False), ("contest-1", False)]
)
def test_throwaway_stacks_may_have_fewer_replicas(pack: Analyzer, stack: str, throwaway: bool) -> None:  # noqa: FBT001
    verdict = World(stack=stack).put(*TWO_MEMBERS).judge(pack)
    assert (REPLICA in verdict.violations) is not throwaway
    assert (f"stack {stack} is throwaway" in " ".join(verdict.reasons)) is throwaway


def test_a_stack_without_databases_has_nothing_to_judge(pack: Analyzer) -> None:
    world = World()
    world.resources = {"pulumi:pulumi:Stack/fashion-wallet-prod": {}}
    verdict = world.judge(pack)
    assert verdict.messages == []
    assert verdict.not_applicable == {rule.id for rule in RULES}


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
