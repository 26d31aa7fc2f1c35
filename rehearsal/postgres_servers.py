"""Real PostgreSQL servers: a primary with streaming replicas for RDS, and one for the time series.

Durability is off: they live for minutes. Logins, TLS 1.3 and replication are as in production.
"""

import contextlib
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from localproc import postgres
from localproc.layout import Owner
from rehearsal.certificates import Certificates
from rehearsal.files import secret_file
from rehearsal.processes import Process, Processes

__all__ = ["PORT", "PostgresServer", "PostgresServers"]

PORT = 5432
SUPERUSER = "postgres"
_REPLICATION = "rehearsal_replication"
_PRELOADED = ("pg_stat_statements", "pgaudit", "auto_explain", "timescaledb")
_ACCESS = """
hostssl all all 127.0.0.0/8 scram-sha-256
hostssl replication all 127.0.0.0/8 scram-sha-256
"""


@dataclass(frozen=True, kw_only=True)
class PostgresServer:
    """One server: where its data lie, and where it listens."""

    name: str
    address: str
    folder: Path
    password: str
    ca_file: Path

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Open a connection as the superuser on which every statement commits itself."""
        return psycopg.connect(
            host=self.address,
            port=PORT,
            dbname=database,
            user=SUPERUSER,
            password=self.password,
            sslmode="verify-full",
            sslrootcert=str(self.ca_file),
            connect_timeout=5,
            autocommit=True,
        )

    def answers(self) -> bool:
        """Whether it takes connections."""
        with contextlib.suppress(psycopg.OperationalError):
            self.connect().close()
            return True
        return False


class PostgresServers:
    """Starts servers step by step, so that several come up at the same time."""

    def __init__(self, folder: Path, owner: Owner, certificates: Certificates, processes: Processes) -> None:
        """Start nothing yet."""
        self.installation = postgres.find()
        self._folder = folder
        self._owner = owner
        self._certificates = certificates
        self._processes = processes

    def initialise(self, server: PostgresServer) -> Process:
        """Begin to make an empty database cluster."""
        password = self._secret(server, "password", server.password)
        return self._run(
            f"{server.name}-initdb",
            "initdb",
            *("-D", str(server.folder), "-U", SUPERUSER, f"--pwfile={password}", "--auth=scram-sha-256"),
            *("--no-sync", "--no-instructions", "--locale=C.UTF-8", "--encoding=UTF8", "--data-checksums"),
        )

    def start(self, server: PostgresServer) -> Process:
        """Begin to start a server whose data are there."""
        self._configure(server)
        program = str(self.installation.programs / "postgres")
        # SIGQUIT: an immediate shutdown, for the data go as well.
        return self._processes.start(
            server.name, [program, "-D", str(server.folder)], owner=self._owner, ending=signal.SIGQUIT
        )

    def allow_replicas(self, primary: PostgresServer) -> None:
        """Make the login with which replicas stream."""
        with primary.connect() as connection:
            connection.execute(f"CREATE ROLE {_REPLICATION} LOGIN REPLICATION PASSWORD '{primary.password}'".encode())

    def copy(self, primary: PostgresServer, replica: PostgresServer) -> Process:
        """Begin to copy the primary into a replica that will stream from it."""
        passwords = self._secret(replica, "pgpass", f"*:*:*:*:{primary.password}\n")
        login = (
            f"host={primary.address} port={PORT} user={_REPLICATION} sslmode=verify-full "
            f"sslrootcert={self._certificates.ca_file} passfile={passwords} application_name={replica.name}"
        )
        return self._run(
            f"{replica.name}-copy",
            "pg_basebackup",
            *("-d", login, "-D", str(replica.folder), "-R", "-X", "stream", "-c", "fast", "--no-sync"),
        )

    def streaming(self, primary: PostgresServer, replicas: Sequence[PostgresServer]) -> bool:
        """Whether all replicas stream from the primary."""
        with primary.connect() as connection:
            rows = connection.execute("SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'")
            return {row[0] for row in rows} >= {replica.name for replica in replicas}

    def _run(self, name: str, program: str, *words: str) -> Process:
        return self._processes.start(name, [self.installation.programs / program, *words], owner=self._owner)

    def _secret(self, server: PostgresServer, name: str, text: str) -> Path:
        return secret_file(self._folder / f"{server.name}.{name}", text, self._owner)

    def _configure(self, server: PostgresServer) -> None:
        certificate, key = self._certificates.issue(server.name, server.address, self._folder, self._owner)
        preloaded = [name for name in _PRELOADED if self.installation.has_library(name)]
        settings = {
            "listen_addresses": server.address,
            "port": PORT,
            "unix_socket_directories": "",
            "ssl": "on",
            "ssl_cert_file": certificate,
            "ssl_key_file": key,
            "ssl_ca_file": self._certificates.ca_file,
            "ssl_min_protocol_version": "TLSv1.3",
            "password_encryption": "scram-sha-256",
            "shared_preload_libraries": ",".join(preloaded),
            "max_connections": 200,
            "shared_buffers": "32MB",
            "fsync": "off",
            "full_page_writes": "off",
            "wal_level": "replica",
            "wal_keep_size": "512MB",
            "hot_standby": "on",
            "max_wal_senders": 10,
            "logging_collector": "off",
        }
        text = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        with (server.folder / "postgresql.conf").open("a", encoding="utf-8") as stream:
            stream.write(text)
        (server.folder / "pg_hba.conf").write_text(_ACCESS, encoding="utf-8")
