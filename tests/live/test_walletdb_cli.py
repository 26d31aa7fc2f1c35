"""The command on real servers: the fixture `dev_stack` is the path of a running stack's walletdb.json."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo.errors import WriteError

from tests.fixtures.event_loop import run_async
from tests.fixtures.live_stack import LiveStack
from walletdb import MongoService

pytestmark = pytest.mark.live

ROOT = Path(__file__).parents[2]
GENEROUS_S = 120


def _walletdb(dev_stack: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "walletdb", *arguments]
    settings = {**os.environ, "WALLETDB_CONFIG": str(dev_stack), **environment}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
        timeout=GENEROUS_S,
        stdin=subprocess.DEVNULL,
    )


def _status(dev_stack: Path) -> dict[str, Any]:
    done = _walletdb(dev_stack, "status", "--json", "--deadline", "20")
    report: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == (0 if report["verdict"] == "ok" else 1)
    return report


def _postgres(report: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = next(cluster for cluster in report["clusters"] if cluster["name"] == "postgres")
    return found


def _wait_until_ok(dev_stack: Path) -> dict[str, Any]:
    until = time.monotonic() + GENEROUS_S
    while (report := _status(dev_stack))["verdict"] != "ok":
        problems = [problem for problem in report["problems"] if problem["severity"] != "notice"]
        assert time.monotonic() < until, f"the stack is not well: {problems}"
        time.sleep(0.5)
    return report


@pytest.fixture
def well(dev_stack: Path) -> dict[str, Any]:
    return _wait_until_ok(dev_stack)


def test_status_of_a_good_stack(well: dict[str, Any]) -> None:
    cluster = _postgres(well)
    roles = sorted(member["role"] for member in cluster["members"])
    assert roles.count("leader") == 1
    assert roles.count("sync_standby") == cluster["synchronous_standbys_wanted"]
    for member in cluster["members"]:
        assert member["tls"]["version"] == "TLSv1.3"
        assert member["data_checksums"] == "on"
        assert member["role"] == "leader" or (member["streaming"] and member["lag_s"] <= 1)
    assert cluster["writer"]["answered_by"] == cluster["leader"] == cluster["leader_key"]
    assert cluster["reader"]["answered_by"] != cluster["leader"]
    assert cluster["pooler"]["reaches_server"]
    assert cluster["pooler"]["tls"]["version"] == "TLSv1.3"


def test_status_covers_what_is_around_the_cluster(well: dict[str, Any]) -> None:
    assert all(server["healthy"] for server in well["etcd"])
    assert all(process["state"] == "RUNNING" for process in well["processes"]["items"])
    assert {certificate["source"] for certificate in well["certificates"]} == {"disk", "wire"}
    assert {"postgresql", "patroni", "etcd"} <= well["versions"].keys()


def test_health_is_one_line_for_each_part(dev_stack: Path, well: dict[str, Any]) -> None:
    done = _walletdb(dev_stack, "health")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert all(line.startswith("ok ") for line in lines)
    assert any("postgres/writer" in line for line in lines)
    assert "\x1b" not in done.stdout


def test_psql_connects_by_certificate_to_the_leader(dev_stack: Path, well: dict[str, Any]) -> None:
    query = "SELECT session_user, current_user, pg_is_in_recovery()"
    done = _walletdb(dev_stack, "psql", "--role", "app_admin", "--", "-XAtc", query, PGPASSWORD="wrong")
    assert (done.returncode, done.stdout) == (0, "postgres|app_admin|f\n"), done.stderr


@pytest.fixture
def frozen_replica(well: dict[str, Any]) -> Iterator[str]:
    """Stop a replica's postmaster, as a machine that hangs does: it takes connections and never answers."""
    member = next(member for member in _postgres(well)["members"] if member["role"] == "replica")
    lines = (Path(member["data_directory"]) / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    os.kill(int(lines[0]), signal.SIGSTOP)
    try:
        yield member["name"]
    finally:
        os.kill(int(lines[0]), signal.SIGCONT)


def test_a_frozen_member_is_shown_and_hides_nobody(dev_stack: Path, frozen_replica: str) -> None:
    report = _status(dev_stack)
    assert report["verdict"] == "degraded"
    for member in _postgres(report)["members"]:
        assert (member["sql_error"] is not None) is (member["name"] == frozen_replica)
    assert any(problem["part"] == f"postgres/{frozen_replica}" for problem in report["problems"])


def test_a_switchover_needs_yes_without_a_terminal(dev_stack: Path, well: dict[str, Any]) -> None:
    done = _walletdb(dev_stack, "switchover")
    assert done.returncode == 2
    assert "--yes" in done.stderr
    assert _postgres(_status(dev_stack))["leader"] == _postgres(well)["leader"]


def test_switchover_to_an_asynchronous_replica_is_refused(dev_stack: Path, well: dict[str, Any]) -> None:
    replica = next(member["name"] for member in _postgres(well)["members"] if member["role"] == "replica")
    done = _walletdb(dev_stack, "switchover", "--candidate", replica, "--yes")
    assert done.returncode == 1
    assert "is no synchronous standby" in done.stderr


@pytest.mark.parametrize("action", ["switchover", "failover"])
def test_the_leader_moves_to_the_synchronous_standby(dev_stack: Path, well: dict[str, Any], action: str) -> None:
    before = _postgres(well)
    standby = next(member["name"] for member in before["members"] if member["role"] == "sync_standby")
    done = _walletdb(dev_stack, action, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    move = json.loads(done.stdout)
    assert (move["old_leader"], move["new_leader"], move["missing"]) == (before["leader"], standby, [])
    assert 0 < move["led_after_s"] <= move["writable_after_s"] <= move["streaming_after_s"]
    assert _postgres(_wait_until_ok(dev_stack))["leader"] == standby


def test_status_counts_what_mongodbs_validators_refused_to_services(stack: LiveStack, dev_stack: Path) -> None:
    async def two_refused() -> None:
        async with MongoService(stack.outputs()["mongodb"]["services"]["design_service"]) as service:
            for _ in range(2):
                with pytest.raises(WriteError):
                    await service.get_collection("designs").insert_one({"name": "of nobody"})

    def counted() -> int:
        (replica_set,) = _status(dev_stack)["replica_sets"]
        found: int = replica_set["refused_writes"].get("designs", 0)
        return found

    before = counted()
    run_async(two_refused())
    assert counted() == before + 2
