"""All real servers of a rehearsal, brought up side by side, and the file that tells the stand-ins where they are."""

import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from localproc.layout import Owner
from rehearsal.addresses import Addresses
from rehearsal.certificates import Certificates
from rehearsal.files import owned_folder
from rehearsal.mongo_servers import NAME, MongoServers
from rehearsal.postgres_servers import SUPERUSER, PostgresServer, PostgresServers
from rehearsal.processes import Process, Processes

__all__ = ["Servers", "Starting"]

_REPLICAS = 2
_MEMBERS = 3


@dataclass(frozen=True, kw_only=True)
class Servers:
    """PostgreSQL with replicas, PostgreSQL for time series, and a MongoDB replica set."""

    certificates: Certificates
    primary: PostgresServer
    replicas: tuple[PostgresServer, ...]
    timescale: PostgresServer
    mongodb: MongoServers
    postgres_version: str
    timescaledb: bool
    """Whether this machine's PostgreSQL has TimescaleDB."""


class Starting:
    """Servers on their way up: begin with all, do something else meanwhile, then `finish`."""

    def __init__(self, folder: Path, addresses: Addresses, owner: Owner, processes: Processes) -> None:
        """Make folders and certificates, and start what can be started at once."""
        certificates = Certificates.make(folder / "certificates")
        data = owned_folder(folder / "data", owner, 0o755)
        self._postgres = PostgresServers(data, owner, certificates, processes)

        def server(name: str, password: str) -> PostgresServer:
            address = addresses.take()
            ca_file = certificates.ca_file
            return PostgresServer(name=name, address=address, folder=data / name, password=password, ca_file=ca_file)

        shared, own = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        names = [f"postgres-replica-{number}" for number in range(1, _REPLICAS + 1)]
        self._primary, self._timescale = server("postgres-primary", shared), server("timescale", own)
        self._replicas = tuple(server(name, shared) for name in names)
        self._mongodb = MongoServers(
            folder=data,
            addresses=tuple(addresses.take() for _ in range(_MEMBERS)),
            password=secrets.token_urlsafe(24),
            owner=owner,
            certificates=certificates,
        )
        self._certificates = certificates
        self._initialising = [(each, self._postgres.initialise(each)) for each in (self._primary, self._timescale)]
        self._members = self._mongodb.start(processes)
        self._running: dict[str, Process] = {}

    @property
    def certificates(self) -> Certificates:
        """The authority of all servers."""
        return self._certificates

    def description(self) -> dict[str, Any]:
        """What `servers.json` says."""

        def superuser(server: PostgresServer) -> dict[str, str]:
            return {"user": SUPERUSER, "password": server.password}

        return {
            "ca_file": str(self._certificates.ca_file),
            "postgres": {
                "primary": self._primary.address,
                "replicas": [replica.address for replica in self._replicas],
                # A proxy is not rehearsed: its clients reach the primary itself.
                "proxy": self._primary.address,
                "superuser": superuser(self._primary),
            },
            "timescale": {"primary": self._timescale.address, "superuser": superuser(self._timescale)},
            "mongodb": {
                "members": list(self._mongodb.addresses),
                "replica_set": NAME,
                "admin_uri": self._mongodb.admin_uri,
            },
        }

    def write(self, path: Path) -> None:
        """Write `servers.json`, for whoever runs the rehearsal alone: the passwords are in it."""
        path.touch(0o600)
        path.write_text(json.dumps(self.description(), indent=2) + "\n", encoding="utf-8")

    def start_postgres(self) -> None:
        """Start the two servers whose data are made."""
        for server, initialising in self._initialising:
            initialising.succeeded()
            self._running[server.name] = self._postgres.start(server)

    def finish(self) -> Servers:
        """Wait for everything, replicas included.

        Raises:
            RehearsalError: A server does not come up; the text has its log's end.
        """
        running = self._running
        running[self._primary.name].until("it takes connections", self._primary.answers)
        self._postgres.allow_replicas(self._primary)
        copying = [(replica, self._postgres.copy(self._primary, replica)) for replica in self._replicas]
        self._mongodb.initiate(self._members)
        started = []
        for replica, copy in copying:
            copy.succeeded()
            started.append((replica, self._postgres.start(replica)))
        for replica, process in started:
            process.until("it takes connections", replica.answers)
        running[self._primary.name].until(
            "its replicas stream", lambda: self._postgres.streaming(self._primary, self._replicas)
        )
        running[self._timescale.name].until("it takes connections", self._timescale.answers)
        self._members[0].until("the replica set is whole", self._mongodb.whole)
        return Servers(
            certificates=self._certificates,
            primary=self._primary,
            replicas=self._replicas,
            timescale=self._timescale,
            mongodb=self._mongodb,
            postgres_version=self._postgres.installation.version,
            timescaledb=self._postgres.installation.has_library("timescaledb"),
        )
