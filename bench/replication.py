"""How far the replicas are behind while pgbench writes: the primary's own view, in time and in bytes of WAL."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import psycopg

from bench import pgbench
from bench.figures import Figure, Result, percentile
from bench.session import Session

__all__ = ["Sample", "lags", "measure"]

EVERY_S = 0.05
SETTLE_S = 1.0
"""pgbench's first second, in which its clients connect, is left out."""

_QUERY = """
SELECT sync_state,
       extract(epoch FROM write_lag) * 1000,
       extract(epoch FROM flush_lag) * 1000,
       extract(epoch FROM replay_lag) * 1000,
       pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn)
FROM pg_stat_replication WHERE state = 'streaming'
"""

_KINDS = {"sync": "synchronous standby", "async": "asynchronous standby"}
_SHARES = {"p50": 0.5, "p99": 0.99}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Sample:
    """One look at one standby. Lags are None while there is nothing to acknowledge.

    Attributes:
        kind: `sync` or `async`.
        write: Milliseconds from a commit's WAL on the primary until the standby has written it.
        flush: Milliseconds until it is on the standby's disk.
        replay: Milliseconds until a query on the standby sees it.
        bytes_behind: WAL that the primary has written and the standby has not replayed.
    """

    kind: str
    write: float | None
    flush: float | None
    replay: float | None
    bytes_behind: float | None


def measure(session: Session) -> Result:
    """Lag while pgbench writes TPC-B-like transactions through the writer port."""
    options = session.options
    stack = session.stack
    way = pgbench.login(stack, pooled=False)
    session.say("replication: making pgbench's tables")
    pgbench.prepare(way)
    found: dict[tuple[str, str, str], list[float]] = {}
    rates: list[float] = []
    looks = 0
    for run in range(options.runs):
        samples, done = _run(stack.admin, lambda: pgbench.load(way, seconds=options.seconds, clients=options.clients))
        looks += len(samples)
        rates.append(done.per_s)
        for key, value in lags(samples).items():
            found.setdefault(key, []).append(value)
        shown = lags(samples).get(("synchronous standby", "replay lag p99", "ms"), float("nan"))
        session.say(f"replication, run {run + 1}: {done.per_s:.0f} transactions/s, synchronous p99 {shown:.1f} ms")
    figures = [Figure(case="pgbench, TPC-B-like", what="transactions", unit="1/s", runs=tuple(rates))]
    figures += [
        # Written and flushed is less than replayed; who wants to know has it in the JSON.
        Figure(case=case, what=what, unit=unit, runs=tuple(values), detail=what.startswith(("write", "flush")))
        for (case, what, unit), values in found.items()
    ]
    settings = {
        "runs": options.runs,
        "seconds": options.seconds,
        "clients": options.clients,
        "scale": pgbench.SCALE,
        "sampled_every_ms": round(EVERY_S * 1000),
        "samples": looks,
    }
    return Result(name="replication", settings=settings, figures=figures)


def lags(samples: Sequence[Sample]) -> dict[tuple[str, str, str], float]:
    """(case, what, unit) → percentile, for each kind of standby that was seen. Looks without a lag do not count."""
    found: dict[tuple[str, str, str], float] = {}
    for kind, case in _KINDS.items():
        those = [sample for sample in samples if sample.kind == kind]
        columns = {
            ("write lag", "ms"): [sample.write for sample in those],
            ("flush lag", "ms"): [sample.flush for sample in those],
            ("replay lag", "ms"): [sample.replay for sample in those],
            ("not yet replayed", "bytes"): [sample.bytes_behind for sample in those],
        }
        for (what, unit), column in columns.items():
            values = [value for value in column if value is not None]
            if values:
                for name, share in _SHARES.items():
                    found[case, f"{what} {name}", unit] = percentile(values, share)
    return found


def _run(
    connect: Callable[[], psycopg.Connection[Any]], work: Callable[[], pgbench.Load]
) -> tuple[list[Sample], pgbench.Load]:
    """Look at the standbys from when the work has settled until it ends."""
    ended = threading.Event()
    samples: list[Sample] = []
    problems: list[psycopg.Error] = []

    def look() -> None:
        try:
            with connect() as connection:
                ended.wait(SETTLE_S)
                due = time.monotonic()
                while not ended.wait(max(0.0, due - time.monotonic())):
                    samples.extend(_sample(row) for row in connection.execute(_QUERY))
                    due += EVERY_S
        except psycopg.Error as error:
            problems.append(error)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        done = work()
    finally:
        ended.set()
        watcher.join(30)
    if problems:
        message = f"looking at pg_stat_replication failed: {problems[0]}"
        raise RuntimeError(message)
    return samples, done


def _sample(row: Sequence[Any]) -> Sample:
    kind = str(row[0])
    numbers = [None if value is None else float(value) for value in row[1:]]
    return Sample(kind=kind, write=numbers[0], flush=numbers[1], replay=numbers[2], bytes_behind=numbers[3])
