"""The warden: whom it fences, whom it leaves alone, and that it reads supervisord's protocol."""

from __future__ import annotations

import io
import itertools
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localproc import warden
from localproc.warden import Action, decide


@pytest.mark.parametrize(
    "back,alive,leads,heir,gone_s,expected",
    [
        (False, False, True, True, 0.0, Action.FENCE),
        (False, True, True, True, 0.0, Action.WAIT),
        (False, True, True, True, warden.GRACE_S, Action.FENCE),
        (True, True, True, True, 1.0, Action.FORGET),
        (True, False, True, True, 1.0, Action.FENCE),
        (False, False, False, True, 0.0, Action.FORGET),
        (False, False, True, False, 0.0, Action.FORGET),
        (False, True, True, False, 60.0, Action.FORGET),
    ],
)
def test_decision(*, back: bool, alive: bool, leads: bool, heir: bool, gone_s: float, expected: Action) -> None:
    assert decide(patroni_back=back, postmaster_alive=alive, leads=leads, has_heir=heir, gone_s=gone_s) is expected


def test_only_a_leader_with_an_heir_is_ever_fenced() -> None:
    for back, alive, leads, heir in itertools.product([False, True], repeat=4):
        action = decide(patroni_back=back, postmaster_alive=alive, leads=leads, has_heir=heir, gone_s=100)
        assert action is not Action.FENCE or (leads and heir)


class Store:
    """What etcd holds, in a dictionary."""

    def __init__(self, keys: dict[str, str]) -> None:
        self.held = keys
        self.revision = 7

    def get(self, key: str) -> str | None:
        return self.held.get(key)

    def entry(self, key: str) -> tuple[str | None, int]:
        return self.held.get(key), self.revision if key in self.held else 0

    def keys(self, prefix: str) -> dict[str, str]:
        return {key: value for key, value in self.held.items() if key.startswith(prefix)}

    def delete_if(self, key: str, revision: int) -> bool:
        return revision == self.revision and self.held.pop(key, None) is not None


def node(data: Path, **keys: str) -> warden.Node:
    held = {f"/s/{name.replace('__', '/')}": value for name, value in keys.items()}
    return warden.Node("pg-1", "pg-1", data, "/s/", Store(held))  # type: ignore[arg-type]


def test_with_synchronous_replication_only_a_synchronous_standby_is_an_heir(tmp_path: Path) -> None:
    others = {"members__pg-1": "{}", "members__pg-2": "{}"}
    assert node(tmp_path, **others).has_heir()
    assert node(tmp_path, **others, sync='{"leader":"pg-1","sync_standby":"pg-2"}').has_heir()
    assert not node(tmp_path, **others, sync='{"leader":"pg-1","sync_standby":null}').has_heir()
    assert not node(tmp_path, **{"members__pg-1": "{}"}).has_heir()


def test_only_the_key_that_was_seen_is_released(tmp_path: Path) -> None:
    mine, other = node(tmp_path, leader="pg-1"), node(tmp_path, leader="pg-2")
    assert not other.leads()
    seen = mine.leads()
    mine.etcd.revision += 1  # type: ignore[attr-defined]
    assert not mine.release(seen), "a Patroni that came back has written a new one"
    assert mine.release(mine.leads())
    assert not mine.leads()


@pytest.fixture(scope="module")
def server_program(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A program that is called postgres and only sleeps."""
    path = tmp_path_factory.mktemp("bin") / "postgres"
    shutil.copy(shutil.which("sleep") or "", path)
    return str(path)


def test_fencing_kills_the_server_in_the_data_directory_and_nothing_else(tmp_path: Path, server_program: str) -> None:
    inside, outside, link = tmp_path / "data", tmp_path / "other", tmp_path / "link"
    inside.mkdir()
    outside.mkdir()
    link.symlink_to(inside)
    victim = subprocess.Popen([server_program, "60"], cwd=inside)
    bystanders = [subprocess.Popen([server_program, "60"], cwd=outside), subprocess.Popen(["sleep", "60"], cwd=inside)]
    try:
        # By whatever path: the kernel knows the folder by one, the settings perhaps by another.
        assert node(link).processes() == [victim.pid]
        assert node(link).fence()
        assert victim.wait(5) == -9
        assert [process.poll() for process in bystanders] == [None, None]
    finally:
        for process in (victim, *bystanders):
            process.kill()
            process.wait()


def serving(data: Path, program: str) -> subprocess.Popen[bytes]:
    """A process that looks like the server of a data directory."""
    data.mkdir(exist_ok=True)
    process = subprocess.Popen([program, "60"], cwd=data)
    (data / "postmaster.pid").write_text(f"{process.pid}\n")
    return process


@pytest.fixture
def guard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[warden.Warden]:
    """A warden over one leading node with an heir, whose events nobody sends."""
    keys = {"leader": "pg-1", "members__pg-1": "{}", "members__pg-2": "{}"}
    only = node(tmp_path / "data", **keys)
    monkeypatch.setattr(warden.Node, "load", classmethod(lambda _cls, _folder: only))
    read, write = os.pipe()
    made = warden.Warden(tmp_path, os.fdopen(read), io.StringIO())
    yield made
    os.close(write)
    made.events.close()
    made.selector.close()


def attend_to(guard: warden.Warden) -> None:
    """One turn of the loop with what the kernel tells within five seconds."""
    for key, _ in guard.selector.select(5):
        guard.selector.unregister(key.fileobj)
        os.close(key.fd)
        died, program, pid = key.data
        died(program, pid)
    guard.attend()


@pytest.mark.parametrize("orderly", [False, True])
def test_a_crashed_server_under_a_living_patroni_is_released_and_a_stopped_one_is_not(
    guard: warden.Warden, tmp_path: Path, server_program: str, *, orderly: bool
) -> None:
    patroni = subprocess.Popen(["sleep", "60"])
    server = serving(tmp_path / "data", server_program)
    try:
        guard.watch("pg-1", patroni.pid)
        guard.look()
        if orderly:
            (tmp_path / "data" / "postmaster.pid").unlink()
        server.kill()
        server.wait()
        attend_to(guard)
    finally:
        for process in (patroni, server):
            process.kill()
            process.wait()
    only = warden.Node.load(tmp_path)
    assert only is not None
    assert bool(only.leads()) is orderly


def test_a_restarted_server_is_watched_under_its_new_pid(
    guard: warden.Warden, tmp_path: Path, server_program: str
) -> None:
    patroni = subprocess.Popen(["sleep", "60"])
    first = serving(tmp_path / "data", server_program)
    second = None
    try:
        guard.watch("pg-1", patroni.pid)
        guard.look()
        second = serving(tmp_path / "data", server_program)
        guard.look()
        assert guard.servers == {"pg-1": second.pid}
        first.kill()
        first.wait()
        attend_to(guard)
        only = warden.Node.load(tmp_path)
        assert only is not None
        assert only.leads(), "the server that runs now is alive"
    finally:
        for process in (patroni, first, second):
            if process is not None:
                process.kill()
                process.wait()


def test_it_speaks_supervisords_protocol_and_hears_of_a_death_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, float]] = []
    monkeypatch.setattr(warden.Node, "load", classmethod(lambda _cls, folder: node(folder, leader="pg-1")))
    monkeypatch.setattr(warden, "running_programs", lambda _root: {})
    sleeper = subprocess.Popen(["sleep", "0.2"])
    payloads = [
        ("PROCESS_STATE_RUNNING", f"processname:pg-1 groupname:pg-1 from_state:STARTING pid:{sleeper.pid}"),
        ("PROCESS_STATE_EXITED", f"processname:pg-1 groupname:pg-1 from_state:RUNNING expected:0 pid:{sleeper.pid}"),
    ]
    read, write = os.pipe()
    answers = io.StringIO()
    guard = warden.Warden(tmp_path, os.fdopen(read), answers)
    died = guard.died
    monkeypatch.setattr(guard, "died", lambda program, pid: (seen.append((program, pid)), died(program, pid)))
    monkeypatch.setattr(guard, "attend", guard.deaths.clear)
    with os.fdopen(write, "w") as events:
        for name, payload in payloads:
            events.write(f"ver:3.0 eventname:{name} len:{len(payload)}\n{payload}")
            events.flush()
            time.sleep(0.4 if name.endswith("RUNNING") else 0)
            if name.endswith("RUNNING"):
                guard.selector.register(guard.events, 1, None)
                guard.selector.unregister(guard.events)
                guard.take_event()
                sleeper.wait()
                for key, _ in guard.selector.select(5):
                    guard.selector.unregister(key.fileobj)
                    os.close(key.fd)
                    guard.died(*key.data[1:])
            else:
                guard.take_event()
    assert seen == [("pg-1", sleeper.pid)]
    assert answers.getvalue() == "RESULT 2\nOKREADY\n" * 2
    guard.events.close()
    guard.selector.close()
