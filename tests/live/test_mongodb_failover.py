"""What a failure of MongoDB costs a client that writes. Deadlines are generous: `make bench` measures."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest

from tests.fixtures.live_stack import LiveStack
from tests.fixtures.mongo_set import MongoSet
from tests.fixtures.mongo_writer import MongoWriter

pytestmark = pytest.mark.live

SUPERVISED_OUTAGE_S = 8  # below the election time-out, 10 s: MongoDB alone takes longer
PLAIN_OUTAGE_S = 60
ELECTION_S = 9


@pytest.fixture
def replica_set(stack: LiveStack) -> Iterator[MongoSet]:
    """The replica set, whole before and after."""
    found = MongoSet.of(stack.directory)
    found.until_whole()
    yield found
    found.until_whole()


@pytest.mark.alone
def test_a_killed_primary_is_replaced_at_once_and_comes_back_by_itself(stack: LiveStack, replica_set: MongoSet) -> None:
    with MongoWriter(replica_set.client) as writer:
        before, killed = time.monotonic(), replica_set.primary()
        replica_set.kill(killed)
        writer.until_written(100)
        replica_set.until_whole()
        writer.until_written(50)
    assert replica_set.primary() != killed
    assert writer.outage_s(before) < SUPERVISED_OUTAGE_S
    assert writer.lost() == []
    assert f"{killed} died while it led: " in (stack.directory / "log" / "warden.log").read_text()


def test_without_the_warden_mongodb_elects_by_itself(replica_set: MongoSet) -> None:
    with replica_set.without_warden(), MongoWriter(replica_set.client) as writer:
        before, killed = time.monotonic(), replica_set.primary()
        replica_set.kill(killed)
        time.sleep(ELECTION_S)
        writer.until_written(100, patience_s=PLAIN_OUTAGE_S)
        replica_set.until_whole()
        writer.until_written(50)
    assert writer.outage_s(before) < PLAIN_OUTAGE_S
    assert writer.lost() == []


@pytest.mark.alone
def test_a_killed_secondary_costs_nothing(replica_set: MongoSet) -> None:
    with MongoWriter(replica_set.client) as writer:
        before, leader = time.monotonic(), replica_set.primary()
        replica_set.kill(next(name for name in replica_set.ports if name != leader))
        writer.until_written(200)
        replica_set.until_whole()
    assert replica_set.primary() == leader
    assert writer.outage_s(before) < SUPERVISED_OUTAGE_S
    assert writer.lost() == []


def test_a_killed_majority_comes_back_with_every_acknowledged_write(replica_set: MongoSet) -> None:
    with MongoWriter(replica_set.client) as writer:
        leader = replica_set.primary()
        other = next(name for name in replica_set.ports if name != leader)
        for name in (leader, other):
            replica_set.kill(name)
        writer.until_written(100, patience_s=PLAIN_OUTAGE_S)
        replica_set.until_whole()
    assert writer.lost() == []


def test_a_frozen_primary_is_replaced_when_the_election_time_out_has_run(replica_set: MongoSet) -> None:
    """Nobody can tell a process that hangs from one that is slow; the time-out bounds the outage."""
    with MongoWriter(replica_set.client) as writer:
        before, frozen = time.monotonic(), replica_set.primary()
        process = psutil.Process(replica_set.pid(frozen))
        process.suspend()
        try:
            writer.until_written(100, patience_s=PLAIN_OUTAGE_S)
        finally:
            process.resume()
        replica_set.until_whole()
        writer.until_written(50)
    assert replica_set.primary() != frozen
    assert writer.outage_s(before) < PLAIN_OUTAGE_S
    assert writer.lost() == []


@pytest.mark.alone
@pytest.mark.parametrize("candidate", [False, True], ids=["whoever is best", "a candidate"])
def test_a_switchover_by_command_costs_no_acknowledged_write(
    stack: LiveStack, replica_set: MongoSet, *, candidate: bool
) -> None:
    with MongoWriter(replica_set.client) as writer:
        before, leader = time.monotonic(), replica_set.primary()
        wanted = max(name for name in replica_set.ports if name != leader)
        words = ["--candidate", wanted] if candidate else []
        done = stack.walletdb("switchover", "--cluster", "mongodb", "--yes", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        writer.until_written(100)
    assert replica_set.primary() != leader
    if candidate:
        assert replica_set.primary() == wanted
    assert writer.outage_s(before) < SUPERVISED_OUTAGE_S
    assert writer.lost() == []


def test_a_killed_warden_is_restarted_and_watches_again(stack: LiveStack, replica_set: MongoSet) -> None:
    replica_set.kill("warden")
    deadline = time.monotonic() + 30
    while not replica_set.pid("warden"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    log = stack.directory / "log" / "warden.log"
    # It looks up what runs when it starts; then a death is noticed as before.
    time.sleep(2)
    before = len(log.read_text().splitlines())
    killed = replica_set.primary()
    replica_set.kill(killed)
    replica_set.until_whole()
    said = log.read_text().splitlines()[before:]
    assert [line for line in said if f"{killed} died while it led" in line]
