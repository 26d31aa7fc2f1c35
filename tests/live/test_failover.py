"""What a failure costs a client that writes through the writer port. Deadlines are generous: `make bench` measures."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import psutil
import pytest

from tests.fixtures.cluster import Cluster
from tests.fixtures.live_stack import LiveStack
from tests.fixtures.writer import Writer

pytestmark = pytest.mark.live

NODE_OUTAGE_S = 15  # well below the smallest ttl, 20 s
POSTMASTER_OUTAGE_S = 15
FROZEN_OUTAGE_S = 45


@pytest.fixture
def cluster(stack: LiveStack) -> Iterator[Cluster]:
    """The relational cluster, whole before and after."""
    found = Cluster.of(stack)
    found.until_whole()
    yield found
    found.until_whole()


@pytest.mark.alone
def test_a_killed_node_is_replaced_at_once_and_comes_back_by_itself(stack: LiveStack, cluster: Cluster) -> None:
    with Writer(stack.admin) as writer:
        before, killed = time.monotonic(), cluster.leader()
        cluster.kill_node(killed)
        writer.until_written(100)
        cluster.until_whole()
        writer.until_written(50)
    assert cluster.leader() != killed
    assert writer.outage_s(before) < NODE_OUTAGE_S
    assert writer.lost() == []
    assert f"{killed} died while it led: fenced" in (stack.directory / "log" / "warden.log").read_text()


@pytest.mark.alone
def test_a_killed_postmaster_costs_no_acknowledged_row(stack: LiveStack, cluster: Cluster) -> None:
    """Also the orphan that waits for a synchronous standby must not keep the dead server's memory."""
    with Writer(stack.admin) as writer:
        before, killed = time.monotonic(), cluster.leader()
        cluster.postmaster(killed).kill()
        writer.until_written(100)
        cluster.until_whole()
        writer.until_written(50)
    assert writer.outage_s(before) < POSTMASTER_OUTAGE_S
    assert writer.lost() == []


def test_a_killed_patroni_fails_nothing_over(stack: LiveStack, cluster: Cluster) -> None:
    with Writer(stack.admin) as writer:
        leader = cluster.leader()
        server = cluster.postmaster(leader)
        cluster.kill(leader)
        writer.until_written(200)
        cluster.until_whole()
    assert cluster.leader() == leader
    assert cluster.postmaster(leader) == server
    assert writer.lost() == []


@pytest.mark.alone
@pytest.mark.parametrize("program", ["postgres-haproxy", "etcd-1", "postgres-pgbouncer", "warden"])
def test_a_killed_helper_is_restarted_and_nobody_fails_over(stack: LiveStack, cluster: Cluster, program: str) -> None:
    leader = cluster.leader()
    with Writer(stack.admin) as writer:
        before, killed = time.monotonic(), cluster.pid(program)
        cluster.kill(program)
        writer.until_written(200)
        deadline = time.monotonic() + 30
        while cluster.pid(program) in {0, killed} and time.monotonic() < deadline:
            time.sleep(0.1)
    assert cluster.pid(program) not in {0, killed}
    assert writer.outage_s(before) < NODE_OUTAGE_S
    cluster.until_whole()
    assert cluster.leader() == leader
    assert writer.lost() == []


@pytest.mark.alone
def test_a_frozen_primary_is_replaced_when_its_lease_runs_out(stack: LiveStack, cluster: Cluster) -> None:
    """Nobody can fence a process that hangs without dying; Patroni's ttl bounds the outage."""
    with Writer(stack.admin) as writer:
        before, frozen = time.monotonic(), cluster.leader()
        processes = [psutil.Process(cluster.pid(frozen)), cluster.postmaster(frozen)]
        processes += cluster.postmaster(frozen).children()
        try:
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.suspend()
            writer.until_written(100, patience_s=FROZEN_OUTAGE_S)
        finally:
            for process in processes:
                if process.is_running():
                    process.resume()
        cluster.until_whole()
    assert cluster.leader() != frozen
    assert writer.outage_s(before) < FROZEN_OUTAGE_S
    assert writer.lost() == []


@pytest.mark.alone
def test_a_switchover_by_command_costs_no_acknowledged_row(stack: LiveStack, cluster: Cluster) -> None:
    with Writer(stack.admin) as writer:
        before, leader = time.monotonic(), cluster.leader()
        done = stack.walletdb("switchover", "--cluster", "postgres", "--yes")
        assert done.returncode == 0, done.stdout + done.stderr
        writer.until_written(100)
    assert cluster.leader() != leader
    assert writer.outage_s(before) < POSTMASTER_OUTAGE_S
    assert writer.lost() == []
