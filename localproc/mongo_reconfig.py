"""From the configuration that a replica set has to the declared one, one safe step at a time. Pure.

Invariant: a step changes at most one voter, and a member votes only once it has the data (it comes in without a vote,
and gets one when it is SECONDARY). MongoDB demands the first of every reconfiguration that is not forced:
https://www.mongodb.com/docs/manual/reference/command/replSetReconfig/
"""

from __future__ import annotations

import copy
import dataclasses
import enum
from collections.abc import Mapping, Sequence
from typing import Any

from localproc.mongo_client import Address, Document

__all__ = ["SETTINGS", "Action", "SetMember", "SetSettings", "Step", "first_configuration", "moved", "next_step"]

SETTINGS = "settings, priorities"
"""Purpose of the step that changes no voter."""
ARBITER_ID = 100
"""`_id` of the arbiter in the configuration; those of the others follow from the numbers in their names."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class SetMember:
    """A member as declared."""

    name: str
    host: str
    port: int
    arbiter: bool
    priority: int

    @property
    def id(self) -> int:
        """Its `_id`: it stays the same when other members come and go, and when its address changes."""
        return ARBITER_ID if self.arbiter else int(self.name.rpartition("-")[2])

    @property
    def address(self) -> Address:
        """Where it listens."""
        return Address(self.host, self.port)

    def document(self, *, votes: int = 1) -> Document:
        """Its entry in the configuration; one that has no vote cannot have a priority either."""
        return {
            "_id": self.id,
            "host": str(self.address),
            "arbiterOnly": self.arbiter,
            "priority": self.priority if votes and not self.arbiter else 0,
            "votes": votes,
        }


@dataclasses.dataclass(frozen=True, kw_only=True)
class SetSettings:
    """What the members agree on; milliseconds."""

    election_timeout_ms: int

    def document(self) -> Document:
        """The configuration's `settings`."""
        return {"electionTimeoutMillis": self.election_timeout_ms}


class Action(enum.Enum):
    """What a step does."""

    RECONFIGURE = "reconfigure"
    WAIT = "wait"
    STEP_DOWN = "have the primary step down"
    DONE = "nothing"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Step:
    """One step: the whole new configuration where it is a reconfiguration, and what it is for."""

    action: Action
    purpose: str = ""
    configuration: Document = dataclasses.field(default_factory=dict)


def first_configuration(name: str, members: Sequence[SetMember], settings: SetSettings) -> Document:
    """The configuration of a set that is new: nobody has data, so all vote from the start."""
    return {
        "_id": name,
        "version": 1,
        "writeConcernMajorityJournalDefault": True,
        "members": [member.document() for member in members],
        "settings": settings.document(),
    }


def next_step(
    current: Document, members: Sequence[SetMember], settings: SetSettings, states: Mapping[int, str]
) -> Step:
    """The next step towards the declared members and settings.

    Args:
        current: the configuration that is in force.
        members: as declared.
        settings: as declared.
        states: `_id` → state of each member as the primary sees it (`PRIMARY`, `SECONDARY`, `ARBITER`, …).
    """
    wanted = {member.id: member for member in members}
    changed = _with_settings(current, wanted, settings)
    if changed != current:
        return _reconfigure(changed, SETTINGS)
    arriving = (_arrival(current, member, states) for member in members)
    leaving = (_departure(current, entry, states) for entry in current["members"] if entry["_id"] not in wanted)
    # Whoever comes in does so before anybody goes: the data are on as many members as possible meanwhile.
    return next((step for step in (*arriving, *leaving) if step), Step(action=Action.DONE))


def _arrival(current: Document, member: SetMember, states: Mapping[int, str]) -> Step | None:
    """The next step of a declared member into the set; None when it is in."""
    entry = next((entry for entry in current["members"] if entry["_id"] == member.id), None)
    if entry is None:
        new = copy.deepcopy(current)
        new["members"].append(member.document(votes=1 if member.arbiter else 0))
        return _reconfigure(new, f"add {member.name}" + ("" if member.arbiter else ", without a vote"))
    if entry["votes"]:
        return None
    if states.get(member.id) != "SECONDARY":
        return Step(action=Action.WAIT, purpose=f"{member.name} to have copied the data")
    return _reconfigure(_replaced(current, member.document()), f"give {member.name} its vote")


def _departure(current: Document, entry: Document, states: Mapping[int, str]) -> Step:
    """The next step of a member that is not declared out of the set."""
    if states.get(entry["_id"]) == "PRIMARY":
        return Step(action=Action.STEP_DOWN, purpose=f"{entry['host']} is to leave the set")
    new = copy.deepcopy(current)
    new["members"] = [other for other in new["members"] if other["_id"] != entry["_id"]]
    return _reconfigure(new, f"remove {entry['host']}")


def moved(current: Document, member: SetMember) -> Document | None:
    """The configuration with a member's new address; None when it has it already, or is not in the set."""
    entry = next((entry for entry in current["members"] if entry["_id"] == member.id), None)
    if entry is None or entry["host"] == str(member.address):
        return None
    new = copy.deepcopy(current)
    next(entry for entry in new["members"] if entry["_id"] == member.id)["host"] = str(member.address)
    new["version"] += 1
    return new


def _with_settings(current: Document, wanted: Mapping[int, SetMember], settings: SetSettings) -> Document:
    """The configuration with everything as declared that changes no voter."""
    new = copy.deepcopy(current)
    new.setdefault("settings", {}).update(settings.document())
    for entry in new["members"]:
        member = wanted.get(entry["_id"])
        if member is not None and entry["votes"]:
            entry["priority"] = member.document()["priority"]
    return new


def _replaced(current: Document, document: Mapping[str, Any]) -> Document:
    new = copy.deepcopy(current)
    for entry in new["members"]:
        if entry["_id"] == document["_id"]:
            entry.update(document)
    return new


def _reconfigure(configuration: Document, purpose: str) -> Step:
    configuration["version"] += 1
    return Step(action=Action.RECONFIGURE, purpose=purpose, configuration=configuration)
