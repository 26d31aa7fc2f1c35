"""HAProxy: one port that always reaches the primary, one that reaches replicas that keep up.

It forwards TCP, so that TLS runs from the client to PostgreSQL itself. Which server is which, it asks Patroni's REST
interface, over TLS 1.3 with a client certificate.
"""

from __future__ import annotations

import dataclasses
import signal
from collections.abc import Sequence
from pathlib import Path

from localproc.layout import StackDirectory
from localproc.patroni_cluster import Member
from localproc.programs import find_program, said_version
from localproc.service import Service, condition, ensure_listening
from localproc.supervisor import Program
from localproc.waiting import Waiter

__all__ = ["HAProxy"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class HAProxy:
    """The proxy of one cluster."""

    directory: str
    name: str
    listen_address: str
    writer_port: int
    reader_port: int
    members: Sequence[Member]
    maximum_lag_mib: int
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
                f"stats socket {_quoted(directory.run / f'{self.name}.sock')} mode 600 level admin",
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
            self._listener("writer", self.writer_port, "/primary"),
            self._listener("reader", self.reader_port, self._readers()),
        ]
        return "\n".join("\n    ".join(section) + "\n" for section in sections)

    def _readers(self) -> str:
        """The check that finds who may be read from: replicas that keep up; alone, the primary."""
        return f"/replica?lag={self.maximum_lag_mib}MB" if len(self.members) > 1 else "/primary"

    def _listener(self, role: str, port: int, check: str) -> list[str]:
        return [
            f"listen {role}",
            f"bind {self.listen_address}:{port}",
            "balance leastconn",
            f"option httpchk OPTIONS {check}",
            "http-check expect status 200",
            # `verify` alone takes any certificate of the authority; HAProxy compares host names, but no addresses.
            *(f"server {m.name} {m.host}:{m.port} port {m.rest_port} verifyhost {m.name}" for m in self.members),
        ]


def _quoted(path: Path) -> str:
    """A path for haproxy.cfg, where a space would end the word."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$") + '"'
