"""The supervisor's list of processes, by XML-RPC over its unix socket."""

from __future__ import annotations

import dataclasses
import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any

from walletdb.deadline import Deadline
from walletdb.errors import DeniedError, ProbeError

__all__ = ["ProcessView", "parse_processes", "probe"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class ProcessView:
    """One supervised process; `state` in the supervisor's words (RUNNING, STARTING, BACKOFF, EXITED, FATAL, …)."""

    name: str
    state: str
    pid: int | None
    uptime_s: int | None
    note: str


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    """The standard library's transport over a unix socket, with a time-out (supervisor's own has none)."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__()
        self._unix = _UnixConnection(path, timeout_s)

    def make_connection(self, host: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - as the base class
        self._connection = host, self._unix  # what the base class closes in the end
        return self._unix


def probe(path: Path, deadline: Deadline) -> tuple[ProcessView, ...]:
    """Ask for all processes.

    Raises:
        DeniedError: the socket belongs to another user.
        ProbeError: no supervisor answers there.
    """
    transport = _UnixTransport(path, deadline.remaining_s())
    try:
        with xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=transport) as server:
            found = server.supervisor.getAllProcessInfo()
    except PermissionError as error:
        raise DeniedError(f"{path} belongs to another user") from error
    except TimeoutError as error:
        raise deadline.missed() from error
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        raise ProbeError(f"no supervisor answers at {path}: {error}") from error
    return parse_processes(found)


def parse_processes(found: Any) -> tuple[ProcessView, ...]:  # noqa: ANN401 - XML-RPC carries any value
    """Read the answer to getAllProcessInfo.

    Raises:
        ProbeError: it is not what supervisor sends.
    """
    try:
        views = [_process(info) for info in found]
    except (KeyError, TypeError, ValueError) as error:
        raise ProbeError(f"unexpected answer from the supervisor: {error!r}") from error
    return tuple(sorted(views, key=lambda view: view.name))


def _process(info: dict[str, Any]) -> ProcessView:
    running = info["pid"] > 0
    return ProcessView(
        name=info["name"] if info["group"] == info["name"] else f"{info['group']}:{info['name']}",
        state=info["statename"],
        pid=int(info["pid"]) if running else None,
        uptime_s=max(0, int(info["now"]) - int(info["start"])) if running else None,
        note=str(info.get("spawnerr") or ""),
    )
