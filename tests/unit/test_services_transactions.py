"""When a transaction is tried again: a session that ends as it is told to, and a clock of its own."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

from tests.fixtures.event_loop import run_async
from walletdb.services.errors import CommitUnknownError, TransactionExpiredError
from walletdb.services.transactions import Pause, TransactionOptions, run_transaction


def labelled(label: str, code: int = 251) -> OperationFailure:
    return OperationFailure("refused", code, {"errorLabels": [label]})


def transient() -> OperationFailure:
    return labelled("TransientTransactionError")


def unknown(code: int = 64) -> OperationFailure:
    return labelled("UnknownTransactionCommitResult", code)


@dataclasses.dataclass
class FakeSession:
    """A session whose commits end as they are told to, one after the other; then they succeed."""

    commits: list[PyMongoError] = dataclasses.field(default_factory=list)
    abort_fails: bool = False
    in_transaction: bool = False
    calls: list[str] = dataclasses.field(default_factory=list)
    started_with: tuple[Any, ...] = ()

    async def start_transaction(self, *options: Any) -> None:
        assert not self.in_transaction
        self.in_transaction, self.started_with = True, options
        self.calls.append("start")

    async def commit_transaction(self) -> None:
        self.calls.append("commit")
        self.in_transaction = False
        if self.commits:
            raise self.commits.pop(0)

    async def abort_transaction(self) -> None:
        self.calls.append("abort")
        self.in_transaction = False
        if self.abort_fails:
            raise AutoReconnect("gone")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now_s, self.slept = 0.0, list[float]()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def run(
    session: FakeSession,
    callback: Callable[[FakeSession], Awaitable[Any]],
    clock: Clock | None = None,
    **options: Any,
) -> Any:
    chosen, clock = TransactionOptions(**options), clock or Clock()
    pause = Pause(chosen, clock=lambda: clock.now_s, dice=lambda: 1.0, sleep=clock.sleep)
    return run_async(run_transaction(session, callback, chosen, pause))


def ending(*outcomes: BaseException | str) -> Callable[[FakeSession], Awaitable[str]]:
    """A callback that ends so, call by call; the last outcome stays."""
    left = list(outcomes)

    async def callback(_session: FakeSession) -> str:
        outcome = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    return callback


def test_a_transaction_begins_with_the_concerns_of_the_specification_and_commits_once() -> None:
    session = FakeSession()
    assert run(session, ending("done")) == "done"
    assert session.calls == ["start", "commit"]
    read, write, preference, commit_ms = session.started_with
    assert (read.level, write.document, preference.mode, commit_ms) == (
        "snapshot",
        {"w": "majority", "j": True},
        0,
        30_000,
    )
    run(other := FakeSession(), ending("done"), read_concern="majority")
    assert other.started_with[0].level == "majority"


@pytest.mark.parametrize("error", [ValueError("mine"), KeyboardInterrupt(), asyncio.CancelledError(), AutoReconnect()])
@pytest.mark.parametrize("abort_fails", [False, True])
def test_an_error_of_the_callback_aborts_and_is_raised_as_it_is(error: BaseException, *, abort_fails: bool) -> None:
    session = FakeSession(abort_fails=abort_fails)

    async def whole() -> None:
        with pytest.raises(type(error)) as raised:
            await run_transaction(session, ending(error), TransactionOptions())
        assert raised.value is error

    run_async(whole())
    assert session.calls == ["start", "abort"]


def test_a_transient_error_runs_the_callback_again() -> None:
    session, clock = FakeSession(), Clock()
    assert run(session, ending(transient(), transient(), "done"), clock) == "done"
    assert session.calls == ["start", "abort", "start", "abort", "start", "commit"]
    assert clock.slept == [0.005, 0.0075]


def test_a_commit_of_unknown_outcome_is_sent_again_and_the_callback_is_not_run_again() -> None:
    session = FakeSession(commits=[unknown(), unknown()])
    assert run(session, ending("first", "second")) == "first"
    assert session.calls == ["start", "commit", "commit", "commit"]


def test_a_commit_that_a_server_says_was_lost_runs_everything_again() -> None:
    session = FakeSession(commits=[unknown(), transient()])
    assert run(session, ending("first", "second")) == "second"
    assert session.calls == ["start", "commit", "commit", "start", "commit"]


def test_a_commit_refused_for_good_is_raised() -> None:
    session = FakeSession(commits=[OperationFailure("no", 13)])
    with pytest.raises(OperationFailure, match="no"):
        run(session, ending("done"))
    assert session.calls == ["start", "commit"]


def test_a_callback_that_ended_the_transaction_itself_is_left_alone() -> None:
    async def callback(session: FakeSession) -> str:
        await session.abort_transaction()
        return "not today"

    session = FakeSession()
    assert run(session, callback) == "not today"
    assert session.calls == ["start", "abort"]


def test_pauses_grow_to_their_limit_and_end_with_the_time() -> None:
    clock = Clock()
    with pytest.raises(TransactionExpiredError, match="nothing of it is committed") as expired:
        run(FakeSession(), ending(transient()), clock, time_limit_ms=3000, longest_pause_ms=400)
    assert clock.slept == sorted(clock.slept)
    assert clock.slept[-1] == 0.4
    assert 2.6 <= clock.now_s < 3
    assert f"{len(clock.slept) + 1} attempts" in expired.value.got
    assert isinstance(expired.value.__cause__, OperationFailure)


def test_an_outcome_that_stays_unknown_says_so() -> None:
    session = FakeSession(commits=[unknown() for _ in range(1000)])
    with pytest.raises(CommitUnknownError, match="may be committed or not"):
        run(session, ending("done"), time_limit_ms=100)
    assert session.calls.count("start") == 1


def test_a_commit_that_took_too_long_for_its_limit_is_not_sent_again() -> None:
    session = FakeSession(commits=[unknown(code=50)])
    with pytest.raises(CommitUnknownError):
        run(session, ending("done"))
    assert session.calls == ["start", "commit"]


def test_pauses_are_a_random_part_of_their_limit() -> None:
    pause = Pause(TransactionOptions(first_pause_ms=100), sleep=(clock := Clock()).sleep)

    async def some() -> None:
        for _ in range(5):
            pause.attempts = 1
            assert await pause.next()

    run_async(some())
    assert all(0 <= slept <= 0.1 for slept in clock.slept)
    assert len(set(clock.slept)) > 1
