"""NetworkPath: at preview it says what is in the way, and how to go on without."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from plugins.base import UNKNOWN, Context, Props, ProviderError
from plugins.walletdb.__main__ import provider
from plugins.walletdb.network_path import NetworkPath
from tests.fixtures.scratch_postgres import free_port

PATH = NetworkPath()


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def reasons(**news: object) -> list[str]:
    return [failure.reason for failure in PATH.check({}, dict(news), Context())[1]]


def path(port: int, host: str = "127.0.0.1", timeout_s: int = 3) -> Props:
    return {"host": host, "port": port, "timeoutS": timeout_s}


def test_the_plugin_serves_it() -> None:
    assert "walletdb:index:NetworkPath" in provider().resources


def test_a_server_that_answers_passes_and_one_of_several_is_enough(listener: int) -> None:
    assert reasons(**path(listener)) == []
    assert reasons(**path(listener, "127.0.0.99,127.0.0.1")) == []
    assert PATH.create("p", path(listener), Context()) == ("p", path(listener))


def test_no_answer_is_refused_with_the_setting_and_the_fix() -> None:
    port = free_port()
    (reason,) = reasons(**path(port))
    assert reason.startswith("fashion-wallet:cloud.inDatabase: there is no network path")
    assert f"127.0.0.1:{port}" in reason
    assert "or write skip" in reason


def test_an_address_that_is_not_known_yet_is_not_tried() -> None:
    assert reasons(host=UNKNOWN, port=5432, timeoutS=3) == []
    assert reasons(host="127.0.0.1", port=UNKNOWN, timeoutS=3) == []


@pytest.mark.parametrize("wrong", [{"port": 0}, {"port": True}, {"timeoutS": 61}, {"host": None}, {"more": 1}], ids=str)
def test_wrong_inputs_are_refused(wrong: Props, listener: int) -> None:
    assert reasons(**{**path(listener), **wrong})


def test_creating_waits_for_a_server_that_comes_late_and_not_for_ever() -> None:
    port = free_port()

    def serve() -> None:
        time.sleep(0.3)
        with socket.create_server(("127.0.0.1", port)) as server:
            server.accept()[0].close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    assert PATH.create("p", path(port), Context())[0] == "p"
    thread.join(5)
    with pytest.raises(ProviderError, match="no network path"):
        PATH.create("p", path(free_port(), timeout_s=1), Context())
