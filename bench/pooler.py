"""What PgBouncer costs and what it saves: the same load through it and straight to PostgreSQL, in turns."""

from __future__ import annotations

import dataclasses

from bench import pgbench
from bench.figures import Figure, Result
from bench.session import Session

__all__ = ["Kind", "figures", "measure"]

WARM_UP_S = 2
WAYS = {"direct": False, "PgBouncer": True}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of load.

    Attributes:
        name: As in the table.
        words: pgbench's options.
        connects: Whether every transaction connects anew; pgbench's log then leaves out the connecting, so only the
            rate tells.
    """

    name: str
    words: tuple[str, ...]
    connects: bool = False


KINDS = (
    Kind(name="select-only", words=("-S",)),
    Kind(name="TPC-B-like", words=()),
    Kind(name="select-only, a connection each", words=("-S", "-C"), connects=True),
)


def measure(session: Session) -> Result:
    """Every kind of load both ways, as often as asked for; who goes first changes from run to run."""
    options = session.options
    ways = {name: pgbench.login(session.stack, pooled=pooled) for name, pooled in WAYS.items()}
    session.say("pooler: making pgbench's tables")
    pgbench.prepare(ways["direct"])
    found: list[Figure] = []
    for kind in KINDS:
        loads: dict[str, list[pgbench.Load]] = {name: [] for name in WAYS}
        for way in ways.values():
            pgbench.load(way, seconds=WARM_UP_S, clients=options.clients, more=kind.words)
        for run in range(options.runs):
            for name in list(WAYS) if run % 2 == 0 else reversed(WAYS):
                done = pgbench.load(ways[name], seconds=options.seconds, clients=options.clients, more=kind.words)
                loads[name].append(done)
            shown = ", ".join(f"{name} {runs[-1].per_s:.0f}/s" for name, runs in loads.items())
            session.say(f"pooler, {kind.name}, run {run + 1}: {shown}")
        found += figures(kind, loads)
    settings = {
        "runs": options.runs,
        "seconds": options.seconds,
        "clients": options.clients,
        "scale": pgbench.SCALE,
        "protocol": "simple",
        "tls": "verify-full on every hop",
    }
    return Result(name="pooler", settings=settings, figures=found)


def figures(kind: Kind, loads: dict[str, list[pgbench.Load]]) -> list[Figure]:
    """Rates of both ways, their quotient run by run, and times of a transaction."""
    direct, pooled = loads["direct"], loads["PgBouncer"]
    found = [
        Figure(case=f"{kind.name}, {name}", what="transactions", unit="1/s", runs=tuple(load.per_s for load in runs))
        for name, runs in loads.items()
    ]
    found.append(
        Figure(
            case=kind.name,
            what="rate through PgBouncer / direct",
            unit="",
            runs=tuple(b.per_s / a.per_s for a, b in zip(direct, pooled, strict=True)),
        )
    )
    if not kind.connects:
        for name, runs in loads.items():
            case = f"{kind.name}, {name}"
            found.append(Figure(case=case, what="latency p50", unit="ms", runs=tuple(load.p50_ms for load in runs)))
            found.append(Figure(case=case, what="latency p99", unit="ms", runs=tuple(load.p99_ms for load in runs)))
    return found
