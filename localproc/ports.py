"""Which TCP ports are taken, and by whom."""

from __future__ import annotations

import contextlib
import errno
import socket
from pathlib import Path

import psutil

from localproc import identity
from localproc.errors import LocalprocError

__all__ = ["holder", "refuse_taken"]


def holder(address: str, port: int) -> str | None:
    """Who listens on `address:port`: `"pid 12 (nginx)"`, `"another process"`, or None when it is free."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return f"nobody, but it cannot be used: {error.strerror}"
        else:
            return None
    for process in _listeners(address, port):
        with contextlib.suppress(psutil.NoSuchProcess):
            return f"pid {process.pid} ({process.name()})"
    return "another process"


def refuse_taken(address: str, port: int, purpose: str, *, stack: Path | None = None) -> None:
    """Raise with the holder's name when a port that a server needs is taken.

    Args:
        address: where the server listens.
        port: its TCP port.
        purpose: what needs the port, for the error's text.
        stack: folder of the stack whose processes may hold it: the server has it already. Omitted: nobody may.

    Raises:
        LocalprocError: the port is in use.
    """
    by = holder(address, port)
    if by and stack and any(identity.belongs(process, stack) for process in _listeners(address, port)):
        return
    if by:
        msg = (
            f"port {port} on {address}, wanted for {purpose}, is in use by {by}; stop that process, or choose other "
            "ports with `pulumi config set --path fashion-wallet:local.portBase <number>`"
        )
        raise LocalprocError(msg)


def _listeners(address: str, port: int) -> list[psutil.Process]:
    """Processes that listen on a port, as far as this user may see them."""
    addresses = {address, "0.0.0.0", "::"}  # noqa: S104 - looked for, not listened on
    found = []
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN and connection.pid
        if listens and connection.laddr and connection.laddr.port == port and connection.laddr.ip in addresses:
            with contextlib.suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(connection.pid))
    return found
