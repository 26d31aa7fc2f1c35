"""When a replica leaves the reader port and when it comes back."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from localproc import reader_gate
from localproc.https import ClientIdentity, Reply
from localproc.reader_gate import Age, Proxy, ReaderGate

LIMIT_S = 1.0


def seen(*samples: tuple[float, int]) -> Age:
    age = Age(LIMIT_S)
    for now, position in samples:
        age.leader_at(position, now)
    return age


@pytest.mark.parametrize(
    "replayed,now,expected",
    [
        (30, 9.0, 0.0),  # it has everything, however long ago that was written
        (29, 9.0, 7.0),  # since 2.0 the leader has had 30
        (10, 9.0, 8.0),  # since 1.0 it has had 20
        (40, 9.0, 0.0),  # ahead: the leader was asked before it
    ],
)
def test_age_counts_from_the_first_thing_that_is_missing(replayed: int, now: float, expected: float) -> None:
    assert seen((0.0, 10), (1.0, 20), (2.0, 30), (3.0, 30)).of(replayed, now) == expected


def test_a_leader_that_went_on_for_long_is_remembered_briefly() -> None:
    age = seen(*((float(second), second) for second in range(1000)))
    assert age.of(0, 1000.0) > LIMIT_S
    assert len(age._seen) < 10


def test_a_new_leader_starts_anew() -> None:
    assert seen((0.0, 500), (1.0, 400)).of(400, 60.0) == 0.0


@pytest.fixture
def proxy(tmp_path: Path) -> Proxy:
    identity = ClientIdentity(tmp_path, tmp_path, tmp_path)
    return Proxy(tmp_path / "s.sock", "replicas", LIMIT_S, identity, {"pg-1": "u1", "pg-2": "u2"})


def test_out_at_the_limit_and_back_at_half_of_it(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gate = ReaderGate(tmp_path)
    now, answer = 0.0, (10, {"pg-2": 10})
    monkeypatch.setattr(reader_gate.time, "monotonic", lambda: now)
    monkeypatch.setattr(Proxy, "positions", lambda _self: answer)
    ready, drain = ["set server replicas/pg-2 state ready"], ["set server replicas/pg-2 state drain"]
    assert gate.orders(tmp_path, proxy) == ready
    now, answer = 1.0, (20, {"pg-2": 10})
    assert gate.orders(tmp_path, proxy) == ready
    now = 2.1
    assert gate.orders(tmp_path, proxy) == [*drain, "shutdown sessions server replicas/pg-2"]
    assert gate.orders(tmp_path, proxy) == drain, "sessions end once, a restarted proxy is told again"
    answer = (None, {"pg-2": 20})
    assert gate.orders(tmp_path, proxy) == [], "while nobody leads nothing is decided"
    now, answer = 3.0, (30, {"pg-2": 20})
    assert gate.orders(tmp_path, proxy) == ready
    now = 4.2
    assert gate.orders(tmp_path, proxy)[0] == drain[0]
    now, answer = 4.3, (40, {"pg-2": 30})
    assert gate.orders(tmp_path, proxy) == ready
    now = 5.0
    assert gate.orders(tmp_path, proxy) == ready, "0.7 s is within the limit"
    said = [line.split(" ", 1)[1] for line in capsys.readouterr().err.splitlines()]
    assert said[:2] == [
        "pg-2 shows what is 1.1 s old (limit 1 s): off the reader port",
        "pg-2 keeps up again: back on the reader port",
    ]
    assert len(said) == 4


def test_one_that_was_out_stays_out_between_half_the_limit_and_the_limit(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = ReaderGate(tmp_path)
    gate._out.add((tmp_path, "pg-2"))
    age = gate._ages[tmp_path] = Age(LIMIT_S)
    age.leader_at(20, 0.0)
    monkeypatch.setattr(reader_gate.time, "monotonic", lambda: 0.7)
    monkeypatch.setattr(Proxy, "positions", lambda _self: (20, {"pg-2": 10}))
    assert gate.orders(tmp_path, proxy) == ["set server replicas/pg-2 state drain"]


def test_positions_come_from_patroni(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "u1/patroni": Reply(200, {"xlog": {"location": 100}}),
        "u2/patroni": Reply(503, {"xlog": {"received_location": 90, "replayed_location": 80}}),
    }
    monkeypatch.setattr(reader_gate, "request", lambda _identity, _method, url, **_: said.get(url))
    assert proxy.positions() == (100, {"pg-2": 80})
    said.clear()
    assert proxy.positions() == (None, {})


def test_orders_reach_the_socket_of_a_proxy_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "services" / "ha"
    folder.mkdir(parents=True)
    (tmp_path / "services" / "other").mkdir()
    path = tmp_path / "s.sock"
    described = {"socket": str(path), "backend": "replicas", "limit_s": 1, "members": {"a": "u", "b": "v"}}
    (folder / reader_gate.FILE).write_text(json.dumps(described), encoding="utf-8")
    monkeypatch.setattr(Proxy, "positions", lambda _self: (1, {"a": 1, "b": 1}))
    ReaderGate(tmp_path).look()  # nobody listens yet: no error
    got: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while not (got and got[-1].endswith(b"\n")):
                    got.append(connection.recv(4096))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        began = time.monotonic()
        ReaderGate(tmp_path).look()
        thread.join(10)
    assert b"".join(got) == b"set server replicas/a state ready; set server replicas/b state ready\n"
    assert time.monotonic() - began < 10


def test_a_broken_description_is_nobodys(tmp_path: Path) -> None:
    assert Proxy.load(tmp_path) is None
    (tmp_path / reader_gate.FILE).write_text("{", encoding="utf-8")
    assert Proxy.load(tmp_path) is None
