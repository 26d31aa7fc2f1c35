"""A PostgreSQL server under Patroni: one member of a highly available cluster.

Patroni decides who leads and starts, clones, rewinds and promotes the servers. This module writes what it needs,
keeps its process supervised, and mends what an interrupted bootstrap left behind. Settings that a whole cluster
shares live in etcd and are `patroni_cluster`'s.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

from localproc import identity, postgres
from localproc.errors import DeadlineError
from localproc.etcd_keys import EtcdKeys
from localproc.https import ClientIdentity, Reply, request
from localproc.layout import StackDirectory
from localproc.patroni_api import NAMESPACE, cluster_of, dissolving, rest_url_of, rest_urls_of, scope_key
from localproc.service import Service, apply, condition, explain, remove, tls_files
from localproc.supervisor import LONGEST_STOP_S, Program, Supervisor
from localproc.waiting import Waiter

__all__ = ["CertificateUsers", "Dynamic", "PatroniMember", "major_in_use"]

SUPERUSER = "postgres"
REPLICATOR = "replicator"
PEER_MAP = "stack"
HAND_OVER_S = 60
CertificateUsers = (SUPERUSER, REPLICATOR, "pgbouncer")
"""PostgreSQL users who log in over TCP with a client certificate of their name, and by nothing else."""

LOOPBACK = ("127.0.0.1/32", "::1/128")
ANYWHERE = ("0.0.0.0/0", "::/0")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Dynamic:
    """What all members of a cluster share; Patroni keeps it in etcd. Source of the names: Patroni's documentation."""

    ttl_s: int
    loop_wait_s: int
    retry_timeout_s: int
    maximum_lag_on_failover_mib: int
    synchronous_standbys: int
    minimum_tls_version: str
    preload: Sequence[str]
    optional_preload: Sequence[str]
    parameters: Mapping[str, str]

    def document(self, installation: postgres.Installation) -> dict[str, Any]:
        """The configuration as Patroni's REST interface takes it."""
        libraries = [*self.preload, *(name for name in self.optional_preload if installation.has_library(name))]
        return {
            "ttl": self.ttl_s,
            "loop_wait": self.loop_wait_s,
            "retry_timeout": self.retry_timeout_s,
            "maximum_lag_on_failover": self.maximum_lag_on_failover_mib * 1024 * 1024,
            # A crashed primary is replaced at once instead of being given time to come back.
            "primary_start_timeout": 0,
            "failsafe_mode": True,
            "synchronous_mode": self.synchronous_standbys > 0,
            "synchronous_node_count": max(self.synchronous_standbys, 1),
            "postgresql": {
                "use_pg_rewind": True,
                "use_slots": True,
                "parameters": {
                    **self.parameters,
                    "shared_preload_libraries": ",".join(libraries),
                    "ssl_min_protocol_version": self.minimum_tls_version,
                },
            },
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class PatroniMember(Dynamic):
    """One member. Its `Dynamic` part only matters to the member that bootstraps the cluster."""

    directory: str
    scope: str
    name: str
    bootstrap: bool
    listen_address: str
    port: int
    rest_port: int
    etcd_endpoint: str
    major: int
    data_checksums: bool
    cert_pem: str
    key_pem: str
    replication_cert_pem: str
    replication_key_pem: str
    ca_bundle_pem: str

    @property
    def rest_url(self) -> str:
        """Base URL of this member's Patroni."""
        return f"https://{self.listen_address}:{self.rest_port}"

    @property
    def _rest_authorities(self) -> str:
        """Patroni's REST server re-reads its trusted authorities only when the name of their file changes."""
        return f"tls/rest-ca-{hashlib.sha256(self.ca_bundle_pem.encode()).hexdigest()[:12]}.crt"

    def data(self, directory: StackDirectory) -> Path:
        """The data directory."""
        return directory.service(self.name) / "data"

    def installation(self, directory: StackDirectory) -> postgres.Installation:
        """The PostgreSQL that this member runs: the one of its own data, else of the cluster's.

        Raises:
            LocalprocError: it is not installed, or not the wanted one.
        """
        return postgres.fitting(self.major, major_in_use(directory.root, self.scope, self.name))

    def client(self, directory: StackDirectory) -> ClientIdentity:
        """The member's own certificate, which Patroni and etcd accept."""
        folder = directory.service(self.name) / "tls"
        return ClientIdentity(folder / "ca.crt", folder / "server.crt", folder / "server.key")

    def etcd(self, directory: StackDirectory) -> EtcdKeys:
        """etcd, asked with the member's own certificate."""
        return EtcdKeys(self.etcd_endpoint, self.client(directory))

    def service(self, directory: StackDirectory) -> Service:
        """Files and program."""
        folder = directory.service(self.name)
        files = tls_files(self.cert_pem, self.key_pem, self.ca_bundle_pem)
        files |= tls_files(self.replication_cert_pem, self.replication_key_pem, self.ca_bundle_pem, "replication")
        files[self._rest_authorities] = self.ca_bundle_pem
        files["patroni.yml"] = json.dumps(self._configuration(directory), indent=1, sort_keys=True) + "\n"
        files["node.json"] = json.dumps(self._node(directory), indent=1, sort_keys=True) + "\n"
        command = (*Supervisor.python("localproc.patroni_process"), str(folder / "patroni.yml"))
        return Service(
            program=Program(name=self.name, command=command, folder=folder, stop_wait_s=LONGEST_STOP_S),
            files=files,
        )

    def ensure(self, waiter: Waiter) -> None:
        """Run as declared: the bootstrap member until it leads or follows, another until it streams.

        Raises:
            LocalprocError: it did not get there in time; with the end of its log.
        """
        directory = StackDirectory.open(self.directory)
        folder = directory.service(self.name)
        directory.make(folder)
        self._set_aside_half_made(directory, waiter)
        if self._must_restart(directory, self.service(directory)):
            # One member of a cluster at a time, and never the one that leads while another can.
            with directory.lock(f"{self.scope}-restart", waiter):
                self._hand_over(directory, waiter, required=False)
                Supervisor(directory).remove(self.name)
                self._converge(directory, waiter)
        else:
            self._converge(directory, waiter)

    def _converge(self, directory: StackDirectory, waiter: Waiter) -> None:
        apply(directory, self.service(directory), reload=lambda: self._reload(directory))
        if self.bootstrap:
            self._release_dead_bootstrap(directory)
        waiter.until(
            f"{self.name} to be {'up' if self.bootstrap else 'streaming from the primary'}",
            lambda: self.ready(directory),
            every_s=0.2,
            details=lambda: explain(directory, self.name),
        )

    def ready(self, directory: StackDirectory) -> bool:
        """Running as primary, or as a replica that streams."""
        reply = self.rest(directory, "GET", "/patroni")
        if reply is None or not isinstance(reply.body, dict) or reply.body.get("state") != "running":
            return False
        leads = reply.body.get("role") in {"primary", "master"}
        return leads or reply.body.get("replication_state") == "streaming"

    def condition(self) -> str:
        """`running`, or what is not as declared."""
        directory = StackDirectory.open(self.directory)
        found = condition(directory, self.service(directory))
        if found == "running" and identity.postmaster(self.data(directory)) is None:
            return "stopped: PostgreSQL"
        return found

    def rest(
        self, directory: StackDirectory, method: str, path: str, body: object = None, timeout_s: float = 3
    ) -> Reply | None:
        """A request to this member's Patroni."""
        return request(self.client(directory), method, f"{self.rest_url}{path}", body, timeout_s=timeout_s)

    def retire(self, waiter: Waiter) -> None:
        """Leave the cluster: hand over if this member leads and others remain, then stop and remove all of it."""
        directory = StackDirectory.open(self.directory)
        supervisor = Supervisor(directory)
        if supervisor.pid() and not dissolving(directory, self.scope).exists():
            with directory.lock(f"{self.scope}-restart", waiter):
                self._hand_over(directory, waiter, required=True)
        supervisor.remove(self.name)
        identity.end(identity.in_folder(self.data(directory)), waiter, first=signal.SIGINT)
        remove(directory, self.name)

    # What it needs on disk.

    def _configuration(self, directory: StackDirectory) -> dict[str, Any]:
        folder = directory.service(self.name)
        tls = folder / "tls"
        reach = LOOPBACK if self.listen_address in {"127.0.0.1", "::1", "localhost"} else ANYWHERE
        host = f"{self.listen_address}:{self.port}"
        replication = {
            "username": REPLICATOR,
            "sslmode": "verify-full",
            "sslcert": str(tls / "replication.crt"),
            "sslkey": str(tls / "replication.key"),
            "sslrootcert": str(tls / "ca.crt"),
        }
        etcd_host = self.etcd_endpoint.removeprefix("https://")
        installation = self.installation(directory)
        own_tls = {"cacert": str(tls / "ca.crt"), "cert": str(tls / "server.crt"), "key": str(tls / "server.key")}
        initdb: list[Any] = [
            {"encoding": "UTF8"},
            {"locale": "C.UTF-8"},
            {"auth-local": "peer"},
            {"auth-host": "scram-sha-256"},
        ]
        return {
            "scope": self.scope,
            "namespace": NAMESPACE,
            "name": self.name,
            "restapi": {
                "listen": f"{self.listen_address}:{self.rest_port}",
                "connect_address": f"{self.listen_address}:{self.rest_port}",
                "certfile": str(tls / "server.crt"),
                "keyfile": str(tls / "server.key"),
                "cafile": str(folder / self._rest_authorities),
                "verify_client": "required",
            },
            "ctl": {"cacert": own_tls["cacert"], "certfile": own_tls["cert"], "keyfile": own_tls["key"]},
            "etcd3": {"hosts": [etcd_host], "protocol": "https", **own_tls},
            "bootstrap": {
                "dcs": self.document(installation),
                "initdb": [*initdb, *(["data-checksums"] if self.data_checksums else [])],
            },
            "postgresql": {
                "listen": host,
                "connect_address": host,
                "data_dir": str(folder / "data"),
                "bin_dir": str(installation.programs),
                # Patroni wants a writable place for it, although nobody here has a password.
                "pgpass": str(folder / "pgpass"),
                "use_unix_socket": True,
                "use_unix_socket_repl": False,
                # Without it a copy first waits for the primary's next spread-out checkpoint: minutes on an idle server.
                "basebackup": [{"checkpoint": "fast"}],
                "authentication": {
                    "superuser": {"username": SUPERUSER},
                    "replication": replication,
                    "rewind": replication,
                },
                "parameters": {
                    "unix_socket_directories": str(directory.run),
                    "ssl": "on",
                    "ssl_cert_file": str(tls / "server.crt"),
                    "ssl_key_file": str(tls / "server.key"),
                    "ssl_ca_file": str(tls / "ca.crt"),
                },
                "pg_hba": _host_rules(reach),
                "pg_ident": [f"{PEER_MAP} {user} {SUPERUSER}" for user in sorted({"root", directory.owner.name})],
            },
            "watchdog": {"mode": "off"},
        }

    def _node(self, directory: StackDirectory) -> dict[str, Any]:
        """What the warden must know to fence this node and release its leader key."""
        tls = directory.service(self.name) / "tls"
        return {
            "program": self.name,
            "member": self.name,
            "data": str(self.data(directory)),
            "keys": scope_key(self.scope, ""),
            "etcd": self.etcd_endpoint,
            "ca_file": str(tls / "ca.crt"),
            "certificate": str(tls / "server.crt"),
            "key": str(tls / "server.key"),
        }

    # Mending and changing.

    def _set_aside_half_made(self, directory: StackDirectory, waiter: Waiter) -> None:
        """An interrupted initdb or clone leaves no database; it is moved away, never deleted."""
        data = self.data(directory)
        if postgres.half_made(data) and not self._filling(directory):
            Supervisor(directory).stop_program(self.name)
            identity.end(identity.in_folder(data), waiter, first=signal.SIGINT)
            data.rename(data.with_name(f"data.half-made-{time.strftime('%Y%m%dT%H%M%S')}"))

    def _filling(self, directory: StackDirectory) -> bool:
        """Whether Patroni is at work on the data directory right now, by a program of its own that it waits for."""
        state = Supervisor(directory).state(self.name)
        try:
            return bool(state and state.pid and psutil.Process(state.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return False

    def _release_dead_bootstrap(self, directory: StackDirectory) -> None:
        """Free the bootstrap lock that a killed first start left: nobody would ever bootstrap again.

        The lock's value is empty until a bootstrap has succeeded, and only this member bootstraps. Without a data
        directory of its own and without another member, there is nothing that a new bootstrap could replace.
        """
        etcd = self.etcd(directory)
        lock, revision = etcd.entry(scope_key(self.scope, "initialize"))
        if lock == "" and not self.data(directory).exists():
            others = [key for key in etcd.keys(scope_key(self.scope, "members/")) if not key.endswith(f"/{self.name}")]
            if not others:
                etcd.delete_if(scope_key(self.scope, "initialize"), revision)

    def _must_restart(self, directory: StackDirectory, service: Service) -> bool:
        """Whether a change reaches further than a reload: other ports, another program."""
        state = Supervisor(directory).state(self.name)
        if state is None or not state.pid:
            return False
        if not Supervisor(directory).matches(service.program):
            return True
        try:
            written = json.loads((directory.service(self.name) / "patroni.yml").read_text(encoding="utf-8"))
            listens = (written["restapi"]["listen"], written["postgresql"]["listen"])
        except (OSError, ValueError, KeyError):
            return False
        wanted = self._configuration(directory)
        return listens != (wanted["restapi"]["listen"], wanted["postgresql"]["listen"])

    def _hand_over(self, directory: StackDirectory, waiter: Waiter, *, required: bool) -> None:
        """If this member leads and there are others, have another one lead.

        Who may, changes while members come and go: each try looks anew.

        Raises:
            DeadlineError: nobody took over in time, and that is `required`.
        """
        client = self.client(directory)

        def handed_over() -> bool:
            cluster = cluster_of(client, rest_urls_of(self.etcd(directory), self.scope))
            if cluster is None:
                return False
            members = cluster["members"]
            own = next((m for m in members if m["name"] == self.name and m["role"] == "leader"), None)
            if own is None or (len(members) == 1 and not required):
                return True
            config = request(client, "GET", f"{rest_url_of(own)}/config")
            synchronous = bool(config and config.ok and config.body.get("synchronous_mode"))
            may_lead = "sync_standby" if synchronous else "replica"
            heirs = [m for m in members if m["role"] == may_lead and m.get("state") == "streaming"]
            if heirs:
                body = {"leader": self.name, "candidate": min(str(heir["name"]) for heir in heirs)}
                request(client, "POST", f"{rest_url_of(own)}/switchover", body, timeout_s=60)
            return False

        patience = dataclasses.replace(waiter, deadline=min(waiter.deadline, time.monotonic() + HAND_OVER_S))
        try:
            patience.until(
                f"another member to lead instead of {self.name}",
                handed_over,
                every_s=0.5,
                details=lambda: explain(directory, self.name),
            )
        except DeadlineError:
            if required:
                raise

    def _reload(self, directory: StackDirectory) -> None:
        """Patroni re-reads its file and certificates; PostgreSQL is told by us: only its certificate may differ."""
        state = Supervisor(directory).state(self.name)
        if state and state.pid:
            os.kill(state.pid, signal.SIGHUP)
        server = identity.postmaster(self.data(directory))
        if server:
            server.send_signal(signal.SIGHUP)


def major_in_use(root: Path, scope: str, member: str | None = None) -> int:
    """Major version of the data that a cluster holds in a stack's folder; 0 while there is none.

    That of `member`, if it has data; else of any other member, since a new one can only copy those.
    """
    own = postgres.data_major(root / "services" / member / "data") if member else 0
    if own:
        return own
    majors = []
    for node in (root / "services").glob("*/node.json"):
        try:
            if json.loads(node.read_text(encoding="utf-8"))["keys"] == scope_key(scope, ""):
                majors.append(postgres.data_major(node.parent / "data"))
        except (OSError, ValueError, KeyError):
            continue
    return max(majors, default=0)


def _host_rules(reach: Sequence[str]) -> list[str]:
    """pg_hba.conf: certificates for the cluster's own users, SCRAM for everybody else, nothing without TLS."""
    rules = [f"local all {SUPERUSER} peer map={PEER_MAP}"]
    for network in reach:
        rules.append(f"hostssl replication {REPLICATOR} {network} cert")
        rules += [f"hostssl all {user} {network} cert" for user in CertificateUsers]
        rules.append(f"hostssl all all {network} scram-sha-256")
    return rules
