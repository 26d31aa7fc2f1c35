"""Which sockets may be left unclosed in a test: those alone that Python leaves so itself."""

from __future__ import annotations

import socket
import ssl
import struct
import sys

import pytest

AT_ONCE = struct.pack("ii", 1, 0)
"""SO_LINGER: on, for 0 s: closing resets the connection."""


@pytest.mark.parametrize("gone", [True, False])
def test_a_socket_may_be_unclosed_only_where_its_peer_was_gone_before_the_handshake(
    gone: bool,  # noqa: FBT001 - a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: refused.append(found.exc_type))
    with socket.create_server(("127.0.0.1", 0)) as server:
        connection = socket.create_connection(server.getsockname())
        peer, _ = server.accept()
        with peer:
            if gone:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                peer.close()
            _forget(connection)
    assert refused == ([] if gone else [ResourceWarning])


def _forget(connection: socket.socket) -> None:
    context = ssl.create_default_context()
    try:
        context.wrap_socket(connection, server_hostname="localhost", do_handshake_on_connect=False)
    except ConnectionResetError:
        return
