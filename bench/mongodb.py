"""MongoDB: what the service's client costs, what a failure of the primary costs, and how soon a set is ready."""

from __future__ import annotations

import pymongo

from bench import mongo_load, mongo_outage, mongo_start
from bench.figures import Figure, Result
from bench.session import Session
from localproc import mongod_program
from tests.fixtures.mongo_set import MongoSet

__all__ = ["measure"]

READY_RUNS = 3
"""From nothing to a ready set at most so often."""

_READY = "by hand 3.3 s (election time-out 2 s) to 12.9 s (10 s)"


def measure(session: Session) -> Result:
    """From nothing to ready; loads with `MongoService` and with PyMongo alone; then failures of the primary."""
    options = session.options
    # First, and before there is a stack: the time to start is that of a machine that does nothing else.
    found = _ready(session)
    stack = session.stack
    members = MongoSet.of(stack.directory)
    found += _loads(session, str(stack.outputs()["mongodb"]["uri"]), members)
    outages, notes = mongo_outage.measure(stack, members, options.runs, session.say)
    settings = {
        "runs": options.runs,
        "seconds": options.seconds,
        "tasks": mongo_load.TASKS,
        "documents": mongo_load.DOCUMENTS,
        "members": len(members.ports),
        "mongod": mongod_program.find().version,
        "pymongo": pymongo.version,
        "write_concern": "majority, on disk",
        "tls": "1.3, verified",
        "election_timeouts_ms": [mongo_outage.DEFAULT_MS, mongo_outage.TUNED_MS],
    }
    return Result(name="mongodb", settings=settings, figures=[*found, *outages], notes=notes)


def _ready(session: Session) -> list[Figure]:
    runs = []
    for _ in range(min(READY_RUNS, session.options.runs)):
        with mongo_start.started() as started:
            session.say(f"mongodb: from nothing, a write was acknowledged after {started.ready_s:.1f} s")
            runs.append(started)
    case, ready = "nothing to replica set ready", tuple(run.ready_s for run in runs)
    return [
        Figure(case=case, what="first process begun to first majority write", unit="s", runs=ready, compare=_READY),
        Figure(case=case, what="all as declared", unit="s", runs=tuple(run.declared_s for run in runs), detail=True),
    ]


def _loads(session: Session, uri: str, members: MongoSet) -> list[Figure]:
    """Every operation both ways, as often as asked for; who goes first changes from run to run."""
    options, found = session.options, []
    session.say(f"mongodb: making {mongo_load.DOCUMENTS} documents")
    with members.client() as client:
        uri = mongo_load.prepare(client, uri)
    for operation in mongo_load.OPERATIONS:
        loads: dict[str, list[mongo_load.Load]] = {way: [] for way in mongo_load.WAYS}
        for run in range(options.runs):
            for way in list(mongo_load.WAYS) if run % 2 == 0 else reversed(list(mongo_load.WAYS)):
                loads[way].append(mongo_load.load(way, operation, uri, seconds=options.seconds))
            shown = ", ".join(f"{way} {done[-1].per_s:.0f}/s" for way, done in loads.items())
            session.say(f"mongodb, {operation}, run {run + 1}: {shown}")
        found += mongo_load.figures(operation, loads)
    with members.client() as client:
        mongo_load.remove(client)
    return found
