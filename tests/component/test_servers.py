"""The servers of the layer: how many, where, in what order, and how they are kept."""

import ipaddress
import json

import pytest

from components.host.local import ETCD
from components.layer.local_guard import MASTER_KEY
from components.mongodb import documents
from components.mongodb.contents import DATA_KEY
from tests.component.graph import DIRECTORY, Graph, Node, layer

SERVERS = ("Etcd", "PatroniMember", "HAProxy", "PgBouncer", "MongodMember")
STATEFUL = (
    "Etcd",
    "PatroniMember",
    "PatroniCluster",
    "Database",
    "MongodMember",
    "MongoReplicaSet",
    "MongoCollection",
    "MongoDataKey",
)


def _with_replicas(count: int) -> Graph:
    return layer(json.dumps({"postgres": {"replicas": count, "synchronousStandbys": min(count, 1)}}))


def _members(graph: Graph, scope: str) -> dict[str, Node]:
    return {name: node for name, node in graph.of("PatroniMember").items() if node.inputs["scope"] == scope}


@pytest.mark.parametrize("replicas", range(5))
def test_a_cluster_has_a_primary_and_its_replicas_named_by_number(replicas: int) -> None:
    graph = _with_replicas(replicas)
    names = [f"postgres-{number}" for number in range(1, replicas + 2)]
    assert sorted(_members(graph, "postgres")) == names
    assert sorted(_members(graph, "timescale")) == ["timescale-1"]
    for kind, name in (("PatroniCluster", "postgres"), ("HAProxy", "postgres-haproxy")):
        assert [member["name"] for member in graph.one(kind, name).inputs["members"]] == names


@pytest.mark.parametrize("replicas", range(5))
def test_the_first_member_creates_the_cluster_and_the_others_wait_for_it(replicas: int) -> None:
    members = _members(_with_replicas(replicas), "postgres")
    graph = _with_replicas(replicas)
    for name, member in members.items():
        first = name == "postgres-1"
        assert member.inputs["bootstrap"] is first
        assert ("PatroniMember:postgres-1" in graph.ancestors(member)) is not first


def test_one_replica_more_changes_nothing_about_those_that_are_there() -> None:
    fewer, more = _with_replicas(2), _with_replicas(3)
    for name, member in _members(fewer, "postgres").items():
        assert member.inputs == _members(more, "postgres")[name].inputs
    assert set(fewer.nodes) < set(more.nodes)


def test_everything_comes_up_in_order() -> None:
    graph = layer()
    for kind in SERVERS:
        for node in graph.of(kind).values():
            assert {"DataGuard:fashion-wallet-guard", "Supervisor:fashion-wallet-host-supervisor"} <= graph.ancestors(
                node
            ), node.name
    assert f"Etcd:{ETCD}" in graph.ancestors(graph.one("PatroniMember", "postgres-1"))
    assert {f"PatroniMember:postgres-{n}" for n in (1, 2, 3)} <= graph.ancestors(
        graph.one("PatroniCluster", "postgres")
    )
    assert "PatroniCluster:postgres" in graph.ancestors(graph.one("HAProxy", "postgres-haproxy"))
    last = graph.ancestors(graph.one("RuntimeConfig", "fashion-wallet-runtime-config"))
    assert {"PgBouncer:postgres-pgbouncer", "PgBouncer:timescale-pgbouncer", "Database:fashion_wallet"} <= last


def test_the_clusters_do_not_wait_for_each_other() -> None:
    graph = layer()
    waits = graph.ancestors(graph.one("PgBouncer", "timescale-pgbouncer"))
    assert not [label for label in waits if ":postgres" in label]


def test_the_pooler_waits_for_its_own_user_and_for_nothing_else_in_the_database() -> None:
    graph = layer()
    waits = graph.ancestors(graph.one("PgBouncer", "postgres-pgbouncer"))
    inside = {label for label in waits if label.split(":")[0] in {"Role", "Grant", "Schema", "Function", "Extension"}}
    assert inside == {
        "Role:postgres-pooler-role-pgbouncer",
        "Schema:postgres-pooler-schema-pgbouncer",
        "Function:postgres-pooler-function-get_auth",
        "Grant:postgres-pooler-grant-pgbouncer-database",
        "Grant:postgres-pooler-grant-pgbouncer-schema",
        "Grant:postgres-pooler-grant-pgbouncer-function",
        "Grant:postgres-pooler-grant-public-function",
    }


@pytest.mark.parametrize("kind", SERVERS)
def test_every_server_listens_on_loopback_only(kind: str) -> None:
    for node in layer().of(kind).values():
        assert ipaddress.ip_address(node.inputs["listenAddress"]).is_loopback


def test_every_server_wants_tls_1_3_and_every_member_checksums() -> None:
    graph = layer()
    for kind in ("PatroniMember", "PatroniCluster", "PgBouncer"):
        assert {node.inputs["minimumTlsVersion"] for node in graph.of(kind).values()} == {"TLSv1.3"}
    assert all(node.inputs["dataChecksums"] is True for node in graph.of("PatroniMember").values())


def test_no_two_listeners_share_a_port() -> None:
    names = ("port", "restPort", "clientPort", "peerPort", "writerPort", "readerPort")
    ports = [
        node.inputs[name]
        for kind in SERVERS
        for node in layer().of(kind).values()
        for name in names
        if name in node.inputs
    ]
    assert len(ports) == len(set(ports)) == 2 + 4 * 2 + 2 * 2 + 2 + 3


@pytest.mark.parametrize("protect", [True, False])
def test_what_holds_data_is_protected_as_the_settings_say(*, protect: bool) -> None:
    graph = layer(json.dumps({"protect": protect}))
    for kind in STATEFUL:
        assert {node.protect for node in graph.of(kind).values()} == {protect}


def test_protection_is_the_default_and_only_for_what_holds_data() -> None:
    protected = {node.kind for node in layer().nodes.values() if node.protect}
    assert protected == {*STATEFUL, "RandomPassword"}
    assert [name for name, node in layer().of("RandomPassword").items() if node.protect] == [MASTER_KEY]


def test_the_guard_knows_exactly_what_holds_data() -> None:
    graph = layer()
    guard = graph.one("DataGuard", "fashion-wallet-guard").inputs
    named = {f"{kind}:{name}" for kind in STATEFUL for name in graph.of(kind)}
    assert set(guard["stateful"]) == {*named, f"RandomPassword:{MASTER_KEY}"}
    assert guard["stateful"]["PatroniMember:postgres-1"] == f"directory={DIRECTORY} scope=postgres name=postgres-1"
    assert guard["allow"] == []


def test_the_guard_says_of_clusters_what_their_servers_are_told() -> None:
    graph = layer('{"postgres": {"replicas": 3, "synchronousStandbys": 2}}')
    clusters = graph.one("DataGuard", "fashion-wallet-guard").inputs["clusters"]
    assert set(clusters) == {node.inputs["scope"] for node in graph.of("PatroniCluster").values()}
    for scope, said in clusters.items():
        told = graph.one("PatroniCluster", scope).inputs
        assert said["members"] == [member["name"] for member in told["members"]] == sorted(_members(graph, scope))
        servers = [told, *(node.inputs for node in _members(graph, scope).values())]
        assert {server["synchronousStandbys"] for server in servers} == {said["synchronousStandbys"]}


def test_the_guard_passes_on_what_may_be_lost() -> None:
    graph = layer('{"allowDataLoss": ["PatroniMember:postgres-3"]}')
    assert graph.one("DataGuard", "fashion-wallet-guard").inputs["allow"] == ["PatroniMember:postgres-3"]


def test_a_fingerprint_changes_with_the_database_and_with_nothing_small() -> None:
    def stateful(settings: str) -> dict[str, str]:
        return dict(layer(settings).one("DataGuard", "fashion-wallet-guard").inputs["stateful"])

    assert stateful('{"postgres": {"sharedBuffersMib": 256}, "tls": {"caGeneration": 2}}') == stateful("{}")
    assert "Database:other" in stateful('{"postgres": {"database": "other"}}')


def test_every_server_has_a_time_limit_of_its_own() -> None:
    for kind in (*SERVERS, "PatroniCluster", "Supervisor"):
        assert all(node.create_timeout for node in layer().of(kind).values())


def test_every_resource_has_a_parent_and_only_the_layer_is_at_the_top() -> None:
    graph = layer()
    known = {node.urn for node in graph.nodes.values()}
    assert [node.name for node in graph.nodes.values() if node.parent not in known] == ["fashion-wallet"]


def test_names_say_where_a_resource_belongs() -> None:
    """Names are keyed by roles, schemas and member numbers, never by a position in a list."""
    collections = tuple(one.name for one in documents.load())
    own = {"etcd-1", "fashion_wallet", "fashion_wallet_metrics", DATA_KEY}
    groups = ("fashion-wallet", "postgres", "timescale", "mongodb", *collections)
    for node in layer().nodes.values():
        name = node.name.removesuffix("-certificate")
        assert name in own or name.startswith(groups), node.name
