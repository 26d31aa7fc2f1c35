"""A replica set has a majority, and a copy of the data, when one member is lost.

Judged when the set is: new members run by then, and members that go are only deleted after it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limit, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, identifier, show
from policies.wire import MONGO_REPLICA_SET

__all__ = ["RULE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Count:
    """How many members are something, and how many more may be; any number where the list is unknown."""

    known: int
    unknown: float

    @classmethod
    def of(cls, answers: list[Any]) -> "_Count":
        """Count answers, each true, false or `UNKNOWN`."""
        return cls(known=sum(answer is True for answer in answers), unknown=answers.count(UNKNOWN))


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Count the voters, those of them with data, and those that may lead. Every member votes."""
    members = at(resource.properties, "members")
    if not isinstance(members, list) and members is not UNKNOWN:
        allowed = "a list with name, arbiter and priority of each"
        yield Finding(resource=resource, where="members", found=show(members, identifier), allowed=allowed)
        return
    voters, with_data, leaders = _counts(members)
    minimum = limits["minimum"]
    if voters.known < minimum or voters.known % 2 == 0 or voters.unknown:
        yield Finding(
            resource=resource,
            where="the number of voters",
            found=str(voters.known),
            allowed=f"an odd number, {minimum} or more",
            cannot_tell=voters.unknown > 0 and voters.known + voters.unknown >= minimum,
        )
    for where, count, least in (
        ("the number of members with data", with_data, limits["minimumWithData"]),
        ("the number of members with data and a priority above 0", leaders, 1),
    ):
        if count.known < least:
            yield Finding(
                resource=resource,
                where=where,
                found=str(count.known),
                allowed=f"{least} or more",
                cannot_tell=count.known + count.unknown >= least,
            )


def _counts(members: Any) -> tuple[_Count, _Count, _Count]:
    """Return the voters, those with data, and those of them that may lead."""
    if members is UNKNOWN:
        any_number = _Count(known=0, unknown=inf)
        return any_number, any_number, any_number
    named: dict[str, Any] = {}
    nameless: list[Any] = []
    for member in members:
        name = at(member, "name")
        if isinstance(name, str) and name:
            named.setdefault(name, member)
        elif name is UNKNOWN:
            nameless.append(member)
    entries = [*named.values(), *nameless]
    votes = [True] * len(named) + [UNKNOWN] * len(nameless)
    data = [_both(vote, _not_arbiter(at(entry, "arbiter"))) for vote, entry in zip(votes, entries, strict=True)]
    leads = [_both(one, _above_zero(at(entry, "priority"))) for one, entry in zip(data, entries, strict=True)]
    return _Count.of(votes), _Count.of(data), _Count.of(leads)


def _not_arbiter(value: Any) -> Any:
    return UNKNOWN if value is UNKNOWN else value is False


def _above_zero(value: Any) -> Any:
    if value is UNKNOWN:
        return UNKNOWN
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _both(one: Any, other: Any) -> Any:
    """Return whether both are true, each true, false or `UNKNOWN`."""
    if one is False or other is False:
        return False
    return UNKNOWN if UNKNOWN in (one, other) else True


RULE = ResourceRule(
    id="mongo-replica-set-keep-majority",
    title="A replica set has three voters or more, an odd number, and two with data.",
    severity=Severity.HIGH,
    reason="when one of fewer voters is lost, the rest elect nobody and nothing can be written; a single copy of the "
    "data goes with its member; a voter that makes their number even can fail and lets no further one fail",
    fix="set fashion-wallet:mongodb members to 3 or 5, or to 2 with arbiter, and leave one of the priorities above 0",
    spec=("7.1.2",),
    link="https://www.mongodb.com/docs/manual/core/replica-set-architectures/",
    limits=(
        Limit(
            name="minimum",
            schema={"type": "integer", "minimum": 1, "maximum": 7},
            default=3,
            meaning="The least number of voters, the arbiter included.",
        ),
        Limit(
            name="minimumWithData",
            schema={"type": "integer", "minimum": 1, "maximum": 7},
            default=2,
            meaning="The least number of members with data: all but the arbiter.",
        ),
    ),
    absent="A member without a name does not count; it has data only where `arbiter` is false, and may lead only "
    "with data and a priority above 0; unset is neither. A set without `members` is a violation.",
    types=(MONGO_REPLICA_SET,),
    example=Example(
        refused='members=[{"name": "mongodb-1"}, {"name": "mongodb-2"}]',
        taken="members of mongodb-1, mongodb-2, mongodb-3",
    ),
    check=check,
)
