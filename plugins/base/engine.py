"""The engine's side of the conversation: what a plugin tells the user while it works."""

import threading
from typing import Final

import grpc
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc

from plugins.base.resource import Severity

__all__ = ["MESSAGE_OPTIONS", "EngineLog"]

# The engine's own limit (sdk/go/common/util/rpcutil): a large state must never be what fails.
MESSAGE_OPTIONS: Final = [
    ("grpc.max_receive_message_length", 400 * 1024 * 1024),
    ("grpc.max_send_message_length", 400 * 1024 * 1024),
]
_LOG_TIMEOUT_S: Final = 5.0
_SEVERITIES: Final = {
    "debug": engine_pb2.DEBUG,
    "info": engine_pb2.INFO,
    "warning": engine_pb2.WARNING,
    "error": engine_pb2.ERROR,
}


class EngineLog:
    """Sends log lines to the engine at an address; with no engine, or a dead one, they are dropped."""

    def __init__(self, address: str = "") -> None:
        """Connect lazily to `address` (host:port), which may come later by `attach`."""
        self._lock = threading.Lock()
        self._stub: engine_pb2_grpc.EngineStub | None = None
        if address:
            self.attach(address)

    def attach(self, address: str) -> None:
        """Send from now on to the engine at `address`."""
        channel = grpc.insecure_channel(address, options=MESSAGE_OPTIONS)
        with self._lock:
            self._stub = engine_pb2_grpc.EngineStub(channel)

    def send(self, severity: Severity, text: str, *, urn: str = "", ephemeral: bool = False) -> None:
        """Send one message about the resource `urn` ("" for the whole). Never raises: a log line fails no operation."""
        with self._lock:
            stub = self._stub
        if stub is None:
            return
        request = engine_pb2.LogRequest(severity=_SEVERITIES[severity], message=text, urn=urn, ephemeral=ephemeral)
        try:
            stub.Log(request, timeout=_LOG_TIMEOUT_S)
        except grpc.RpcError:
            # The engine is gone or going: the parent watch ends this process, nothing else is to be done.
            return
