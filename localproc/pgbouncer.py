"""PgBouncer: many clients on few server connections, in transaction mode, to the writer port of a cluster.

Clients log in with SCRAM; their verifiers come from the database by `auth_query`, so that no password lies in a
file, and the pooler itself logs in with a client certificate.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

from localproc.layout import StackDirectory
from localproc.programs import find_program, said_version
from localproc.service import Service, condition, ensure_listening, tls_files
from localproc.supervisor import Program
from localproc.waiting import Waiter

__all__ = ["PgBouncer"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class PgBouncer:
    """The pooler of one cluster. Times ending in `_ms` are milliseconds, as the specification gives them."""

    directory: str
    name: str
    listen_address: str
    port: int
    backend_host: str
    backend_port: int
    databases: Sequence[str]
    auth_user: str
    auth_query: str
    pool_min: int
    pool_max: int
    max_client_connections: int
    max_database_connections: int
    idle_timeout_ms: int
    max_lifetime_ms: int
    connection_timeout_ms: int
    acquire_timeout_ms: int
    minimum_tls_version: str
    cert_pem: str
    key_pem: str
    client_cert_pem: str
    client_key_pem: str
    ca_bundle_pem: str

    def service(self, directory: StackDirectory) -> Service:
        """Files and program."""
        folder = directory.service(self.name)
        command = (find_program("pgbouncer"), str(folder / "pgbouncer.ini"))
        files = tls_files(self.cert_pem, self.key_pem, self.ca_bundle_pem)
        files |= tls_files(self.client_cert_pem, self.client_key_pem, self.ca_bundle_pem, "client")
        return Service(
            program=Program(
                name=self.name,
                command=command,
                folder=folder,
                # Its socket is bound when it starts; all else is taken up by a reload. So the address is made part of
                # the program: when it changes, supervisord starts the program anew.
                environment={"LISTEN": f"{self.listen_address}:{self.port}"},
                stop_signal="INT",
                stop_wait_s=10,
            ),
            files={
                **files,
                "pgbouncer.ini": self._configuration(directory),
                # The pooler's own user must be known; it has no password, the server asks for its certificate.
                "users.txt": f'"{self.auth_user}" ""\n',
            },
        )

    def ensure(self, waiter: Waiter) -> None:
        """Run as declared, and listen.

        Raises:
            LocalprocError: it does not listen in time; with the end of its log.
        """
        directory = StackDirectory.open(self.directory)
        ensure_listening(directory, self.service(directory), self.listen_address, self.port, waiter)

    def condition(self) -> str:
        """`running`, or what is not as declared."""
        directory = StackDirectory.open(self.directory)
        return condition(directory, self.service(directory))

    @staticmethod
    def version() -> str:
        """Version of the installed program."""
        return said_version("pgbouncer", "--version", r"PgBouncer (\S+)")

    def _configuration(self, directory: StackDirectory) -> str:
        tls = directory.service(self.name) / "tls"
        protocol = self.minimum_tls_version.lower()
        settings = {
            "listen_addr": self.listen_address,
            "listen_port": self.port,
            "unix_socket_dir": directory.run,
            "unix_socket_mode": "0700",
            "auth_type": "scram-sha-256",
            "auth_file": directory.service(self.name) / "users.txt",
            "auth_user": self.auth_user,
            "auth_query": self.auth_query,
            "client_tls_sslmode": "require",
            "client_tls_protocols": protocol,
            "client_tls_cert_file": tls / "server.crt",
            "client_tls_key_file": tls / "server.key",
            "client_tls_ca_file": tls / "ca.crt",
            "server_tls_sslmode": "verify-full",
            "server_tls_protocols": protocol,
            "server_tls_cert_file": tls / "client.crt",
            "server_tls_key_file": tls / "client.key",
            "server_tls_ca_file": tls / "ca.crt",
            "pool_mode": "transaction",
            "min_pool_size": self.pool_min,
            "default_pool_size": self.pool_max,
            "max_client_conn": self.max_client_connections,
            # The pool is per user; a user more than was reckoned with must not use up the server's connections.
            "max_db_connections": self.max_database_connections,
            "server_idle_timeout": _seconds(self.idle_timeout_ms),
            "server_lifetime": _seconds(self.max_lifetime_ms),
            "server_connect_timeout": _seconds(self.connection_timeout_ms),
            "query_wait_timeout": _seconds(self.acquire_timeout_ms),
            # After a failover the next attempt comes in one second, not in PgBouncer's default of fifteen.
            "server_login_retry": 1,
            "ignore_startup_parameters": "extra_float_digits,options",
        }
        databases = dict.fromkeys(self.databases, f"host={self.backend_host} port={self.backend_port}")
        return _section("databases", databases) + _section("pgbouncer", settings)


def _section(name: str, settings: Mapping[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in settings.items()), ""])


def _seconds(milliseconds: int) -> int:
    """Whole seconds, rounded up: PgBouncer knows no shorter time, and 0 would mean never."""
    return math.ceil(milliseconds / 1000)
