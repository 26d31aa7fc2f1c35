"""What the members of a Patroni cluster share: settings, health as a whole, and rolling restarts."""

from __future__ import annotations

import dataclasses
import http
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg

from localproc import postgres
from localproc.errors import LocalprocError
from localproc.https import ClientIdentity, Reply, request
from localproc.layout import StackDirectory
from localproc.patroni import Dynamic, major_in_use
from localproc.patroni_api import cluster_of, dissolving
from localproc.service import RUNNING, explain
from localproc.waiting import Waiter

__all__ = ["Member", "PatroniCluster", "difference"]

STREAMING = {"streaming", "running"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Member:
    """Where a member listens."""

    name: str
    host: str
    port: int
    rest_port: int

    @property
    def rest_url(self) -> str:
        """Base URL of this member's Patroni."""
        return f"https://{self.host}:{self.rest_port}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class PatroniCluster(Dynamic):
    """A cluster. Its certificate is the superuser's client certificate."""

    directory: str
    scope: str
    members: Sequence[Member]
    major: int
    cert_pem: str
    key_pem: str
    ca_bundle_pem: str

    def client(self, directory: StackDirectory) -> ClientIdentity:
        """The superuser's certificate, which Patroni accepts as well."""
        return ClientIdentity(directory.ca_file, directory.root / "admin.crt", directory.root / "admin.key")

    def ensure(self, waiter: Waiter) -> None:
        """All members in place, settings as declared, pending restarts done: replicas first.

        Raises:
            LocalprocError: the cluster did not get there in time.
        """
        directory = StackDirectory.open(self.directory)
        dissolving(directory, self.scope).unlink(missing_ok=True)
        self._write_identity(directory)
        self._await_members(directory, waiter)
        if self._configure(directory):
            # Members take up a change of settings at the latest in their next loop.
            waiter.cancelled.wait(3 * self.loop_wait_s)
        self._restart_pending(directory, waiter)
        self._await_members(directory, waiter)

    def condition(self) -> str:
        """`running`, or the first thing that is not as declared."""
        directory = StackDirectory.open(self.directory)
        for name, content in self._identity_files().items():
            if not directory.matches(directory.root / name, content):
                return f"changed: {name}"
        missing = self._missing(directory)
        if missing:
            return missing
        if self._deviation(directory):
            return "changed: settings"
        pending = [member.name for member in self.members if self._pending(directory, member)]
        return f"changed: restart pending on {', '.join(pending)}" if pending else RUNNING

    def facts(self) -> dict[str, Any]:
        """System identifier, version and available extensions, asked from the primary.

        Raises:
            LocalprocError: the primary does not answer.
        """
        directory = StackDirectory.open(self.directory)
        try:
            with self._connect(directory) as connection:
                row = connection.execute(
                    "SELECT system_identifier::text, current_setting('server_version'), "
                    "(SELECT array_agg(name ORDER BY name) FROM pg_available_extensions) FROM pg_control_system()"
                ).fetchone()
        except psycopg.Error as error:
            msg = f"the primary of {self.scope} does not answer: {error}"
            raise LocalprocError(msg) from error
        if row is None:
            msg = f"the primary of {self.scope} gave no row for its system identifier"
            raise LocalprocError(msg)
        return {"systemIdentifier": row[0], "version": str(row[1]).split(" ", 1)[0], "availableExtensions": row[2]}

    def dissolve(self) -> None:
        """Announce that the members go as well, so that none hands over to another that is about to go."""
        directory = StackDirectory.open(self.directory)
        # The administrator's certificate stays: every cluster of the stack is reached with it.
        directory.write(dissolving(directory, self.scope), "")

    # Parts of `ensure`.

    def _identity_files(self) -> dict[str, str]:
        return {"admin.crt": self.cert_pem, "admin.key": self.key_pem}

    def _write_identity(self, directory: StackDirectory) -> None:
        for name, content in self._identity_files().items():
            directory.write(directory.root / name, content)

    def _await_members(self, directory: StackDirectory, waiter: Waiter) -> None:
        waiter.until(
            f"all {len(self.members)} members of {self.scope}",
            lambda: not self._missing(directory),
            every_s=0.2,
            details=lambda: "\n".join(
                [self._missing(directory), *(explain(directory, member.name) for member in self.members)]
            ),
        )

    def _missing(self, directory: StackDirectory) -> str:
        """What the cluster lacks; empty when every member is there and enough standbys are synchronous."""
        cluster = self._cluster(directory)
        if cluster is None:
            return "stopped: no member answers"
        found = {str(member["name"]): member for member in cluster["members"]}
        for member in self.members:
            state = found.get(member.name, {}).get("state", "absent")
            if state not in STREAMING:
                return f"stopped: {member.name} is {state}"
        if not any(member["role"] == "leader" for member in found.values()):
            return "stopped: no primary"
        synchronous = sum(member["role"] == "sync_standby" for member in found.values())
        wanted = min(self.synchronous_standbys, len(self.members) - 1)
        return f"stopped: {synchronous} synchronous standby, {wanted} wanted" if synchronous < wanted else ""

    def _cluster(self, directory: StackDirectory) -> dict[str, Any] | None:
        return cluster_of(self.client(directory), [member.rest_url for member in self.members])

    def _deviation(self, directory: StackDirectory) -> dict[str, Any]:
        """The patch that would make the stored settings the declared ones; empty when they are."""
        reply = self._ask(directory, "GET", "/config")
        installation = postgres.fitting(self.major, major_in_use(directory.root, self.scope))
        return difference(self.document(installation), reply.body) if reply and reply.ok else {}

    def _configure(self, directory: StackDirectory) -> bool:
        patch = self._deviation(directory)
        if not patch:
            return False
        reply = self._ask(directory, "PATCH", "/config", patch)
        if reply is None or not reply.ok:
            msg = f"Patroni refused the settings of {self.scope}: {reply.body if reply else 'no member answers'}"
            raise LocalprocError(msg)
        return True

    def _restart_pending(self, directory: StackDirectory, waiter: Waiter) -> None:
        """Restart what must restart, one at a time, replicas first.

        A second round is needed where a smaller limit (`max_connections` …) must reach the primary before a replica
        may take it.
        """
        for _round in range(3):
            pending = self._settled_pending(directory, waiter)
            if not pending:
                return
            for member in pending:
                body = {"restart_pending": True}
                reply = request(self.client(directory), "POST", f"{member.rest_url}/restart", body, timeout_s=120)
                if reply is None or not (reply.ok or reply.status == http.HTTPStatus.SERVICE_UNAVAILABLE):
                    said = reply.body if reply else "no answer"
                    msg = f"{member.name} did not restart ({said}); {explain(directory, member.name)}"
                    raise LocalprocError(msg)
                self._await_members(directory, waiter)
            waiter.cancelled.wait(2 * self.loop_wait_s)
        left = [member.name for member in self.members if self._pending(directory, member)]
        if left:
            msg = f"{', '.join(left)} still must restart for a setting after three rounds; their logs: {directory.log}"
            raise LocalprocError(msg)

    def _settled_pending(self, directory: StackDirectory, waiter: Waiter) -> list[Member]:
        """Members that must restart, the primary last.

        Each notices a new setting in a loop of its own. Were the primary restarted because it noticed first, a replica
        would meet a larger limit than its own in the WAL, and stop.
        """
        deadline = time.monotonic() + 10 * self.loop_wait_s
        while True:
            pending = [member for member in self._in_order(directory) if self._pending(directory, member)]
            complete = len(pending) in {0, len(self.members)}
            if complete or time.monotonic() >= deadline or waiter.cancelled.wait(0.2):
                return pending

    def _in_order(self, directory: StackDirectory) -> Iterator[Member]:
        """Members with the primary last."""
        cluster = self._cluster(directory) or {"members": []}
        leader = next((m["name"] for m in cluster["members"] if m["role"] == "leader"), None)
        yield from sorted(self.members, key=lambda member: member.name == leader)

    def _pending(self, directory: StackDirectory, member: Member) -> bool:
        reply = request(self.client(directory), "GET", f"{member.rest_url}/patroni")
        return bool(reply and isinstance(reply.body, dict) and reply.body.get("pending_restart"))

    def _ask(self, directory: StackDirectory, method: str, path: str, body: object = None) -> Reply | None:
        for member in self._in_order(directory):
            reply = request(self.client(directory), method, f"{member.rest_url}{path}", body)
            if reply is not None:
                return reply
        return None

    def _connect(self, directory: StackDirectory) -> psycopg.Connection[Any]:
        client = self.client(directory)
        return psycopg.connect(
            host=",".join(member.host for member in self.members),
            port=",".join(str(member.port) for member in self.members),
            user="postgres",
            dbname="postgres",
            sslmode="verify-full",
            sslrootcert=str(client.ca_file),
            sslcert=str(client.certificate),
            sslkey=str(client.key),
            target_session_attrs="read-write",
            connect_timeout=5,
        )


def difference(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest JSON merge patch (RFC 7396) from `found` to `wanted`; a key that should go becomes None."""
    patch: dict[str, Any] = {key: None for key in found if key not in wanted}
    for key, value in wanted.items():
        if isinstance(value, Mapping):
            there = found.get(key)
            inner = difference(value, there if isinstance(there, Mapping) else {})
            if inner or not isinstance(there, Mapping):
                patch[key] = inner
        elif found.get(key) != value:
            patch[key] = value
    return patch
