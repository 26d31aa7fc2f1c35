"""The command on a real replica set of TLS members: shown as it is, and its primary moved without a write lost.

Each test leaves the set whole; the fixture of the module waits for that before the next.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import PyMongoError

from tests.fixtures.mongo_writer import MongoWriter
from tests.fixtures.scratch_tls_set import ScratchTlsSet, scratch_tls_set

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
GENEROUS_S = 120
DEADLINE_S = 3


COMMAND = ("-m", "walletdb")


def run(members: ScratchTlsSet, *arguments: str, program: Sequence[str] = COMMAND) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=ROOT,
        env={**os.environ, "WALLETDB_CONFIG": str(members.config_file)},
        capture_output=True,
        text=True,
        check=False,
        timeout=GENEROUS_S,
        stdin=subprocess.DEVNULL,
    )


def status(members: ScratchTlsSet) -> dict[str, Any]:
    done = run(members, "status", "--json", "--deadline", str(DEADLINE_S))
    report: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if report["verdict"] == "ok" else 1), done.stderr
    return report


def codes(report: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in report["problems"] if problem["severity"] != "notice"}


def move(members: ScratchTlsSet, action: str, *arguments: str) -> dict[str, Any]:
    done = run(members, action, "--cluster", "mongodb", "--yes", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert 0 < found["led_after_s"] <= found["writable_after_s"] <= found["streaming_after_s"]
    return found


@pytest.fixture(scope="module")
def three() -> Iterator[ScratchTlsSet]:
    with scratch_tls_set(3) as found:
        yield found


@pytest.fixture
def members(three: ScratchTlsSet) -> Iterator[ScratchTlsSet]:
    three.heal()
    yield three
    three.heal()


def secondaries(members: ScratchTlsSet) -> list[str]:
    primary = members.primary()
    return [name for name in members.data_members if name != primary]


def test_status_of_a_healthy_set(members: ScratchTlsSet) -> None:
    report = status(members)
    assert report["verdict"] == "ok", report["problems"]
    (found,) = report["replica_sets"]
    assert found["primary"] == members.primary()
    assert (found["votes_alive"], found["votes_needed"], found["acknowledgements_needed"]) == (3, 2, 2)
    assert (found["default_write_concern"], found["default_read_concern"]) == ("majority", "majority")
    assert found["undeclared_members"] == found["missing_members"] == []
    for member in found["members"]:
        leads = member["name"] == found["primary"]
        assert member["state"] == ("PRIMARY" if leads else "SECONDARY")
        assert member["lag_s"] is None if leads else member["lag_s"] < 10
        assert member["tls"]["version"] == "TLSv1.3"
        assert member["tls_accepted"] == ["TLSv1.3"]
        assert (member["storage_engine"], member["journal"]) == ("wiredTiger", True)
        assert member["oplog"]["retention_h"] == 24
        assert not member["oplog"]["wrapped"]
        assert 0 < member["cache"]["used_ratio"] < 1
        assert member["connections"]["available"] > 0
        assert abs(member["clock_offset_ms"]) - member["clock_error_ms"] <= 1000
        assert member["data_directory"] == str(members.folder / member["name"])
        assert member["data_encryption"]
    assert len(report["versions"]["mongodb"]) == 1
    on_the_wire = {one["name"] for one in report["certificates"] if one["source"] == "wire"}
    assert on_the_wire == {f"mongodb/{name}" for name in members.ports}


def test_a_member_that_copies_or_recovers_still_says_all_but_its_documents(members: ScratchTlsSet) -> None:
    name = secondaries(members)[0]
    with members.member(name) as client:
        client.admin.command("replSetMaintenance", True)  # noqa: FBT003 - the command's own value
        try:
            report = status(members)
        finally:
            client.admin.command("replSetMaintenance", False)  # noqa: FBT003
    (found,) = (one for one in report["replica_sets"][0]["members"] if one["name"] == name)
    assert (found["state"], found["facts_error"], found["too_stale"]) == ("RECOVERING", None, False)
    assert found["version"]
    assert found["oplog"]["maximum_bytes"] > 0
    assert codes(report) == {"member_state"}


SHIFTED = """
import datetime as dt
import sys
from types import SimpleNamespace

from walletdb.cli import main
from walletdb.probes import mongodb


class Shifted(dt.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + dt.timedelta(hours=float(sys.argv[1]))


mongodb.dt = SimpleNamespace(datetime=Shifted, UTC=dt.UTC)
main(["status", "--json", "--deadline", "10"])
"""
"""The command on a machine whose clock is wrong by the hours that are its last argument."""


@pytest.mark.parametrize("hours,said", [("2", "7200.0 s behind"), ("-2", "7200.0 s ahead of")])
def test_clocks_that_differ_are_an_error_of_every_member(members: ScratchTlsSet, hours: str, said: str) -> None:
    """As though the servers' clocks were wrong: between the two only the difference is seen."""
    done = run(members, hours, program=("-c", SHIFTED))
    assert done.returncode == 1, done.stderr
    skewed = [problem for problem in json.loads(done.stdout)["problems"] if problem["code"] == "clock_skew"]
    assert len(skewed) == 3
    assert all(f"its clock is {said}" in problem["text"] for problem in skewed)


def test_health_is_one_line_for_each_part(members: ScratchTlsSet) -> None:
    done = run(members, "health")
    assert done.returncode == 0, done.stdout
    parts = [line.split()[:2] for line in done.stdout.splitlines()]
    assert parts == [
        ["ok", part] for part in ("mongodb", *(f"mongodb/{name}" for name in members.ports), "certificates")
    ]


def test_a_killed_member_is_shown(members: ScratchTlsSet) -> None:
    dead = secondaries(members)[0]
    members.kill(dead)
    report = status(members)
    assert report["verdict"] == "degraded"
    assert codes(report) == {"member_unreachable", "majority_at_risk"}
    assert {problem["part"] for problem in report["problems"]} >= {"mongodb", f"mongodb/{dead}"}


@pytest.mark.parametrize("which", ["primary", "secondary"])
def test_a_frozen_member_hides_nobody_and_delays_nothing_past_the_deadline(members: ScratchTlsSet, which: str) -> None:
    name = members.primary() if which == "primary" else secondaries(members)[0]
    with members.frozen(name):
        report = status(members)
    (found,) = report["replica_sets"]
    assert {one["name"] for one in found["members"] if one["error"]} == {name}
    assert all(one["version"] for one in found["members"] if one["name"] != name)
    # Once for the probes; once more where a member lags.
    assert report["duration_s"] < 2 * DEADLINE_S + 1


def test_a_member_that_has_just_started_is_asked_while_the_primary_is_frozen(members: ScratchTlsSet) -> None:
    """It knows of no write that a majority has: reading with the cluster's default read concern would wait for one."""
    late = members.primary()
    members.kill(late)
    move(members, "failover")
    members.start(late)
    members.until(lambda: bool(members.hello(late).get("secondary")), f"{late} as a secondary")
    with members.frozen(members.primary()):
        found = {one["name"]: one for one in status(members)["replica_sets"][0]["members"]}
    assert (found[late]["error"], found[late]["facts_error"]) == (None, None)
    assert found[late]["oplog"]["maximum_bytes"] > 0


def test_a_lost_majority_is_down_and_no_failover_is_tried(members: ScratchTlsSet) -> None:
    left = secondaries(members)[0]
    for name in members.ports:
        if name != left:
            members.kill(name)
    report = status(members)
    assert report["verdict"] == "down"
    assert codes(report) >= {"no_primary", "majority_lost", "majority_writes_wait", "member_unreachable"}
    done = run(members, "failover", "--cluster", "mongodb", "--yes", "--allow-data-loss")
    assert done.returncode == 1
    assert "1 of 3 votes are alive, 2 are needed" in done.stderr
    assert "also not with --allow-data-loss" in done.stderr


@pytest.mark.parametrize("named", [False, True], ids=["the best", "a candidate"])
def test_switchover_under_a_writing_client_loses_nothing(members: ScratchTlsSet, *, named: bool) -> None:
    before, candidate = members.primary(), secondaries(members)[-1]
    with MongoWriter(members.client) as writer:
        found = move(members, "switchover", *(("--candidate", candidate) if named else ()))
        writer.until_written(20)
    assert found["old_leader"] == before
    assert found["new_leader"] == members.primary() != before
    assert found["new_leader"] == candidate or not named
    assert found["missing"] == []
    assert len(writer.acknowledged) >= 40
    assert writer.lost() == []


def test_after_a_switchover_everybody_may_be_elected_again(members: ScratchTlsSet) -> None:
    """Frozen members and the one that stepped down are freed: each can take the role at once."""
    for _ in range(3):
        candidate = secondaries(members)[0]
        assert move(members, "switchover", "--candidate", candidate)["new_leader"] == candidate
    first = secondaries(members)[0]
    with members.member(first) as client:
        assert client.admin.command("replSetStepUp")["ok"] == 1


@pytest.mark.alone
def test_failover_after_kill_9_of_the_primary_under_a_writing_client_loses_nothing(members: ScratchTlsSet) -> None:
    before = members.primary()
    with MongoWriter(members.client) as writer:
        members.kill(before)
        found = move(members, "failover")
        assert found["new_leader"] != before
        assert found["missing"] == [before]
        assert found["led_after_s"] < 10, "sooner than by the election time-out"
        writer.until_written(20)
    members.heal()
    assert writer.lost() == []


def test_failover_from_a_frozen_primary(members: ScratchTlsSet) -> None:
    before = members.primary()
    with members.frozen(before):
        found = move(members, "failover")
        assert found["new_leader"] != before
        assert found["missing"] == [before]


def test_what_cannot_be_is_refused_and_changes_nothing(members: ScratchTlsSet) -> None:
    primary, term = members.primary(), status(members)["replica_sets"][0]["term"]
    for arguments, code, said in (
        (("--candidate", primary, "--yes"), 1, f"{primary}: is the primary"),
        (("--candidate", "mongodb-9", "--yes"), 1, "no member 'mongodb-9'"),
        ((), 2, "--yes"),
    ):
        done = run(members, "switchover", "--cluster", "mongodb", *arguments)
        assert done.returncode == code
        assert said in done.stderr
    after = status(members)["replica_sets"][0]
    assert (after["primary"], after["term"]) == (primary, term)


def test_a_switchover_without_a_primary_points_to_failover(members: ScratchTlsSet) -> None:
    others = secondaries(members)
    for name in others:  # else another may be elected before the command looks
        with members.member(name) as client:
            client.admin.command("replSetFreeze", GENEROUS_S)
    members.kill(members.primary())
    try:
        done = run(members, "switchover", "--cluster", "mongodb", "--yes")
        assert done.returncode == 1
        assert "walletdb failover --cluster mongodb" in done.stderr
    finally:
        for name in others:
            with members.member(name) as client:
                client.admin.command("replSetFreeze", 0)


def test_changes_by_hand_are_seen(members: ScratchTlsSet) -> None:
    with members.client() as client:
        config = client.admin.command("replSetGetConfig")["config"]
        client.admin.command("setDefaultRWConcern", 1, defaultWriteConcern={"w": 1})
        changed = {**config, "version": config["version"] + 1}
        changed["members"] = [{**one, "priority": 2 if one["_id"] == 0 else 1} for one in config["members"]]
        client.admin.command("replSetReconfig", changed)
    try:
        assert codes(status(members)) >= {"priority", "default_concerns"}
    finally:
        _put_back(members, config)


def _put_back(members: ScratchTlsSet, config: dict[str, Any]) -> None:
    def done() -> bool:
        with contextlib.suppress(PyMongoError), members.client(serverSelectionTimeoutMS=2000) as client:
            now = client.admin.command("replSetGetConfig")["config"]
            client.admin.command("replSetReconfig", {**config, "version": now["version"] + 1, "term": now["term"]})
            client.admin.command("setDefaultRWConcern", 1, defaultWriteConcern={"w": "majority"})
            return True
        return False

    members.until(done, "the configuration as before")


def test_an_arbiter_is_shown_and_never_takes_over() -> None:
    with scratch_tls_set(2, arbiter=True) as members:
        report = status(members)
        assert report["verdict"] == "ok", report["problems"]
        assert "arbiter" in {problem["code"] for problem in report["problems"]}
        arbiter = report["replica_sets"][0]["members"][-1]
        assert (arbiter["state"], arbiter["error"], arbiter["facts_error"]) == ("ARBITER", None, None)
        done = run(members, "switchover", "--cluster", "mongodb", "--candidate", "mongodb-arbiter", "--yes")
        assert "is an arbiter" in done.stderr

        declared = json.loads(members.config_file.read_text(encoding="utf-8"))
        declared["replica_sets"][0]["members"][-1]["arbiter"] = False
        members.config_file.write_text(json.dumps(declared), encoding="utf-8")
        assert codes(status(members)) == {"member_denied", "member_state"}
        members.write_description()

        members.kill(members.primary())
        done = run(members, "failover", "--cluster", "mongodb", "--yes")
        assert done.returncode == 1
        assert "2 members with data are needed, 1 are alive" in done.stderr
        assert codes(status(members)) == {"majority_writes_wait", "majority_at_risk", "member_unreachable"}
