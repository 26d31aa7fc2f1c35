"""What goes wrong on real machines: interrupted runs, reboots, taken ports. The next `make up` mends it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from localproc import identity
from localproc.layout import StackDirectory
from localproc.supervisor import Supervisor
from tests.fixtures.cluster import Cluster
from tests.fixtures.documents import without_make
from tests.fixtures.live_stack import PROJECT, LiveStack, live_stack

pytestmark = [pytest.mark.live, pytest.mark.engine]

MEMBERS = 2


@pytest.fixture(scope="module")
def unlucky() -> Iterator[LiveStack]:
    """A stack that is configured and not up."""
    with live_stack("days", {"postgres.replicas": MEMBERS - 1}) as live:
        yield live


def make(stack: LiveStack, *words: str) -> subprocess.CompletedProcess[str]:
    """A target of the Makefile on this stack."""
    return subprocess.run(
        ["make", "-s", "-C", str(PROJECT), *words, f"STACK={stack.name}", f"FASHION_WALLET_HOME={stack.home}"],
        env=without_make(os.environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )


def begin_up(stack: LiveStack) -> subprocess.Popen[str]:
    """`bin/pulumi up` in the background, as a leader of its own process group."""
    command = [str(PROJECT / "bin" / "pulumi"), "up", "--yes", "--skip-preview", "-s", stack.name, "--non-interactive"]
    return subprocess.Popen(
        command,
        env=stack.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def until_there(path: Path, patience_s: float = 180) -> None:
    deadline = time.monotonic() + patience_s
    while not path.exists():
        assert time.monotonic() < deadline, f"{path} did not come"
        time.sleep(0.02)


def until_ended(pids: list[int], patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while any(map(lives, pids)):
        assert time.monotonic() < deadline, "a plugin outlived its engine"
        time.sleep(0.1)


def lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def whole(stack: LiveStack) -> None:
    Cluster.of(stack, MEMBERS).until_whole()
    assert stack.changes() == {}
    stack.until_healthy()


def test_a_port_in_use_is_refused_at_preview_with_its_holder(unlucky: LiveStack) -> None:
    """In a stack that does not exist yet: nothing may be touched."""
    with live_stack("ports", {"postgres.replicas": 0, "postgres.synchronousStandbys": 0}) as fresh:
        with socket.create_server(("127.0.0.1", fresh.port_base + 10)):
            done = fresh.pulumi("preview")
        assert done.returncode != 0
        assert f"port {fresh.port_base + 10} on 127.0.0.1" in done.stdout
        assert f"in use by pid {os.getpid()}" in done.stdout
        assert "portBase" in done.stdout
        assert not fresh.directory.exists()


@pytest.mark.parametrize(
    "settings,said",
    [
        ({"postgres.replicas": "two"}, ["fashion-wallet:postgres.replicas", "two"]),
        ({"postgres.replicas": 9}, ["fashion-wallet:postgres.replicas", "9", "4"]),
        ({"postgres.replcas": 1}, ["fashion-wallet:postgres.replcas", "replicas"]),
        ({"postgers.replicas": 1}, ["fashion-wallet:postgers", "postgres"]),
        ({"postgres.patroni.ttlS": 3}, ["fashion-wallet:postgres.patroni.ttlS", "20"]),
        ({"postgres.parameters.ssl": "off"}, ["fashion-wallet:postgres.parameters.ssl"]),
        (
            {"postgres.parameters.work_memm": "8MB"},
            ["fashion-wallet:postgres.parameters.work_memm", "is work_mem meant"],
        ),
        (
            {"timescale.parameters.huge_pages": "maybe"},
            ["fashion-wallet:timescale.parameters.huge_pages", "off, on, try"],
        ),
    ],
)
def test_a_wrong_setting_is_refused_at_preview(settings: dict[str, object], said: list[str]) -> None:
    with live_stack("wrong", settings) as fresh:
        done = fresh.pulumi("preview")
        assert done.returncode != 0
        for text in said:
            assert text in done.stdout, done.stdout
        assert "Traceback" not in done.stdout
        assert not fresh.directory.exists()


def test_an_engine_killed_in_the_middle_is_mended_by_the_next_make_up(unlucky: LiveStack) -> None:
    if unlucky.directory.exists():
        assert make(unlucky, "down", "YES=1").returncode == 0
        unlucky.restore()
    run = begin_up(unlucky)
    until_there(unlucky.directory / "services" / "postgres-1" / "patroni.yml")
    family = psutil.Process(run.pid).children(recursive=True)
    hosts = [process for process in family if process.is_running() and process.name().startswith("pulumi-language")]
    assert hosts
    run.kill()
    until_ended([process.pid for process in family if process not in hosts])
    if run.stdout:
        run.stdout.close()
    run.wait()
    done = make(unlucky, "up")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "released the lock of a run that was killed" in done.stdout
    until_ended([process.pid for process in hosts])
    whole(unlucky)


@pytest.fixture
def running(unlucky: LiveStack) -> LiveStack:
    """The stack, up and whole."""
    if not unlucky.directory.exists():
        unlucky.up()
    Cluster.of(unlucky, MEMBERS).until_whole()
    return unlucky


def test_ctrl_c_leaves_what_the_next_up_carries_on(running: LiveStack) -> None:
    running.configure({"postgres.replicas": MEMBERS})
    run = begin_up(running)
    until_there(running.directory / "services" / f"postgres-{MEMBERS + 1}" / "patroni.yml")
    os.killpg(run.pid, signal.SIGINT)
    output, _ = run.communicate(timeout=120)
    assert "Traceback" not in output
    assert make(running, "up").returncode == 0
    Cluster.of(running, MEMBERS + 1).until_whole()
    assert running.changes() == {}
    running.configure({"postgres.replicas": MEMBERS - 1, "allowDataLoss[0]": f"PatroniMember:postgres-{MEMBERS + 1}"})
    running.up()
    running.configure({"allowDataLoss": None})
    running.up()


def test_after_a_reboot_make_up_brings_everything_back_with_its_data(running: LiveStack) -> None:
    with running.admin() as connection:
        connection.execute("CREATE TABLE survivors AS SELECT 42 AS answer")
    # A power cut: everything dies at once.
    processes = identity.of_stack(running.directory)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=10)
    done = make(running, "up")
    assert done.returncode == 0, done.stdout + done.stderr
    with running.admin() as connection:
        assert connection.execute("SELECT answer FROM survivors").fetchone() == (42,)
        connection.execute("DROP TABLE survivors")
    whole(running)


def test_make_stop_keeps_the_data_and_make_up_goes_on(running: LiveStack) -> None:
    assert make(running, "stop").returncode == 0
    assert identity.of_stack(running.directory) == []
    for target in ("preview", "policy"):
        done = make(running, target)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "is stopped: its servers are not looked at" in done.stdout
    assert identity.of_stack(running.directory) == [], "a preview starts nothing"
    assert make(running, "up").returncode == 0
    whole(running)


def test_a_port_that_was_taken_while_the_stack_was_down_is_named_at_once(running: LiveStack) -> None:
    assert make(running, "stop").returncode == 0
    port = running.port_base + 20
    with socket.create_server(("127.0.0.1", port)):
        done = make(running, "up")
    assert done.returncode != 0
    said = done.stdout + done.stderr
    assert f"port {port} on 127.0.0.1, wanted for postgres-1 (PostgreSQL), is in use by pid {os.getpid()}" in said
    assert make(running, "up").returncode == 0
    whole(running)


def test_a_supervisor_that_is_suspended_is_named_and_left_alone(running: LiveStack) -> None:
    supervisor = psutil.Process(Supervisor(StackDirectory.open(running.directory)).pid())
    supervisor.suspend()
    try:
        done = make(running, "stop")
    finally:
        supervisor.resume()
    assert done.returncode != 0
    assert f"(pid {supervisor.pid}) did not answer" in done.stdout + done.stderr
    whole(running)


def test_a_half_made_data_directory_is_set_aside_and_made_anew(running: LiveStack) -> None:
    cluster = Cluster.of(running, MEMBERS)
    replica = next(name for name in cluster.ports if name != cluster.leader())
    supervisor = Supervisor(StackDirectory.open(running.directory))
    supervisor._stop(replica)
    folder = running.directory / "services" / replica
    (folder / "data" / "global" / "pg_control").unlink()
    assert make(running, "up").returncode == 0
    whole(running)
    aside = list(folder.glob("data.half-made-*"))
    assert len(aside) == 1
    assert (aside[0] / "PG_VERSION").exists(), "nothing that was there is deleted"


def test_two_ups_at_once_do_not_meet(running: LiveStack) -> None:
    running.configure({"postgres.parameters.work_mem": "7MB"})
    first = begin_up(running)
    locks = running.home / "pulumi" / "state" / ".pulumi" / "locks"
    deadline = time.monotonic() + 180
    while not list(locks.rglob("*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    second = make(running, "up")
    first.communicate(timeout=300)
    assert second.returncode != 0
    assert "another run is at work" in second.stdout + second.stderr
    assert first.returncode == 0
    running.configure({"postgres.parameters.work_mem": None})
    running.up()
    whole(running)


def test_a_wrong_passphrase_is_told_apart_and_changes_nothing(running: LiveStack) -> None:
    wrong = {**running.environment, "PULUMI_CONFIG_PASSPHRASE": "not this one"}
    done = subprocess.run(
        ["make", "-s", "-C", str(PROJECT), "up", f"STACK={running.name}", f"FASHION_WALLET_HOME={running.home}"],
        env=wrong,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode != 0
    assert "passphrase" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    whole(running)


def test_make_down_needs_consent_and_then_leaves_nothing(running: LiveStack) -> None:
    refused = make(running, "down")
    assert refused.returncode != 0
    assert "nothing was removed" in refused.stdout + refused.stderr
    assert Cluster.of(running, MEMBERS).is_whole()
    done = make(running, "down", "YES=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert identity.of_stack(running.directory) == []
    assert not running.directory.exists()
    running.restore()
