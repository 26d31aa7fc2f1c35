"""Transactions over several documents: section 4.5.1 of the specification, and when to try again.

A pure state machine over anything that has PyMongo's session methods. What it holds to: the callback's result is
returned only after a server has confirmed the commit; the callback runs again only after a server, or the driver, has
said that nothing of the attempt before was kept (label `TransientTransactionError`); a commit of unknown outcome is
sent again as the same commit, which a server applies once (label `UnknownTransactionCommitResult`).
https://github.com/mongodb/specifications/blob/master/source/transactions-convenient-api
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal, Protocol, TypeVar

from pymongo.errors import OperationFailure, PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.read_preferences import ReadPreference
from pymongo.write_concern import WriteConcern

from walletdb.services.errors import CommitUnknownError, MongoSettingsError, TransactionExpiredError

__all__ = ["Pause", "Session", "TransactionOptions", "run_transaction"]

SessionT = TypeVar("SessionT", bound="Session")
T = TypeVar("T")

_TRANSIENT = "TransientTransactionError"
_UNKNOWN = "UnknownTransactionCommitResult"
_MAX_TIME_EXPIRED = 50
"""The commit took longer than `max_commit_time_ms`, which was the caller's limit: sending it again would exceed it."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class TransactionOptions:
    """How a transaction runs; always on the primary, and acknowledged by a majority that has it on disk.

    Attributes:
        read_concern: `snapshot`: all reads see one moment; `majority`: each sees what a majority has.
        max_commit_time_ms: What the server may take for the commit.
        time_limit_ms: After so long no attempt begins; one that runs is not cut short (`socket_timeout_ms` and
            `server_selection_timeout_ms` bound each of its commands). Longer than the driver's server selection and an
            election, so that a transaction survives a failover.
        first_pause_ms: Upper limit of the first pause between attempts, which grows by half each time.
        longest_pause_ms: Upper limit of any pause. Each is a random part of its limit, so that clients that were
            refused together do not come back together.

    Raises:
        MongoSettingsError: a value is outside what is allowed.
    """

    read_concern: Literal["snapshot", "majority"] = "snapshot"
    max_commit_time_ms: int = 30_000
    time_limit_ms: int = 120_000
    first_pause_ms: int = 5
    longest_pause_ms: int = 500

    def __post_init__(self) -> None:
        if self.read_concern not in {"snapshot", "majority"}:
            raise MongoSettingsError(
                "TransactionOptions.read_concern cannot be used",
                got=repr(self.read_concern),
                allowed="snapshot, majority",
                fix="leave it out for snapshot",
            )
        for name in ("max_commit_time_ms", "time_limit_ms", "first_pause_ms", "longest_pause_ms"):
            if getattr(self, name) < 1:
                raise MongoSettingsError(
                    f"TransactionOptions.{name} cannot be used",
                    got=repr(getattr(self, name)),
                    allowed="1 or more, in milliseconds",
                    fix="leave it out for the default",
                )


class Session(Protocol):
    """What is needed of PyMongo's AsyncClientSession."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was started and is neither committed nor aborted."""

    async def start_transaction(
        self,
        read_concern: Any = None,  # noqa: ANN401 - as PyMongo's, whose types are no part of the state machine
        write_concern: Any = None,  # noqa: ANN401 - as above
        read_preference: Any = None,  # noqa: ANN401 - as above
        max_commit_time_ms: int | None = None,
    ) -> Any:  # noqa: ANN401 - as above
        """Begin one."""

    async def commit_transaction(self) -> None:
        """Commit it; may be called again for the same transaction."""

    async def abort_transaction(self) -> None:
        """Undo it."""


@dataclasses.dataclass
class Pause:
    """Pauses between attempts, and the time that is left. Clock and dice can be given, for tests."""

    options: TransactionOptions
    clock: Callable[[], float] = time.monotonic
    dice: Callable[[], float] = random.random
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    attempts: int = 1

    def __post_init__(self) -> None:
        self._began = self.clock()

    async def next(self) -> bool:
        """Wait before another attempt; False, at once, where the time limit would be over by then."""
        limit_ms = min(self.options.first_pause_ms * 1.5 ** (self.attempts - 1), self.options.longest_pause_ms)
        pause_s = self.dice() * limit_ms / 1000
        if self.clock() + pause_s - self._began >= self.options.time_limit_ms / 1000:
            return False
        await self.sleep(pause_s)
        self.attempts += 1
        return True

    def spent(self) -> str:
        """For an error's text."""
        return f"{self.attempts} attempts in {self.clock() - self._began:.1f} s"


async def run_transaction(
    session: SessionT,
    callback: Callable[[SessionT], Awaitable[T]],
    options: TransactionOptions,
    pause: Pause | None = None,
) -> T:
    """Run `callback` in a transaction and commit it, again where a server says that this is safe.

    Args:
        session: Given to the callback, which passes it to every operation and lets their errors through.
        callback: May run several times: what it does outside the database must bear that. An error of its own aborts
            the transaction and is raised as it is, without another attempt.
        options: Concerns and limits.
        pause: The pauses between attempts; for tests.

    Returns:
        What the callback returned in the attempt that was committed.

    Raises:
        TransactionExpiredError: the time limit is over; nothing is committed.
        CommitUnknownError: the commit was sent, and no server said what came of it within the limits.
        PyMongoError: the server refused an operation or the commit for good.
    """
    pause = pause or Pause(options)
    while True:
        await session.start_transaction(
            ReadConcern(options.read_concern),
            WriteConcern("majority", j=True),
            ReadPreference.PRIMARY,
            options.max_commit_time_ms,
        )
        try:
            result = await callback(session)
        except BaseException as error:
            await _abort(session)
            if not _has_label(error, _TRANSIENT):
                raise
            transient: BaseException = error
        else:
            # A callback that ended the transaction itself meant to.
            refused = await _commit(session, pause) if session.in_transaction else None
            if refused is None:
                return result
            transient = refused
        if not await pause.next():
            raise TransactionExpiredError(
                "the transaction was given up, and nothing of it is committed",
                got=f"{pause.spent()}, the last ended with {type(transient).__name__}",
                allowed=f"time_limit_ms={options.time_limit_ms}",
                fix="repeat it later; if other writers hold its documents, make it shorter; `walletdb status` shows "
                "whether there is a primary",
            ) from transient


async def _commit(session: Session, pause: Pause) -> PyMongoError | None:
    """Commit. None: it is confirmed; an error: nothing was kept, and the transaction may run again.

    Raises:
        CommitUnknownError: the outcome stays unknown.
        PyMongoError: refused for good.
    """
    while True:
        try:
            await session.commit_transaction()
        except PyMongoError as error:
            if _has_label(error, _UNKNOWN):
                expired = isinstance(error, OperationFailure) and error.code == _MAX_TIME_EXPIRED
                if expired or not await pause.next():
                    raise CommitUnknownError(
                        "a commit was sent, and no server said what came of it: it may be committed or not",
                        got=f"{pause.spent()}, the last ended with {type(error).__name__}",
                        allowed=f"max_commit_time_ms={pause.options.max_commit_time_ms}, "
                        f"time_limit_ms={pause.options.time_limit_ms}",
                        fix="read what the transaction would have written before doing it again",
                    ) from error
                continue
            if _has_label(error, _TRANSIENT):
                return error
            raise
        return None


async def _abort(session: Session) -> None:
    """Undo what the callback did. A server that cannot be reached undoes it by itself, so an error is none here."""
    if session.in_transaction:
        with contextlib.suppress(PyMongoError):
            await session.abort_transaction()


def _has_label(error: BaseException, label: str) -> bool:
    return isinstance(error, PyMongoError) and error.has_error_label(label)
