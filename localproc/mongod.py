"""One mongod: a member of a replica set, with data or as an arbiter.

It writes what mongod needs and keeps it supervised. That the members form a set, and the restarts of running members,
which must take turns, are `mongo_replica_set`'s.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

from localproc import mongod_program, pki
from localproc.errors import LocalprocError
from localproc.layout import StackDirectory
from localproc.mongo_client import Address, MemberIdentity, MongoError, command, hello, take_up_certificate
from localproc.mongod_log import explain
from localproc.service import RUNNING, Service, apply, condition, restart_is_pending
from localproc.supervisor import Program, ProgramState, Supervisor
from localproc.waiting import Waiter

__all__ = [
    "ORGANIZATIONAL_UNIT",
    "MongodMember",
    "Record",
    "await_answer",
    "listening_at",
    "record_of",
    "records_of",
    "running_address",
    "runs_another_program",
]

ORGANIZATIONAL_UNIT = "mongodb members"
"""In the subject of every member's certificate and of no other: by it members know each other."""
RECORD = "member.json"
_GIVE_UP_AFTER = 3
"""Starts that ended at once: a mongod that refuses its data or its files does so every time."""


@dataclasses.dataclass(frozen=True)
class Record:
    """What others on this machine must know of a member: its `member.json`."""

    name: str
    set_name: str
    address: Address
    arbiter: bool
    folder: Path

    @property
    def identity(self) -> MemberIdentity:
        """The member's own certificate."""
        return MemberIdentity.of(self.folder)


def record_of(folder: Path) -> Record | None:
    """The member whose folder this is; None when the folder is another kind of server's."""
    try:
        raw = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        address = Address(raw["host"], int(raw["port"]))
        return Record(raw["name"], raw["set"], address, bool(raw["arbiter"]), folder)
    except (OSError, ValueError, KeyError):
        return None


def records_of(root: Path, set_name: str) -> list[Record]:
    """All members of a set in a stack's folder, by name."""
    found = (record_of(path.parent) for path in sorted((root / "services").glob(f"*/{RECORD}")))
    return [record for record in found if record and record.set_name == set_name]


@dataclasses.dataclass(frozen=True, kw_only=True)
class MongodMember:
    """A mongod. `parameters` are mongod's `setParameter`."""

    directory: str
    name: str
    set_name: str
    arbiter: bool
    listen_address: str
    port: int
    cache_mib: int
    oplog_size_mib: int
    oplog_retention_h: int
    max_connections: int
    slow_query_ms: int
    minimum_tls_version: str
    parameters: Mapping[str, str]
    cert_pem: str
    key_pem: str
    ca_bundle_pem: str

    @property
    def address(self) -> Address:
        """Where it listens when it runs as declared."""
        return Address(self.listen_address, self.port)

    def data(self, directory: StackDirectory) -> Path:
        """The data directory."""
        return directory.service(self.name) / "data"

    def service(self, directory: StackDirectory) -> Service:
        """Files and program."""
        folder = directory.service(self.name)
        configuration = json.dumps(self.configuration(folder), indent=1, sort_keys=True) + "\n"
        record = {
            "name": self.name,
            "set": self.set_name,
            "host": self.listen_address,
            "port": self.port,
            "arbiter": self.arbiter,
        }
        program = str(mongod_program.find().path)
        return Service(
            # A clean stop writes all that is in the cache.
            program=Program(
                name=self.name,
                command=(program, "--config", str(folder / "mongod.json")),
                folder=folder,
                stop_wait_s=50,
            ),
            files={
                "mongod.json": configuration,
                "tls/member.pem": self.cert_pem + self.key_pem,
                "tls/ca.crt": self.ca_bundle_pem,
                RECORD: json.dumps(record, indent=1, sort_keys=True) + "\n",
            },
            restart_files=frozenset({"mongod.json", RECORD}),
        )

    def configuration(self, folder: Path) -> dict[str, Any]:
        """The content of the configuration file; JSON is YAML."""
        old = ["TLS1_0", "TLS1_1", *(["TLS1_2"] if self.minimum_tls_version == "TLSv1.3" else [])]
        return {
            "storage": {
                "dbPath": str(folder / "data"),
                "wiredTiger": {"engineConfig": {"cacheSizeGB": self.cache_mib / 1024}},
                "oplogMinRetentionHours": self.oplog_retention_h,
            },
            "net": {
                "bindIp": self.listen_address,
                "port": self.port,
                "maxIncomingConnections": self.max_connections,
                "unixDomainSocket": {"enabled": False},
                "tls": {
                    "mode": "requireTLS",
                    "certificateKeyFile": str(folder / "tls" / "member.pem"),
                    "CAFile": str(folder / "tls" / "ca.crt"),
                    "disabledProtocols": ",".join(old),
                    # People and services prove who they are by SCRAM; without this each would need a certificate.
                    "allowConnectionsWithoutCertificates": True,
                },
            },
            # The size counts where the oplog is made; on a member that has one, the set resizes it.
            "replication": {"replSetName": self.set_name, "oplogSizeMB": self.oplog_size_mib},
            "security": {"authorization": "enabled", "clusterAuthMode": "x509", "javascriptEnabled": False},
            "operationProfiling": {"slowOpThresholdMs": self.slow_query_ms},
            "systemLog": {"quiet": True},
            "setParameter": {
                "authenticationMechanisms": "SCRAM-SHA-256,MONGODB-X509",
                # A member that is told to stop hands over first and need not wait for its clients after that.
                "shutdownTimeoutMillisForSignaledShutdown": "1000",
                **self.parameters,
            },
        }

    @property
    def settings_digest(self) -> str:
        """Changes exactly when a running member must restart to be as declared; the same on every machine."""
        content = json.dumps(self.configuration(Path("/")), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def refused(self) -> str:
        """Why the installed mongod does not take this configuration, in its own words; empty when it does.

        Raises:
            LocalprocError: no mongod that would do is installed.
        """
        program = mongod_program.find()
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(self.configuration(Path("/nonexistent")), file)
            file.flush()
            command_line = [str(program.path), "--config", file.name, "--outputConfig"]
            try:
                said = subprocess.run(command_line, capture_output=True, text=True, check=False, timeout=30)
            except (OSError, subprocess.TimeoutExpired) as error:
                msg = f"{program.path} does not judge its configuration: {error}"
                raise LocalprocError(msg) from error
        if said.returncode == 0:
            return ""
        return f"mongod {program.version} does not take it: {_reason(said.stdout + said.stderr)}"

    def outgrown(self) -> str:
        """Why the installed mongod cannot take up what the running member holds; empty where it can.

        A member that does not run cannot be asked. Where it cannot start either, its log says why. An arbiter holds
        nothing, and calls itself compatible with its own release, whatever the set's is.
        """
        if self.arbiter:
            return ""
        try:
            directory = StackDirectory.open(self.directory)
            if not runs_another_program(directory, self.name):
                return ""
            address = running_address(directory, self.name, self.address)
            identity = MemberIdentity.of(directory.service(self.name))
            said = command(address, identity, "getParameter", 1, {"featureCompatibilityVersion": 1})
        except LocalprocError:
            return ""
        return mongod_program.find().outgrown(said["featureCompatibilityVersion"]["version"])

    def ensure(self, waiter: Waiter) -> None:
        """Run as declared and answer; a running member that would have to restart waits for its turn.

        Raises:
            LocalprocError: its folder holds something else, or it does not answer in time; with what its log says.
        """
        directory = StackDirectory.open(self.directory)
        directory.make(directory.service(self.name))
        data = self.data(directory)
        directory.make(data)
        _refuse_foreign(data)
        apply(
            directory,
            self.service(directory),
            reload=lambda: self._rotate_certificates(directory),
            defer_restart=True,
        )
        if not restart_is_pending(directory, self.name):
            await_answer(directory, self.name, self.address, waiter)

    def condition(self) -> str:
        """`running`, or what is not as declared."""
        directory = StackDirectory.open(self.directory)
        found = condition(directory, self.service(directory))
        pending = restart_is_pending(directory, self.name)
        if (
            found == RUNNING
            and not pending
            and not hello(self.address, MemberIdentity.of(directory.service(self.name)))
        ):
            return "stopped: does not answer"
        return found

    def _rotate_certificates(self, directory: StackDirectory) -> None:
        """Have the running member take up its certificate and authorities.

        One that can no longer be spoken to, since what it trusts or shows has run out, cannot speak to the others
        either: it is restarted, if its new certificate is one that will be accepted.
        """
        identity = MemberIdentity.of(directory.service(self.name))
        try:
            take_up_certificate(running_address(directory, self.name, self.address), identity)
        except MongoError as error:
            if any(pki.issued_by(self.cert_pem, authority) for authority in pki.split(self.ca_bundle_pem)):
                Supervisor(directory).restart(self.name)
                return
            msg = (
                f"{self.name} does not take up its new certificate ({error}); it goes on with the one it has; the next "
                "`make up` tries again"
            )
            raise MongoError(msg, error.code) from error


def await_answer(directory: StackDirectory, name: str, declared: Address, waiter: Waiter) -> None:
    """Wait until a member answers, where it is declared or, before a pending restart, where it listens.

    Raises:
        LocalprocError: it does not in time, or ends at every start; with what its log says.
    """
    supervisor = Supervisor(directory)
    identity = MemberIdentity.of(directory.service(name))
    ends = _Ends()

    def answers() -> bool:
        if hello(listening_at(directory, name, declared), identity):
            return True
        state = supervisor.state(name)
        if state is not None and ends.seen(state) >= _GIVE_UP_AFTER:
            msg = f"{name} ends at every start: {explain(directory, name)}"
            raise LocalprocError(msg)
        return False

    waiter.until(f"{name} to answer on port {declared.port}", answers, details=lambda: explain(directory, name))


class _Ends:
    """How often a program has ended, by what supervisord says of it at one look after the other."""

    def __init__(self) -> None:
        self._at: set[int] = set()

    def seen(self, state: ProgramState) -> int:
        """Take a state, and return how many starts have ended so far; supervisord gives up for good in FATAL."""
        if state.state in {"BACKOFF", "EXITED"}:
            self._at.add(state.ended_at)
        return _GIVE_UP_AFTER if state.state == "FATAL" else len(self._at)


def listening_at(directory: StackDirectory, name: str, declared: Address) -> Address:
    """Where a member listens now: before a pending restart not yet as declared."""
    return running_address(directory, name, declared) if restart_is_pending(directory, name) else declared


def running_address(directory: StackDirectory, name: str, declared: Address) -> Address:
    """Where a running member listens: until it restarts, not yet where a change of its port has put it."""
    state = Supervisor(directory).state(name)
    if state is None or not state.pid:
        return declared
    try:
        for connection in psutil.Process(state.pid).net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr:
                return Address(connection.laddr.ip, connection.laddr.port)
    except psutil.Error:
        pass
    return declared


def runs_another_program(directory: StackDirectory, name: str) -> bool:
    """Whether a member runs, and by another mongod than the one that would be started now."""
    state = Supervisor(directory).state(name)
    if state is None or not state.pid:
        return False
    wanted = mongod_program.find().path
    if _is_script(wanted):
        return False  # Which program it starts in the end is its own business.
    try:
        running = Path(f"/proc/{state.pid}/exe").readlink()
        # A program that was replaced in its place is "(deleted)".
        return running.name.endswith(" (deleted)") or not wanted.samefile(running)
    except OSError:
        return False


def _is_script(program: Path) -> bool:
    """Whether a program is started by an interpreter, so that its name is not the process's."""
    with program.open("rb") as stream:
        return stream.read(2) == b"#!"


def _refuse_foreign(data: Path) -> None:
    """Refuse a data directory that holds files and is not MongoDB's: it would mix its own among them."""
    entries = {entry.name for entry in data.iterdir()}
    if entries and not entries & {"WiredTiger", "storage.bson", "mongod.lock", "journal", "diagnostic.data"}:
        shown = ", ".join(sorted(entries)[:3])
        msg = f"{data} holds files that are not MongoDB's ({shown}, …); move them away, then run the command again"
        raise LocalprocError(msg)


def _reason(said: str) -> str:
    """The error in what mongod printed: a line of its log in JSON, or a sentence."""
    for line in said.splitlines():
        try:
            return str(json.loads(line)["attr"]["error"]["errmsg"])
        except (ValueError, KeyError, TypeError):
            continue
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("try ")]
    return lines[0] if lines else "it gave no reason"
