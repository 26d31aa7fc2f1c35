"""What a failover or a switchover comes to, whatever kind of cluster it was of."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Annotated

from walletdb.control import Action

__all__ = ["MOVE_DEADLINE_S", "Move", "Tell"]

MOVE_DEADLINE_S = 60.0
"""A dead leader's key lives for one ttl (20 s), a rewind of the old leader takes some seconds more."""

Tell = Callable[[str], None]
"""Gets a line for each step."""


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """What happened. Seconds count from the request; null: not within the deadline."""

    action: Annotated[Action, "what was asked for"]
    cluster: Annotated[str, "its name"]
    old_leader: Annotated[str | None, "who led before: held the leader key, or was primary"]
    new_leader: Annotated[str, "who leads now"]
    led_after_s: Annotated[float | None, "the new leader has the leader key, or is primary"]
    writable_after_s: Annotated[
        float | None, "it committed a write that came through the writer; of a replica set: acknowledged by a majority"
    ]
    streaming_after_s: Annotated[
        float | None, "all members that were alive stream from it, and as wanted synchronously; have that write"
    ]
    missing: Annotated[tuple[str, ...], "members with data that do not follow it, dead ones included"]
