"""Connections to MongoDB for tools that provision: one client a process, waiting through elections, plain errors."""

from __future__ import annotations

import contextlib
import contextvars
import dataclasses
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import pymongo
from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    InvalidURI,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from pymongo.read_concern import ReadConcern
from pymongo.uri_parser import parse_uri

from walletdb.errors import MongoError, NoAnswerError, UnconfirmedError

__all__ = [
    "ELECTION_S",
    "Client",
    "Connection",
    "Document",
    "close_clients",
    "code_of",
    "command",
    "described",
    "fault_of_uri",
    "limited",
    "members_of",
    "newest",
]

Document = dict[str, Any]
Client = MongoClient[Document]
T = TypeVar("T")

ELECTION_S: Final = 30.0
"""For so long a member that steps down, and a set without a primary, is waited for: two elections of 10 s (spec 7.1.2)
and their catch-up."""
CONFIRMATION_S: Final = 30.0
"""A majority of the members has so long to confirm a change."""
_SELECTION_S: Final = 5.0
_PAUSE_S: Final = 0.25
_NOT_LET_IN: Final = frozenset({11, 18})
"""Authentication failed; or the certificate's user does not exist."""
_NOT_AUTHORIZED: Final = 13
_TIME_LIMIT: Final = 50
# A member that steps down, shuts down or catches up; the same that the drivers' specification calls retryable, and
# what a change of schema meets in addition: a lock, or another of its kind on the same collection.
_PASSING: Final = frozenset({6, 7, 24, 46, 89, 91, 112, 117, 134, 189, 262, 276, 9001})
_PASSING_STATES: Final = frozenset({10107, 11600, 11602, 13435, 13436})
_NO_URI: Final = (
    "is no URI of MongoDB; allowed is mongodb://user:password@host:port,host:port/?replicaSet=name, in which user and "
    "password are percent-encoded"
)
_end: Final[contextvars.ContextVar[float | None]] = contextvars.ContextVar("end", default=None)
"""When the time of the `run` around is over, on the monotonic clock."""
_clients: Final[dict[tuple[Any, ...], Client]] = {}
_lock: Final = threading.Lock()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Connection:
    """Where MongoDB is, and who asks.

    With a certificate and no user in the URI, the certificate's subject is the user (MONGODB-X509).
    """

    uri: str = dataclasses.field(repr=False)
    ca_file: str = ""
    """Authorities to trust; empty: those of the machine, where the URI asks for TLS."""
    certificate_key_file: str = ""
    """Certificate and key of the client in one file; empty: none is shown."""

    @property
    def address(self) -> str:
        """Hosts as the URI lists them, without user, password or options."""
        rest = self.uri.partition("://")[2].partition("?")[0]
        return rest.rpartition("@")[2].partition("/")[0] or "?"

    @property
    def cluster(self) -> str:
        """What stays the same when hosts change: the name of the replica set, else the hosts."""
        name = re.search(r"[?&]replicaSet=([^&]+)", self.uri)
        return name[1] if name else self.address

    @property
    def user(self) -> str:
        """Who asks, for messages."""
        before, at, _ = self.uri.partition("://")[2].partition("?")[0].rpartition("@")
        if at:
            return before.partition(":")[0]
        return f"the certificate {self.certificate_key_file}" if self.certificate_key_file else "nobody"

    def options(self) -> Document:
        """Options of a client of this connection, beside its URI."""
        options: Document = {
            "serverSelectionTimeoutMS": int(_SELECTION_S * 1000),
            "connectTimeoutMS": int(_SELECTION_S * 1000),
            "heartbeatFrequencyMS": 2000,  # A frozen member is left behind after this and connectTimeoutMS.
            "w": "majority",
            "wTimeoutMS": int(CONFIRMATION_S * 1000),
            "readConcernLevel": "majority",
            "readPreference": "primary",
            "retryReads": False,  # `run` does it, and ends.
            "uuidRepresentation": "standard",
            "appname": "walletdb provisioning",
        }
        if self.ca_file or self.certificate_key_file:
            options["tls"] = True
        if self.ca_file:
            options["tlsCAFile"] = self.ca_file
        if self.certificate_key_file:
            options["tlsCertificateKeyFile"] = self.certificate_key_file
            if self.user.startswith("the certificate "):
                options["authMechanism"] = "MONGODB-X509"
                options["authSource"] = "$external"
        return options

    def client(self) -> Client:
        """The process's one client of this connection; a renewed certificate makes a new one.

        Raises:
            MongoError: the URI cannot be used.
            NoAnswerError: the files cannot be used.
        """
        files = tuple(_stamp(path) for path in (self.ca_file, self.certificate_key_file))
        key = (self.uri, self.ca_file, self.certificate_key_file, files)
        with _lock:
            if key not in _clients:
                _clients[key] = self.new_client()
            return _clients[key]

    def new_client(self, **options: object) -> Client:
        """A client of the caller's own, who closes it; `options` go over those of the connection.

        Raises:
            MongoError: the URI cannot be used.
            NoAnswerError: the files cannot be used.
        """
        fault = fault_of_uri(self.uri)
        if fault:
            raise MongoError(f"the given uri {fault}")
        try:
            return MongoClient(self.uri, **{**self.options(), **options})
        except InvalidURI:
            raise MongoError(f"the given uri {_NO_URI}") from None
        except OSError as error:
            msg = f"cannot connect to MongoDB at {self.address}: {error.strerror or error}"
            raise NoAnswerError(
                msg,
                got=f"caFile {self.ca_file or 'none'}, certificateKeyFile {self.certificate_key_file or 'none'}",
                allowed="files in PEM that this user can read, a key that fits its certificate",
                fix="`pulumi up` writes a local stack's files anew",
            ) from None
        except ConfigurationError as error:
            # PyMongo names the option here, and no value of the user's but a file's path.
            msg = f"cannot connect to MongoDB at {self.address}: {error}"
            raise MongoError(msg, fix="correct the options in the URI") from None

    def run(self, what: str, work: Callable[[Client], T], seconds: float, *, patience_s: float = ELECTION_S) -> T:
        """The result of `work`, which is called again where a member steps down or an election goes on.

        It must look before it acts: a call that failed may have done its work. `what` names it after "cannot".

        Args:
            what: Such as "create index x".
            work: Takes the client. Of a server that freezes in the middle the driver's monitor hears within seconds.
            seconds: For all attempts together; what may take long in them is under `limited`.
            patience_s: For so long an election is waited for, from the first failure on.

        Raises:
            NoAnswerError: no server answers, or there was no primary for `patience_s`.
            MongoError: MongoDB refuses it.
        """
        client = self.client()
        end, give_up = time.monotonic() + seconds, 0.0
        while True:
            started = time.monotonic()
            token = _end.set(end)
            try:
                # Outside of any limit, so that the time-out of server selection holds, and not the operation's.
                client.admin.command("ping")
                return work(client)
            except PyMongoError as error:
                now = time.monotonic()
                if not give_up or now - started > patience_s:
                    give_up = now + patience_s
                if not _passes(error, client) or now + _PAUSE_S >= min(end, give_up):
                    raise self.explained(error, what, client) from None
            finally:
                _end.reset(token)
            time.sleep(_PAUSE_S)

    def explained(self, error: PyMongoError, what: str, client: Client) -> MongoError | NoAnswerError:
        """An error of the driver as one that says what to do."""
        where = f"MongoDB at {self.address}"
        if isinstance(error, ServerSelectionTimeoutError):
            return NoAnswerError(
                f"cannot {what}: {where} has no primary that can be reached",
                got=members_of(client) or str(error).partition(",")[0],
                fix="`walletdb status` shows which members run; with a majority of them up, a primary is elected",
            )
        if isinstance(error, AutoReconnect) or error.timeout or code_of(error) in {*_PASSING_STATES, _TIME_LIMIT}:
            return NoAnswerError(
                f"cannot {what}: {where} gave no answer in time",
                got=f"{_text(error)}; {members_of(client)}",
                fix="look at `walletdb status` and at the log of the primary, then try again",
            )
        if code_of(error) in _NOT_LET_IN:
            return MongoError(
                f"cannot {what}: {where} does not accept {self.user}",
                got=_text(error),
                fix="check user, password and authSource in the URI, or that the certificate's user exists",
            )
        if code_of(error) == _NOT_AUTHORIZED:
            return MongoError(f"cannot {what}: {self.user} may not do that in {where}", got=_text(error))
        return MongoError(f"cannot {what}: {where} refuses it", got=_text(error))


def close_clients() -> None:
    """Close every client of this process that `Connection.client` made; the next call makes new ones."""
    with _lock:
        for client in _clients.values():
            client.close()
        _clients.clear()


@contextlib.contextmanager
def limited() -> Iterator[None]:
    """End what is done here, also in the server, when the time of the `Connection.run` around it is over."""
    end = _end.get()
    with contextlib.nullcontext() if end is None else pymongo.timeout(max(0.1, end - time.monotonic())):
        yield


def command(database: Database[Document], words: Mapping[str, Any]) -> Document:
    """Run a command that changes something, and wait until a majority of the members has it.

    Raises:
        UnconfirmedError: it was done, and no majority has confirmed it in time.
        NotPrimaryError: it was done, but the primary stepped down before a majority had it; `Connection.run` looks
            again.
    """
    concern = {"w": "majority", "wtimeout": int(CONFIRMATION_S * 1000)}
    with limited():
        reply: Document = database.command({**words, "writeConcern": concern})
    unconfirmed = reply.get("writeConcernError")
    if unconfirmed and unconfirmed.get("code") in _PASSING | _PASSING_STATES:
        # The primary stepped down while it waited: what the next one has is to be looked at.
        raise NotPrimaryError(str(unconfirmed.get("errmsg", "")), reply)
    if unconfirmed:
        name, about = next(iter(words.items()))
        raise UnconfirmedError(
            f"{name} of {about} was done, but a majority of the members has not confirmed it",
            got=str(unconfirmed.get("errmsg", "")),
            allowed=f"a majority confirms within {CONFIRMATION_S:g} s",
            fix="bring the members that are down back (`walletdb status`), then run the update again",
        )
    return reply


def newest(collection: Collection[Document]) -> Collection[Document]:
    """The collection as the primary has it, with documents that no majority has confirmed yet: what a check asks."""
    return collection.with_options(read_concern=ReadConcern("local"))


def code_of(error: BaseException) -> int:
    """MongoDB's number of an error; 0 where there is none."""
    return (error.code or 0) if isinstance(error, OperationFailure) else 0


def members_of(client: Client) -> str:
    """Each member that the driver knows, and how it is, for a message."""
    found = client.topology_description.server_descriptions().values()
    return "; ".join(
        described(str(server.error).partition(" (configured timeouts")[0], 160)
        if server.error
        else f"{server.address[0]}:{server.address[1]}: {server.server_type_name}"
        for server in found
    )


def described(value: object, longest: int = 80) -> str:
    """A value of a document in a message: short, and on one line."""
    text = " ".join(str(value).split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def fault_of_uri(uri: str) -> str:
    """Why a text is no URI of MongoDB; empty where it is one. No look-up is made, and nothing of it is repeated."""
    if uri.startswith("mongodb+srv://"):
        return ""
    try:
        parse_uri(uri, warn=False)
    except (PyMongoError, ValueError):
        return _NO_URI
    return ""


def _passes(error: PyMongoError, client: Client) -> bool:
    """Whether the same call may succeed in a moment: an election goes on, while servers answer."""
    if isinstance(error, ServerSelectionTimeoutError):
        return bool(client.topology_description.has_known_servers)
    return isinstance(error, AutoReconnect) or code_of(error) in _PASSING | _PASSING_STATES


def _text(error: PyMongoError) -> str:
    details = getattr(error, "details", None)
    message = details.get("errmsg") if isinstance(details, Mapping) else None
    # What is not authorized comes with the whole command, of which its name says enough.
    text = re.sub(r"( to execute command) \{ (\w+).*", r"\1 \2", str(message or error), flags=re.DOTALL)
    return described(text, 500)


def _stamp(path: str) -> int:
    try:
        return Path(path).stat().st_mtime_ns if path else 0
    except OSError:
        return 0
