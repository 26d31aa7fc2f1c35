"""Loopback addresses of a rehearsal's own, so that its servers listen on the ports that they have in production."""

import random
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from rehearsal.errors import RehearsalError

__all__ = ["PORTS", "Addresses", "free_port"]

PORTS = (2379, 2380, 5432, 6443, 27017)
"""What the servers listen on."""
_SERVERS = 12
_ATTEMPTS = 50
_ALL_INTERFACES = "127.0.0.1"


@dataclass(frozen=True)
class Addresses:
    """Addresses `127.a.b.1` and so on, each given out once."""

    prefix: str
    _given: Iterator[int]

    @classmethod
    def choose(cls, chance: random.Random | None = None) -> "Addresses":
        """A network in which nobody listens on any of our ports.

        Raises:
            RehearsalError: There is none: this system has no such addresses, or other servers listen on all of them.
        """
        chance = chance or random.SystemRandom()
        reason = ""
        for _ in range(_ATTEMPTS):
            prefix = f"127.{chance.randint(1, 254)}.{chance.randint(0, 255)}"
            if not (reason := _taken(prefix)):
                return cls(prefix, iter(range(1, _SERVERS + 1)))
        raise RehearsalError(
            f"no free network of loopback addresses after {_ATTEMPTS} attempts, the last: {reason}. The rehearsal "
            f"needs Linux, where all of 127.0.0.0/8 is this machine, and ports {', '.join(map(str, PORTS))} not taken "
            "on all addresses by another server (one that listens on 0.0.0.0): stop that one, or have it listen on "
            f"{_ALL_INTERFACES} only"
        )

    def take(self) -> str:
        """The next address."""
        return f"{self.prefix}.{next(self._given)}"


def free_port(address: str = "127.0.0.1") -> int:
    """A port on which nobody listens now."""
    with socket.socket() as listener:
        listener.bind((address, 0))
        return int(listener.getsockname()[1])


def _taken(prefix: str) -> str:
    """Why the network cannot be had; empty where it can."""
    for number in range(1, _SERVERS + 1):
        for port in PORTS:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((f"{prefix}.{number}", port))
                except OSError as error:
                    return f"{prefix}.{number}:{port}: {error.strerror}"
    return ""
