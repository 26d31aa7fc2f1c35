"""MongoDB: what each member says of itself, asked directly; and the few orders that move a primary.

PyMongo is imported when a member is to be asked and not before (`load_driver`, which no deadline counts): the commands
that need none of it stay quick. Its options demand no lowest TLS version, so that a handshake of our own, TLS 1.3 only,
comes first: it also shows the certificate, and finds a server that is frozen before a client of PyMongo exists.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from walletdb.config import HostPort, ReplicaSet, ReplicaSetMember
from walletdb.deadline import Deadline
from walletdb.errors import DeniedError, ProbeError
from walletdb.probes.mongodb_facts import Clock, FactsView, HelloView, OpTime, optime, parse_facts, parse_hello
from walletdb.tls import Identity, Peer, direct_tls

if TYPE_CHECKING:
    from pymongo import MongoClient

    Client = MongoClient[dict[str, Any]]

__all__ = ["MemberView", "catch_up", "command", "hello", "load_driver", "member", "session", "write_majority"]

_POLL_S = 0.02
_DENIED = frozenset({11, 13, 18})
"""MongoDB's UserNotFound, Unauthorized and AuthenticationFailed."""
_NO_SET = frozenset({76, 93, 94})
"""NoReplicationEnabled, InvalidReplicaSetConfig and NotYetInitialized."""
_UNWANTED = ("locks", "tcmalloc", "flowControl", "indexStats", "mirroredReads", "opWriteConcernCounters")

MemberView = tuple[HelloView, FactsView | None, str | None]
"""What it says to everybody, what to the administrator, and why it says nothing to him."""


def load_driver() -> None:
    """Import PyMongo: some tenths of a second on a busy machine, which are no member's delay."""
    importlib.import_module("pymongo")


def member(
    asked: ReplicaSetMember, replica_set: ReplicaSet, identity: Identity, deadline: Deadline
) -> tuple[MemberView, Peer]:
    """Ask a member about itself: what it tells everybody, then what it tells the administrator, if it is no arbiter.

    Raises:
        ProbeError: it does not answer.
    """
    peer = direct_tls(asked.address, identity, deadline)
    with session([asked.address], replica_set, identity, deadline, login=False) as client:
        own = _hello(client)
    if asked.arbiter:
        return (own, None, None), peer
    try:
        with session([asked.address], replica_set, identity, deadline) as client:
            return (own, _facts(client, replica_set.database), None), peer
    except ProbeError as error:  # it may be in the midst of a rollback, or copy all data
        return (own, None, error.cause), peer


def hello(asked: ReplicaSetMember, replica_set: ReplicaSet, identity: Identity, deadline: Deadline) -> HelloView:
    """Ask a member what it tells everybody.

    Raises:
        ProbeError: it does not answer.
    """
    direct_tls(asked.address, identity, deadline)
    with session([asked.address], replica_set, identity, deadline, login=False) as client:
        return _hello(client)


def catch_up(
    asked: ReplicaSetMember,
    target: OpTime,
    limit_s: float,
    replica_set: ReplicaSet,
    identity: Identity,
    deadline: Deadline,
) -> float | None:
    """Wait until a member has applied up to `target`.

    Returns the seconds it took, 0 when it was there at once, None when `limit_s` was not enough.

    Raises:
        ProbeError: it cannot be asked.
    """
    with session([asked.address], replica_set, identity, deadline, login=False) as client:
        began, passed = time.monotonic(), 0.0
        while True:
            applied = parse_hello(_ask(client, {"hello": 1})).applied
            if applied is not None and applied >= target:
                return passed
            time.sleep(_POLL_S)
            passed = time.monotonic() - began
            if passed >= limit_s:
                return None


def command(
    asked: ReplicaSetMember,
    order: Mapping[str, object],
    replica_set: ReplicaSet,
    identity: Identity,
    deadline: Deadline,
) -> None:
    """Give one member an order.

    Raises:
        ProbeError: it refused, with its text, or does not answer.
    """
    with session([asked.address], replica_set, identity, deadline) as client:
        _ask(client, order)


def write_majority(replica_set: ReplicaSet, identity: Identity, deadline: Deadline) -> OpTime | None:
    """Commit a real write through the set, as a service does: found by discovery, acknowledged by a majority.

    The write is one note in the oplog (appendOplogNote): it replicates and is acknowledged as any write, and leaves no
    document. Returns its place in the oplog.

    Raises:
        ProbeError: it was not acknowledged in time.
    """
    addresses = [one.address for one in replica_set.members]
    left_ms = int(deadline.remaining_s() * 1000)
    concern = {"w": "majority", "wtimeout": max(1, left_ms)}
    with session(addresses, replica_set, identity, deadline, direct=False) as client:
        answer = _ask(
            client, {"appendOplogNote": 1, "data": {"walletdb": "is this set writable?"}, "writeConcern": concern}
        )
        failed = answer.get("writeConcernError")
        if failed:
            raise ProbeError(str(failed.get("errmsg", failed)))
        place = {"ts": answer.get("operationTime"), "t": _term(client)}
        return optime(place)


@contextlib.contextmanager
def session(
    addresses: Sequence[HostPort],
    replica_set: ReplicaSet,
    identity: Identity,
    deadline: Deadline,
    *,
    login: bool = True,
    direct: bool = True,
) -> Iterator[Client]:
    """A client of one member (`direct`) or of the whole set, the administrator's by certificate, within the deadline.

    Raises:
        DeniedError: the member does not know the administrator, or allows him less than is needed.
        ProbeError: it cannot be opened, breaks or misses the deadline.
    """
    from pymongo import MongoClient, errors, timeout  # noqa: PLC0415 - see above

    left = deadline.remaining_s()
    left_ms = max(1, int(left * 1000))
    options: dict[str, Any] = {"directConnection": True} if direct else {"replicaSet": replica_set.name}
    if login:
        options["authMechanism"] = "MONGODB-X509"
    try:
        with (
            timeout(left),
            MongoClient[dict[str, Any]](
                [str(address) for address in addresses],
                tls=True,
                tlsCAFile=str(identity.ca_file),
                tlsCertificateKeyFile=_readable(replica_set.certificate_key_file),
                serverSelectionTimeoutMS=left_ms,
                connectTimeoutMS=left_ms,
                socketTimeoutMS=left_ms,
                serverMonitoringMode="poll",
                retryReads=False,
                retryWrites=False,
                appname="walletdb",
                tz_aware=True,
                tzinfo=dt.UTC,
                **options,
            ) as client,
        ):
            yield client
    except errors.OperationFailure as error:
        if error.code in _DENIED:
            raise DeniedError(f"does not let us in as the administrator: {_text(error)}") from error
        raise ProbeError(_text(error)) from error
    except errors.PyMongoError as error:
        if error.timeout:
            raise deadline.missed() from error
        raise ProbeError(_text(error)) from error


def _readable(file: Path) -> str:
    """The path as text; PyMongo's error for a missing file names no file."""
    try:
        with file.open("rb"):
            return str(file)
    except OSError as error:
        raise ProbeError(f"the administrator's certificate {file} cannot be read: {error.strerror}") from error


def _ask(client: Client, order: Mapping[str, object]) -> dict[str, Any]:
    """Run a command; moments in the answer know their zone, which a command's do not by themselves."""
    return client.admin.command(dict(order), codec_options=client.codec_options)


def _hello(client: Client) -> HelloView:
    """Ask twice: the first opens the connection, the second measures the clock."""
    _ask(client, {"hello": 1})
    sent, began = dt.datetime.now(dt.UTC), time.monotonic()
    answer = _ask(client, {"hello": 1})
    round_trip_ms = (time.monotonic() - began) * 1000
    offset_ms = (sent - answer["localTime"]).total_seconds() * 1000 + round_trip_ms / 2
    return parse_hello(
        answer, Clock(round(offset_ms, 1), round(round_trip_ms / 2 + 1, 1))
    )  # 1: what localTime cuts off


def _facts(client: Client, database: str) -> FactsView:
    unwanted = dict.fromkeys(_UNWANTED, 0)
    answers: dict[str, Any] = {
        "serverStatus": _ask(client, {"serverStatus": 1, **unwanted, "oplogTruncation": 1}),
        "getCmdLineOpts": _ask(client, {"getCmdLineOpts": 1}),
        # Of `local`, which also a member shows that copies or recovers; the disk is the same.
        "dbStats": client.local.command("dbStats"),
    }
    for name, order in (
        ("replSetGetStatus", {"replSetGetStatus": 1}),
        ("replSetGetConfig", {"replSetGetConfig": 1}),
        ("getDefaultRWConcern", {"getDefaultRWConcern": 1}),
        ("getParameter", {"getParameter": 1, "featureCompatibilityVersion": 1}),
    ):
        answers[name] = _unless_no_set(client, order)
    answers["oplog"] = _oplog(client) if answers["replSetGetStatus"] else None
    answers["refusedWrites"] = _refused_writes(client, database)
    return parse_facts(answers)


def _unless_no_set(client: Client, order: Mapping[str, object]) -> dict[str, Any] | None:
    """The answer; None from a member that belongs to no set."""
    from pymongo.errors import OperationFailure  # noqa: PLC0415 - see above

    try:
        return _ask(client, order)
    except OperationFailure as error:
        if error.code in _NO_SET:
            return None
        raise


def _oplog(client: Client) -> dict[str, Any] | None:
    """Size and both ends; None where a member has none yet.

    Without the cluster's default read concern: a member that has just started and hears no primary would wait with it.
    """
    from pymongo.read_concern import ReadConcern  # noqa: PLC0415 - see above

    log = client.local.get_collection("oplog.rs", read_concern=ReadConcern("local"))
    found = [one["storageStats"] for one in log.aggregate([{"$collStats": {"storageStats": {}}}])]
    ends = [log.find_one({}, {"wall": 1}, sort=[("$natural", way)]) or {} for way in (1, -1)]
    if not found or "maxSize" not in found[0]:
        return None
    first, last = (end.get("wall") for end in ends)
    return {"first": first, "last": last, "size": found[0]["size"], "maxSize": found[0]["maxSize"]}


def _refused_writes(client: Client, database: str) -> list[dict[str, Any]] | None:
    """What services noted, as this member has it; None where it cannot be read now, as during a first copy."""
    from pymongo.errors import NotPrimaryError, OperationFailure  # noqa: PLC0415 - see above
    from pymongo.read_concern import ReadConcern  # noqa: PLC0415

    from walletdb.services.mongo_refusals import COLLECTION  # noqa: PLC0415 - needs the driver

    noted = client[database].get_collection(COLLECTION, read_concern=ReadConcern("local"))
    try:
        return list(noted.find({}, {"count": 1}).sort("_id"))
    except (NotPrimaryError, OperationFailure):
        return None


def _term(client: Client) -> int:
    return int(_ask(client, {"replSetGetStatus": 1})["term"])


def _text(error: Exception) -> str:
    """The error's own words: PyMongo adds its whole topology, and the server's answer as a dictionary."""
    details = getattr(error, "details", None)
    said = details.get("errmsg") if isinstance(details, Mapping) else None
    return str(said or str(error).split(", full error:")[0].split(", Timeout:")[0].split(" (configured timeouts:")[0])
