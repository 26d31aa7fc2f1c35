"""`walletdb failover` and `walletdb switchover`."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from walletdb.cli.options import DEFAULT_CLUSTER, DEFAULT_STACK, ClusterName, ConfigFile, Json, Stack, load
from walletdb.control import Action, Plan
from walletdb.errors import ControlError, UsageError
from walletdb.move import MOVE_DEADLINE_S, Move
from walletdb.movers import mover

__all__ = ["failover", "switchover"]

Candidate = Annotated[
    str | None,
    typer.Option(metavar="MEMBER", help="Who takes over.  [default: the fittest member]"),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Wait = Annotated[float, typer.Option(metavar="SECONDS", min=1, max=600, help="Longest time for the whole move.")]


@dataclasses.dataclass(frozen=True)
class _Request:
    cluster: str
    candidate: str | None
    yes: bool
    wait_s: float
    as_json: bool
    allow_data_loss: bool = False


def switchover(
    *,
    cluster: ClusterName = DEFAULT_CLUSTER,
    candidate: Candidate = None,
    yes: Yes = False,
    wait: Wait = MOVE_DEADLINE_S,
    as_json: Json = False,
    stack: Stack = DEFAULT_STACK,
    config: ConfigFile = None,
) -> None:
    """Hand the leader's role to a standby, planned: nothing is lost, writes pause for some seconds.

    Waits until the new leader has committed a write through the writer and all members stream from it; prints when.
    Refuses, and says why, when no synchronous standby is healthy.

    MongoDB: the primary steps down as soon as another member has all its writes. Waits until a majority acknowledged a
    write (a note in the oplog, no document) through the new primary and all members have it. Where a candidate is
    named, the others call no election meanwhile.

    \b
    Examples:
      walletdb switchover
      walletdb switchover --candidate postgres-2 --yes
      walletdb switchover --cluster mongodb --candidate mongodb-2

    Exit code: 0 done, 1 refused, failed or not all members stream, 2 wrong usage or no configuration.
    """  # noqa: D301 - \b is typer's mark for "do not wrap this"
    _run("switchover", _Request(cluster, candidate, yes=yes, wait_s=wait, as_json=as_json), stack, config)


def failover(
    *,
    cluster: ClusterName = DEFAULT_CLUSTER,
    candidate: Candidate = None,
    allow_data_loss: Annotated[
        bool,
        typer.Option(
            "--allow-data-loss",
            help="PostgreSQL: when no synchronous standby is healthy, take a replica that may lack the latest commits.",
        ),
    ] = False,
    yes: Yes = False,
    wait: Wait = MOVE_DEADLINE_S,
    as_json: Json = False,
    stack: Stack = DEFAULT_STACK,
    config: ConfigFile = None,
) -> None:
    """Make a standby the leader although the leader is dead or does not answer.

    Patroni does this by itself when a leader dies; this is for when it cannot decide, or must not wait for the ttl.
    While the leader is alive prefer switchover. Refuses, and says why, when no synchronous standby is healthy.

    MongoDB elects by itself too, after the election time-out; this asks the member that is ahead to stand at once. An
    election keeps every write that a majority acknowledged. Without a majority it refuses, whatever is allowed.

    \b
    Examples:
      walletdb failover
      walletdb failover --cluster mongodb --yes
      walletdb failover --candidate postgres-3 --allow-data-loss --yes

    Exit code: 0 done, 1 refused, failed or not all living members stream, 2 wrong usage or no configuration.
    """  # noqa: D301 - as above
    request = _Request(cluster, candidate, yes=yes, wait_s=wait, as_json=as_json, allow_data_loss=allow_data_loss)
    _run("failover", request, stack, config)


def _run(action: Action, request: _Request, stack: str, config: Path | None) -> None:
    if not request.yes and not sys.stdin.isatty():
        raise UsageError(
            f"{action} asks before it acts, and there is no terminal to ask on",
            fix=f"walletdb {action} --cluster {request.cluster} --yes",
        )
    _, loaded = load(config, stack)
    moves = mover(loaded, request.cluster)
    plan = moves.plan(action, candidate=request.candidate, allow_data_loss=request.allow_data_loss)
    if not request.yes:
        if not typer.confirm(_question(plan), err=True):
            typer.echo("nothing was changed", err=True)
            raise typer.Exit(1)
        # Time has passed: who was synchronous when the question was asked need not be it now.
        agreed = (plan.candidate, plan.may_lose)
        plan = moves.plan(action, candidate=plan.candidate, allow_data_loss=request.allow_data_loss)
        if (plan.candidate, plan.may_lose) != agreed:
            raise ControlError("the cluster changed while you were asked", fix=f"walletdb {action}, and look again")
    typer.echo(f"{plan.action} of {plan.cluster}: {plan.leader or 'no leader'} → {plan.candidate}", err=True)
    move = moves.carry_out(plan, lambda line: typer.echo(line, err=True), request.wait_s)
    typer.echo(json.dumps(dataclasses.asdict(move)) if request.as_json else _summary(move))
    raise typer.Exit(0 if move.streaming_after_s is not None else 1)


def _question(plan: Plan) -> str:
    loss = " COMMITS MAY BE LOST." if plan.may_lose else ""
    away = f" from {plan.leader}" if plan.leader else ""
    return f"{plan.action} {plan.cluster}{away} to {plan.candidate}: writes stop for some seconds.{loss} Go on?"


def _summary(move: Move) -> str:
    text = f"{move.new_leader} leads {move.cluster}, writable after {move.writable_after_s:.1f} s"
    if move.streaming_after_s is not None:
        text += f", all members follow after {move.streaming_after_s:.1f} s"
    if move.missing:
        text += f"; not following: {', '.join(move.missing)} (walletdb status)"
    return text
