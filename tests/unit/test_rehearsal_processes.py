"""The rehearsal's processes: they are waited for, explained when they die, and never outlive it."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from rehearsal.addresses import PORTS, Addresses, free_port
from rehearsal.errors import RehearsalError
from rehearsal.processes import Processes, tail

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    made = Processes(tmp_path, {"PATH": os.environ["PATH"], "GREETING": "hello"})
    yield made
    made.stop()


def test_output_and_variables_reach_the_log(processes: Processes) -> None:
    process = processes.start("talker", ["sh", "-c", 'echo "$GREETING $NAME"'], variables={"NAME": "you"})
    process.succeeded()
    assert "hello you" in tail(process.log)
    assert processes.dead() == []


def test_one_that_dies_while_it_is_waited_for_is_explained(processes: Processes) -> None:
    process = processes.start("dier", ["sh", "-c", "echo no such port; exit 3"])
    with pytest.raises(RehearsalError, match=r"(?s)dier ended with code 3 before it answers.*no such port") as caught:
        process.until("it answers", lambda: False)
    assert caught.value.log == process.log
    assert processes.dead() == [process]


def test_one_that_takes_too_long_is_explained(processes: Processes) -> None:
    process = processes.start("sleeper", ["sleep", "60"])
    with pytest.raises(RehearsalError, match="sleeper: waited 0 s for it answers"):
        process.until("it answers", lambda: False, patience_s=0.1)
    with pytest.raises(RehearsalError, match="sleeper did not end within"):
        process.succeeded(patience_s=0.1)


def test_a_missing_program_is_named(processes: Processes) -> None:
    process = processes.start("nothing", ["/nowhere/at-all"])
    with pytest.raises(RehearsalError, match=r"(?s)nothing ended with code.*/nowhere/at-all"):
        process.succeeded()


def test_stop_ends_whoever_ignores_its_signal(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rehearsal.processes.STOP_S", 0.3)
    script = "trap '' TERM; sleep 60 & echo ready; wait; wait"
    process = processes.start("stubborn", ["sh", "-c", script], ending=signal.SIGTERM)
    process.until("it is ready", lambda: "ready" in tail(process.log))
    child = psutil.Process(process.popen.pid).children()[0]
    processes.stop(process)
    assert process.popen.returncode == -signal.SIGKILL
    child.wait(5)
    assert processes.started == []


def test_a_killed_rehearsal_takes_its_processes_with_it(tmp_path: Path) -> None:
    program = (
        "import os, sys, time\nfrom pathlib import Path\nfrom rehearsal.processes import Processes\n"
        f"made = Processes(Path({str(tmp_path)!r}), dict(os.environ)).start('sleeper', ['sleep', '60'])\n"
        "print(made.popen.pid, flush=True)\ntime.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as rehearsal:
        assert rehearsal.stdout is not None
        sleeper = psutil.Process(int(rehearsal.stdout.readline()))
        deadline = time.monotonic() + 5
        while sleeper.name() != "sleep" and time.monotonic() < deadline:  # not yet what it is to become
            time.sleep(0.02)
        rehearsal.kill()
        while sleeper.is_running() and sleeper.status() != psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.02)
    assert not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE


def test_addresses_are_loopback_and_given_once() -> None:
    addresses = Addresses.choose()
    taken = {addresses.take() for _ in range(12)}
    assert len(taken) == 12
    assert all(address.startswith("127.") and not address.startswith("127.0.0.") for address in taken)


def test_a_network_in_use_is_passed_over() -> None:
    class Chance(random.Random):
        numbers: Iterator[int] = iter([201, 7, 202, 7])

        def randint(self, a: int, b: int) -> int:
            assert a <= b
            return next(self.numbers)

    with socket.socket() as listener:
        listener.bind(("127.201.7.3", PORTS[2]))
        listener.listen()
        assert Addresses.choose(Chance()).take() == "127.202.7.1"


def test_no_free_network_says_what_is_in_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rehearsal.addresses._taken", lambda prefix: f"{prefix}.1:5432: in use")
    with pytest.raises(RehearsalError, match=r"(?s)no free network.*5432: in use.*0\.0\.0\.0"):
        Addresses.choose()


def test_a_free_port_can_be_bound() -> None:
    assert 1024 <= free_port() <= 65535
