"""The members of a replica set as one: initiation, configuration, defaults, the administrator, the oplog."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from localproc import mongo_reconfig
from localproc.errors import LocalprocError
from localproc.layout import StackDirectory
from localproc.mongo_client import Document, MongoError, hello
from localproc.mongo_members import FOLLOWS, Command, MongoMembers, states_of
from localproc.mongo_reconfig import Action, SetMember, SetSettings, Step
from localproc.mongo_rolling import RECONFIGURE_MS, Rolling, step_down
from localproc.mongod import await_answer
from localproc.service import RUNNING
from localproc.waiting import Waiter

__all__ = ["ADMINISTRATOR", "MongoReplicaSet"]

ADMINISTRATOR = "CN=postgres"
"""The stack's administrator, by the subject of the certificate that is PostgreSQL's superuser's as well."""
ADMINISTRATOR_ROLES = [{"role": "root", "db": "admin"}]
CERTIFICATE_KEY_FILE = "admin.pem"
DEFAULT_CONCERNS: Mapping[str, Any] = {
    "defaultWriteConcern": {"w": "majority", "wtimeout": 0},
    "defaultReadConcern": {"level": "majority"},
}
_NOT_INITIALIZED = 94
_MIB = 1024 * 1024
_SMALLEST_OPLOG_MIB = 990


@dataclasses.dataclass(frozen=True, kw_only=True)
class MongoReplicaSet:
    """A set. Its certificate is the administrator's.

    `settings_digests` are the members': when one changes, members wait for their turn to restart.
    """

    directory: str
    name: str
    members: Sequence[SetMember]
    election_timeout_ms: int
    oplog_size_mib: int
    oplog_retention_h: int
    settings_digests: Sequence[str]
    cert_pem: str
    key_pem: str
    ca_bundle_pem: str

    def ensure(self, waiter: Waiter, known_id: str = "") -> None:
        """One primary, everybody else following, all as declared; pending restarts done, secondaries first.

        Args:
            waiter: how long it may take.
            known_id: the set's id where it has been seen before: its data must not silently begin anew.

        Raises:
            LocalprocError: it did not get there; with what the logs of its members say.
        """
        of = self._of()
        of.directory.write(of.directory.root / CERTIFICATE_KEY_FILE, self._certificate_key)
        for member in self.members:
            await_answer(of.directory, member.name, member.address, waiter)
        if self._configured(of, known_id) is None:
            self._initiate(of, waiter)
        elif of.leader() is None:
            _find_each_other(of)
        waiter.until(f"a primary of {self.name}", of.leader, details=of.explain)
        _set_defaults(of, waiter)
        rolling = Rolling(of=of, waiter=waiter)
        rolling.announce_moves()
        rolling.resync_stale()
        # Before anybody hands over: who may lead can be what has changed.
        self._converge(of, waiter, settings_only=True)
        rolling.restart_pending()
        self._converge(of, waiter)
        # A member that copies the data has no oplog yet.
        waiter.until(
            f"all {len(self.members)} members of {self.name}",
            lambda: not of.missing(),
            every_s=0.2,
            details=lambda: f"{of.missing()}\n{of.explain()}",
        )
        self._resize_oplogs(of)

    def condition(self) -> str:
        """`running`, or the first thing that is not as declared."""
        of = self._of()
        waiting = [member.name for member in of.must_restart()]
        if waiting:
            return f"changed: restart pending on {', '.join(waiting)}"
        missing = of.missing()
        if missing:
            return f"stopped: {missing}"
        try:
            changed = self._changed(of)
        except MongoError as error:
            return f"stopped: {error}"
        return f"changed: {changed}" if changed else RUNNING

    def facts(self) -> dict[str, Any]:
        """The set's id and the version of its primary.

        Raises:
            LocalprocError: no primary answers.
        """
        with self._of().primary() as primary:
            settings = primary("replSetGetConfig")["config"]["settings"]
            return {"replicaSetId": str(settings["replicaSetId"]), "version": str(primary("buildInfo")["version"])}

    def _of(self) -> MongoMembers:
        return MongoMembers(directory=StackDirectory.open(self.directory), name=self.name, members=self.members)

    @property
    def _certificate_key(self) -> str:
        return self.cert_pem + self.key_pem

    @property
    def _settings(self) -> SetSettings:
        return SetSettings(election_timeout_ms=self.election_timeout_ms)

    def _next_step(self, configuration: Document, primary: Command) -> Step:
        return mongo_reconfig.next_step(configuration, self.members, self._settings, states_of(primary))

    def _changed(self, of: MongoMembers) -> str:
        """What of a healthy set is not as declared; empty when all is."""
        if not of.directory.matches(of.directory.root / CERTIFICATE_KEY_FILE, self._certificate_key):
            return CERTIFICATE_KEY_FILE
        with of.primary() as primary:
            step = self._next_step(primary("replSetGetConfig")["config"], primary)
            checks = (
                (step.action is not Action.DONE, f"configuration ({step.purpose})"),
                (not _has_defaults(primary), "default concerns"),
                (not _has_administrator(primary), "administrator"),
            )
        resized = [member.name for member in of.with_data if self._oplog_change(of, member)]
        found = (*checks, (bool(resized), f"oplog of {', '.join(resized)}"))
        return next((what for differs, what in found if differs), "")

    def _configured(self, of: MongoMembers, known_id: str) -> str | None:
        """Id of the set that the members are in; None when none of them is in any.

        Raises:
            LocalprocError: they are in different sets, in another one than before, or all begin anew.
        """
        found: dict[str, tuple[str, str]] = {}
        for member in of.with_data:
            try:
                configuration = of.ask(member, "replSetGetConfig")["config"]
                found[member.name] = configuration["_id"], str(configuration["settings"]["replicaSetId"])
            except MongoError as error:
                if error.code != _NOT_INITIALIZED:
                    raise
        ids = {id_ for _, id_ in found.values()} | ({known_id} if known_id else set())
        if len(ids) > 1 or any(name != self.name for name, _ in found.values()):
            listed = "; ".join(f"{name}: set {set_name} {id_}" for name, (set_name, id_) in found.items())
            known = f"; this stack's is {known_id}" if known_id else ""
            msg = (
                f"members of {self.name} hold data of different replica sets ({listed}{known}), which must never be "
                f"mixed; move the data directory of the foreign one (below {of.directory.services}) away, and it "
                "copies the others' data when the command is run again"
            )
            raise LocalprocError(msg)
        if known_id and not found:
            msg = (
                f"every member of {self.name} is empty, although the set {known_id} was here before: its data are gone "
                "or elsewhere; put the data directories back, or restore a backup; to begin anew without the data, "
                "remove the set from the engine's state first (`pulumi state delete`), and run the command again"
            )
            raise LocalprocError(msg)
        return next(iter(ids), None)

    def _initiate(self, of: MongoMembers, waiter: Waiter) -> None:
        first = max(of.with_data, key=lambda member: member.priority)
        of.ask(first, "replSetInitiate", mongo_reconfig.first_configuration(self.name, self.members, self._settings))

        def everybody_follows() -> bool:
            states = [entry["stateStr"] for entry in of.ask(first, "replSetGetStatus")["members"]]
            return "PRIMARY" in states or all(state in FOLLOWS for state in states)

        waiter.until(f"the members of {self.name} to know each other", everybody_follows, every_s=0.05)
        # Nobody need wait for the first election's time-out.
        with contextlib.suppress(MongoError):
            of.ask(first, "replSetStepUp")

    def _converge(self, of: MongoMembers, waiter: Waiter, *, settings_only: bool = False) -> None:
        """Take the steps of `mongo_reconfig`, each once the one before is in force everywhere."""

        def attempt(primary: Command) -> bool:
            found = primary("replSetGetConfig", 1, commitmentStatus=True)
            if not found["commitmentStatus"]:
                return False
            step = self._next_step(found["config"], primary)
            if settings_only and step.purpose != mongo_reconfig.SETTINGS:
                return True
            if step.action is Action.RECONFIGURE:
                primary("replSetReconfig", step.configuration, maxTimeMS=RECONFIGURE_MS)
                waiter.report(f"{self.name}: {step.purpose}")
            elif step.action is Action.STEP_DOWN:
                step_down(primary)
            return step.action is Action.DONE

        of.until(waiter, f"{self.name} to be configured as declared", attempt)

    def _oplog_change(self, of: MongoMembers, member: SetMember) -> dict[str, float]:
        """What `replSetResizeOplog` must be told for this member's oplog to be as declared; empty when it is."""
        with of.client(member) as client:
            size = int(client.local.command("collStats", "oplog.rs", scale=1)["maxSize"])
            retention = float(client.admin.command("serverStatus")["oplogTruncation"].get("oplogMinRetentionHours", 0))
        change: dict[str, float] = {}
        # A smaller one can only be had when the oplog is made.
        if size // _MIB != self.oplog_size_mib >= _SMALLEST_OPLOG_MIB:
            change["size"] = float(self.oplog_size_mib)
        if retention != self.oplog_retention_h:
            change["minRetentionHours"] = float(self.oplog_retention_h)
        return change

    def _resize_oplogs(self, of: MongoMembers) -> None:
        for member in of.with_data:
            change = self._oplog_change(of, member)
            if change:
                of.ask(member, "replSetResizeOplog", 1, change)


def _find_each_other(of: MongoMembers) -> None:
    """Where all ports have changed while nobody ran, tell the members where they are, so that they can elect.

    They all started at new ports with a configuration that names the old ones, and none finds itself in it. Forced,
    since there is no primary to ask, and safe, since only addresses change: the voters stay the same members with the
    same data, of which a majority must still elect. Done only where every declared member with data answers at its
    declared address and holds this set's data.
    """
    found = {}
    for member in of.with_data:
        if not hello(member.address, of.identity(member)):
            return
        try:
            found[member.name] = of.ask(member, "replSetGetConfig")["config"]
        except MongoError:
            return
    configuration = max(found.values(), key=lambda one: (int(one["term"]), int(one["version"])))
    changed = configuration
    for member in of.members:
        changed = mongo_reconfig.moved(changed, member) or changed
    known = {entry["_id"] for entry in configuration["members"]}
    if changed is not configuration and known <= {member.id for member in of.members}:
        holder = next(one for one in of.with_data if found[one.name] == configuration)
        changed.pop("term", None)
        with contextlib.suppress(MongoError):
            of.ask(holder, "replSetReconfig", changed, {"force": True})


def _set_defaults(of: MongoMembers, waiter: Waiter) -> None:
    """Majority concerns for whoever names none, and the administrator."""

    def attempt(primary: Command) -> bool:
        if not _has_defaults(primary):
            primary("setDefaultRWConcern", 1, **DEFAULT_CONCERNS, writeConcern={"w": "majority"})
        if not _has_administrator(primary):
            with of.leader_client() as client:
                users = client["$external"]
                name = "updateUser" if users.command("usersInfo", ADMINISTRATOR)["users"] else "createUser"
                users.command(name, ADMINISTRATOR, roles=ADMINISTRATOR_ROLES)
        return True

    of.until(waiter, f"the defaults of {of.name} to be set", attempt)


def _has_defaults(primary: Command) -> bool:
    found = primary("getDefaultRWConcern")
    write, read = found.get("defaultWriteConcern", {}), found.get("defaultReadConcern", {})
    return bool(write.get("w") == "majority" and read.get("level") == "majority")


def _has_administrator(primary: Command) -> bool:
    found = primary("usersInfo", {"user": ADMINISTRATOR, "db": "$external"})["users"]
    return any(user["roles"] == ADMINISTRATOR_ROLES for user in found)
