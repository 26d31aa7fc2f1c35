"""Which TCP ports are taken, and by whom."""

from __future__ import annotations

import errno
import socket

import psutil

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
    for connection in psutil.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
            try:
                return f"pid {connection.pid} ({psutil.Process(connection.pid).name()})"
            except psutil.NoSuchProcess:
                break
    return "another process"


def refuse_taken(address: str, port: int, purpose: str) -> None:
    """Raise with the holder's name when a port that a new server needs is taken.

    Raises:
        LocalprocError: the port is in use.
    """
    by = holder(address, port)
    if by:
        msg = (
            f"port {port} on {address}, wanted for {purpose}, is in use by {by}; stop that process, or choose other "
            "ports with `pulumi config set --path fashion-wallet:local.portBase <number>`"
        )
        raise LocalprocError(msg)
