"""A real MongoDB replica set that stands behind the emulated Atlas: TLS 1.3 only, SCRAM-SHA-256, three members."""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from localproc import mongod_program
from localproc.layout import Owner
from rehearsal.certificates import Certificates
from rehearsal.files import owned_folder, secret_file
from rehearsal.processes import Process, Processes

__all__ = ["NAME", "PORT", "MongoServers"]

NAME = "atlas-rehearsal"
PORT = 27017
ADMINISTRATOR = "rehearsal-admin"
_ELECTION_TIMEOUT_MS = 2000
_CACHE_GB = 0.25
_BY_CERTIFICATE = "MONGODB-X509"
Client = MongoClient[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class MongoServers:
    """The members' addresses, and how to reach them as administrator."""

    folder: Path
    addresses: Sequence[str]
    password: str
    owner: Owner
    certificates: Certificates

    @property
    def admin_uri(self) -> str:
        """URI of the administrator, with TLS."""
        hosts = ",".join(f"{address}:{PORT}" for address in self.addresses)
        options = f"replicaSet={NAME}&authSource=admin&tls=true&tlsCAFile={self.certificates.ca_file}"
        return f"mongodb://{ADMINISTRATOR}:{self.password}@{hosts}/?{options}"

    def start(self, processes: Processes) -> list[Process]:
        """Begin to start all members."""
        return [self._start(number, address, processes) for number, address in enumerate(self.addresses, 1)]

    def initiate(self, members: Sequence[Process]) -> None:
        """Make the members a set with an administrator; waits until each answers and the first leads."""
        for process, address in zip(members, self.addresses, strict=True):
            process.until("it answers", lambda address=address: bool(self._hello(address)))  # type: ignore[misc]
        # A member's own certificate is the server's all-powerful user, before there is any other.
        with self._client(self.addresses[0], "mongodb-1", _BY_CERTIFICATE) as client:
            described = [{"_id": number, "host": f"{address}:{PORT}"} for number, address in enumerate(self.addresses)]
            settings = {"electionTimeoutMillis": _ELECTION_TIMEOUT_MS}
            client.admin.command("replSetInitiate", {"_id": NAME, "members": described, "settings": settings})
            members[0].until("it leads", lambda: _leads(client))
            client.admin.command("setDefaultRWConcern", 1, defaultWriteConcern={"w": "majority"})
            client.admin.command("createUser", ADMINISTRATOR, pwd=self.password, roles=["root"])

    def whole(self) -> bool:
        """Whether one member leads and all others follow."""
        with contextlib.suppress(PyMongoError), MongoClient[dict[str, Any]](self.admin_uri) as client:
            found = client.admin.command("replSetGetStatus")["members"]
            states = sorted(member["stateStr"] for member in found)
            return states == ["PRIMARY", *["SECONDARY"] * (len(self.addresses) - 1)]
        return False

    def _start(self, number: int, address: str, processes: Processes) -> Process:
        name = f"mongodb-{number}"
        data = owned_folder(self.folder / name, self.owner)
        certificate, key = self.certificates.issue(name, address, self.folder)
        both = certificate.read_text(encoding="utf-8") + key.read_text(encoding="utf-8")
        pem = secret_file(self.folder / f"{name}.pem", both, self.owner)
        options = json.dumps(self._options(address, data, pem))
        config = secret_file(self.folder / f"{name}.json", options, self.owner)
        return processes.start(name, [mongod_program.find().path, "--config", config], owner=self.owner)

    def _options(self, address: str, data: Path, pem: Path) -> dict[str, Any]:
        tls = {
            "mode": "requireTLS",
            "certificateKeyFile": str(pem),
            "CAFile": str(self.certificates.ca_file),
            "disabledProtocols": "TLS1_0,TLS1_1,TLS1_2",
            "allowConnectionsWithoutCertificates": True,
        }
        return {
            "storage": {"dbPath": str(data), "wiredTiger": {"engineConfig": {"cacheSizeGB": _CACHE_GB}}},
            "net": {"port": PORT, "bindIp": address, "unixDomainSocket": {"enabled": False}, "tls": tls},
            "replication": {"replSetName": NAME, "oplogSizeMB": 64},
            "security": {"authorization": "enabled", "clusterAuthMode": "x509"},
            "setParameter": {"authenticationMechanisms": "SCRAM-SHA-256,MONGODB-X509"},
        }

    def _hello(self, address: str) -> dict[str, Any]:
        with contextlib.suppress(PyMongoError), self._client(address) as client:
            return client.admin.command("hello")
        return {}

    def _client(self, address: str, certificate: str = "", mechanism: str = "") -> Client:
        options: dict[str, Any] = {"authMechanism": mechanism} if mechanism else {}
        files = {"tlsCertificateKeyFile": str(self.folder / f"{certificate}.pem")} if certificate else {}
        shared = {"tls": True, "tlsCAFile": str(self.certificates.ca_file), "serverSelectionTimeoutMS": 2000}
        return MongoClient(address, PORT, directConnection=True, **{**shared, **files, **options})


def _leads(client: Client) -> bool:
    """Have this member stand for election at once: the first one would wait for its time-out."""
    with contextlib.suppress(OperationFailure):
        client.admin.command("replSetStepUp")
    return bool(client.admin.command("hello")["isWritablePrimary"])
