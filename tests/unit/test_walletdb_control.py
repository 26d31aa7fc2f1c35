"""Who may take over, and how far a move has come."""

from __future__ import annotations

import dataclasses

import pytest

from walletdb.config import Cluster, HostPort, Member
from walletdb.control import Observation, Phase, Plan, make_plan, phase_of
from walletdb.errors import ControlError
from walletdb.probes.patroni import ClusterView, MemberView, NodeView
from walletdb.probes.postgres import Standby

ENDPOINT = HostPort(host="127.0.0.1", port=10)
CLUSTER = Cluster(
    name="postgres",
    scope="postgres",
    database="fashion_wallet",
    writer=ENDPOINT,
    reader=ENDPOINT,
    members=tuple(
        Member(name=name, host="127.0.0.1", port=20, rest_url="https://127.0.0.1:21") for name in ("p1", "p2", "p3")
    ),
    synchronous_standbys=1,
    maximum_lag_ms=1000,
    reader_max_lag_mib=16,
)
ONE = CLUSTER.model_copy(update={"members": CLUSTER.members[:1]})
ASYNCHRONOUS = CLUSTER.model_copy(update={"synchronous_standbys": 0})
LEADER = MemberView(name="p1", role="leader", state="running")
SYNC = MemberView(name="p2", role="sync_standby", state="streaming")
REPLICA = MemberView(name="p3", role="replica", state="streaming")
VIEW = ClusterView(members=(LEADER, SYNC, REPLICA))
LEADERLESS = ClusterView(members=(SYNC, REPLICA))
NODE = NodeView(
    state="running", role="replica", timeline=1, replication_state=None, pending_restart=(), patroni_version=None
)
ALL = {"p1": NODE, "p2": NODE, "p3": NODE}
WITHOUT_LEADER = {"p2": NODE, "p3": NODE}


def test_the_synchronous_standby_takes_over() -> None:
    plan = make_plan("switchover", CLUSTER, VIEW, ALL)
    assert (plan.leader, plan.candidate, plan.may_lose) == ("p1", "p2", False)
    assert plan.expected == {"p1", "p3"}
    assert plan.synchronous_wanted == 1


@pytest.mark.parametrize("view", [VIEW, LEADERLESS], ids=["its key is still there", "its key is gone"])
def test_failover_works_without_the_leader(view: ClusterView) -> None:
    plan = make_plan("failover", CLUSTER, view, WITHOUT_LEADER)
    assert (plan.candidate, plan.leader_alive, plan.expected) == ("p2", False, {"p3"})


def test_the_last_one_standing_expects_nobody() -> None:
    plan = make_plan("failover", CLUSTER, VIEW, {"p2": NODE})
    assert (plan.candidate, plan.expected, plan.synchronous_wanted) == ("p2", frozenset(), 0)


def test_without_synchronous_replication_any_healthy_replica_will_do() -> None:
    assert make_plan("switchover", ASYNCHRONOUS, VIEW, ALL, candidate="p3").candidate == "p3"


def test_data_loss_must_be_allowed_by_name() -> None:
    plan = make_plan("failover", CLUSTER, VIEW, {"p3": NODE}, allow_data_loss=True)
    assert (plan.candidate, plan.may_lose) == ("p3", True)


def test_allowing_data_loss_still_prefers_the_synchronous_standby() -> None:
    plan = make_plan("failover", CLUSTER, VIEW, WITHOUT_LEADER, allow_data_loss=True)
    assert (plan.candidate, plan.may_lose) == ("p2", False)


STOPPED = dataclasses.replace(NODE, state="stopped")
TAGGED = ClusterView(members=(LEADER, dataclasses.replace(SYNC, no_failover=True), REPLICA))


@pytest.mark.parametrize(
    "action,cluster,view,nodes,candidate,reason",
    [
        ("switchover", ONE, VIEW, ALL, None, "it has one member"),
        ("switchover", CLUSTER, VIEW, ALL, "p9", "no member 'p9'"),
        ("switchover", CLUSTER, VIEW, ALL, "p1", "p1: is the leader"),
        ("switchover", CLUSTER, VIEW, ALL, "p3", "p3: is no synchronous standby"),
        ("switchover", CLUSTER, LEADERLESS, ALL, None, "there is no leader"),
        ("switchover", CLUSTER, VIEW, WITHOUT_LEADER, None, "the leader p1 does not answer"),
        ("failover", CLUSTER, VIEW, {"p3": NODE}, None, "p2: its Patroni does not answer"),
        ("failover", CLUSTER, VIEW, {**ALL, "p2": STOPPED}, None, "p2: PostgreSQL is stopped"),
        ("failover", CLUSTER, TAGGED, ALL, "p2", "p2: is tagged nofailover"),
        ("failover", CLUSTER, ClusterView(members=(REPLICA,)), ALL, "p2", "p2: is unknown to Patroni"),
    ],
)
def test_who_may_not_take_over_is_refused_with_the_reason(
    action: str, cluster: Cluster, view: ClusterView, nodes: dict[str, NodeView], candidate: str | None, reason: str
) -> None:
    with pytest.raises(ControlError) as caught:
        make_plan("failover" if action == "failover" else "switchover", cluster, view, nodes, candidate=candidate)
    assert reason in str(caught.value)
    assert caught.value.exit_code == 1


def test_the_refusal_names_the_way_that_loses_commits_only_where_it_would_work() -> None:
    with pytest.raises(ControlError, match="--candidate p3 --allow-data-loss"):
        make_plan("failover", CLUSTER, VIEW, {"p3": NODE})
    with pytest.raises(ControlError) as caught:
        make_plan("failover", CLUSTER, VIEW, {})
    assert "--allow-data-loss" not in str(caught.value)


PLAN = Plan(
    action="switchover",
    cluster="postgres",
    leader="p1",
    leader_alive=True,
    candidate="p2",
    expected=frozenset({"p1", "p3"}),
    synchronous_wanted=1,
    may_lose=False,
)
OLD = Standby(name="p1", state="streaming", sync_state="sync")
THIRD = Standby(name="p3", state="streaming", sync_state="async")


@pytest.mark.parametrize(
    "seen,phase",
    [
        (Observation(), Phase.REQUESTED),
        (Observation(leader="p1"), Phase.REQUESTED),
        (Observation(leader="p2"), Phase.LED),
        (Observation(leader="p2", refusal="status unknown"), Phase.LED),
        (Observation(leader="p2", writer="p1"), Phase.LED),
        (Observation(leader="p2", writer="p2"), Phase.WRITABLE),
        (Observation(leader="p2", writer="p2", standbys=(OLD,)), Phase.WRITABLE),
        (
            Observation(leader="p2", writer="p2", standbys=(dataclasses.replace(OLD, state="catchup"), THIRD)),
            Phase.WRITABLE,
        ),
        (
            Observation(leader="p2", writer="p2", standbys=(dataclasses.replace(OLD, sync_state="async"), THIRD)),
            Phase.WRITABLE,
        ),
        (Observation(leader="p2", writer="p2", standbys=(OLD, THIRD)), Phase.DONE),
    ],
)
def test_phases(seen: Observation, phase: Phase) -> None:
    assert phase_of(PLAN, seen) is phase


@pytest.mark.parametrize(
    "seen,said",
    [
        (Observation(leader="p1", refusal="HTTP 412 no"), "nothing was changed(.|\n)*HTTP 412 no"),
        (Observation(leader="p3"), "p3 leads now instead of p2"),
    ],
)
def test_what_ends_a_move(seen: Observation, said: str) -> None:
    with pytest.raises(ControlError, match=said):
        phase_of(PLAN, seen)
