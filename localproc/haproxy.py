"""HAProxy: one port that always reaches the primary, one that reaches replicas that keep up, else the primary.

It forwards TCP, so that TLS runs from the client to PostgreSQL itself. Which server is which, it asks Patroni's REST
interface, over TLS 1.3 with a client certificate.
"""

from __future__ import annotations

import dataclasses
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from localproc import reader_gate
from localproc.layout import StackDirectory
from localproc.patroni_cluster import Member
from localproc.programs import find_program, said_version
from localproc.service import Service, condition, ensure_listening
from localproc.supervisor import Program
from localproc.waiting import Waiter

__all__ = ["HAProxy", "LoadBalancing"]

_REPLICAS = "replicas"

LoadBalancing = Literal["round-robin", "least-connections", "random"]
_BALANCE: dict[LoadBalancing, str] = {
    "round-robin": "roundrobin",
    "least-connections": "leastconn",
    "random": "random",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class HAProxy:
    """The proxy of one cluster."""

    directory: str
    name: str
    listen_address: str
    writer_port: int
    reader_port: int
    members: Sequence[Member]
    load_balancing: LoadBalancing = "least-connections"
    maximum_lag_mib: int
    maximum_lag_ms: int = 1000
    cert_pem: str
    key_pem: str
    ca_bundle_pem: str

    def service(self, directory: StackDirectory) -> Service:
        """Files and program."""
        folder = directory.service(self.name)
        command = (find_program("haproxy"), "-W", "-db", "-f", str(folder / "haproxy.cfg"))
        return Service(
            program=Program(name=self.name, command=command, folder=folder, stop_signal="USR1", stop_wait_s=3),
            files={
                "haproxy.cfg": self._configuration(directory),
                "client.pem": self.cert_pem + self.key_pem,
                "ca.crt": self.ca_bundle_pem,
                reader_gate.FILE: self._readers(directory),
            },
            # The master process replaces its workers and leaves the listening sockets open meanwhile.
            reload_signal=signal.SIGUSR2,
        )

    def ensure(self, waiter: Waiter) -> None:
        """Run as declared, and listen.

        Raises:
            LocalprocError: it does not listen in time; with the end of its log.
        """
        directory = StackDirectory.open(self.directory)
        ensure_listening(directory, self.service(directory), self.listen_address, self.writer_port, waiter)

    def condition(self) -> str:
        """`running`, or what is not as declared."""
        directory = StackDirectory.open(self.directory)
        return condition(directory, self.service(directory))

    @staticmethod
    def version() -> str:
        """Version of the installed program."""
        return said_version("haproxy", "-v", r"version (\d+\.\d+\.\d+)")

    def _configuration(self, directory: StackDirectory) -> str:
        folder = directory.service(self.name)
        sections = [
            [
                "global",
                "maxconn 4000",
                f"stats socket {_quoted(self._socket(directory))} mode 600 level admin",
                "log stderr format raw local0 notice",
            ],
            [
                "defaults",
                "log global",
                "mode tcp",
                # A client that is turned away at once tries again sooner than HAProxy, which waits a second, would.
                "retries 0",
                "option clitcpka",
                "option srvtcpka",
                "timeout connect 1s",
                "timeout check 1s",
                # Sessions of a database are idle for long; PostgreSQL and the pools end those that must end.
                "timeout client 24h",
                "timeout server 24h",
                # A killed primary is noticed by the first connection that fails, a new one within 200 ms.
                f"default-server check check-ssl verify required ca-file {_quoted(folder / 'ca.crt')}",
                f"default-server crt {_quoted(folder / 'client.pem')} ssl-min-ver TLSv1.3",
                "default-server inter 500ms fastinter 200ms downinter 200ms fall 2 rise 1",
                "default-server observe layer4 error-limit 1 on-error mark-down on-marked-down shutdown-sessions",
            ],
            [
                "listen writer",
                f"bind {self.listen_address}:{self.writer_port}",
                *self._servers("/primary"),
            ],
            [
                "frontend reader",
                f"bind {self.listen_address}:{self.reader_port}",
                f"use_backend writer if {{ nbsrv({_REPLICAS}) eq 0 }}",
                f"default_backend {_REPLICAS}",
            ],
            [f"backend {_REPLICAS}", *self._servers(f"/replica?lag={self.maximum_lag_mib}MB")],
        ]
        return "\n".join("\n    ".join(section) + "\n" for section in sections)

    def _servers(self, check: str) -> list[str]:
        return [
            f"balance {_BALANCE[self.load_balancing]}",
            f"option httpchk OPTIONS {check}",
            "http-check expect status 200",
            # `verify` alone takes any certificate of the authority; HAProxy compares host names, but no addresses.
            *(f"server {m.name} {m.host}:{m.port} port {m.rest_port} verifyhost {m.name}" for m in self.members),
        ]

    def _readers(self, directory: StackDirectory) -> str:
        """What the gate of the reader port must know; where there is one member there is nothing to choose."""
        members = self.members if len(self.members) > 1 else ()
        described = {
            "socket": str(self._socket(directory)),
            "backend": _REPLICAS,
            "limit_s": self.maximum_lag_ms / 1000,
            "members": {m.name: f"https://{m.host}:{m.rest_port}" for m in members},
        }
        return json.dumps(described, indent=2) + "\n"

    def _socket(self, directory: StackDirectory) -> Path:
        return directory.run / f"{self.name}.sock"


def _quoted(path: Path) -> str:
    """A path for haproxy.cfg, where a space would end the word."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
