"""How Atlas spells what others spell differently: regions, TLS versions, days, actions, tags."""

import re
from collections.abc import Mapping

__all__ = ["NAME", "TLS_MINIMUM", "action", "atlas_tags", "cluster_name", "maintenance_day", "region", "snapshot_day"]

NAME = "mongodb"
"""Of the cluster in the program, and the beginning of the names of what belongs to it."""
TLS_MINIMUM = {"TLSv1.2": "TLS1_2", "TLSv1.3": "TLS1_3"}
"""TLS 1.3 is the highest minimum that Atlas offers."""
_WEEKDAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_NOT_IN_ACTIONS = frozenset({"indexStats"})
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_NOT_IN_TAGS = re.compile(r"[^A-Za-z0-9 ;@_.+-]")


def region(aws_region: str) -> str:
    """Return `EU_CENTRAL_1` for `eu-central-1`."""
    return aws_region.upper().replace("-", "_")


def cluster_name(stack: str) -> str:
    """Return the name of a stack's cluster in Atlas; its first 23 letters are in the hosts' names."""
    return f"fashion-wallet-{stack}"


def maintenance_day(day: str) -> int:
    """Return the number of a day for maintenance windows: Sunday is 1, Saturday 7."""
    return _WEEKDAYS.index(day) + 1


def snapshot_day(day: str) -> int:
    """Return the number of a day for weekly snapshots: Monday is 1, Sunday 7."""
    return _WEEKDAYS.index(day) or len(_WEEKDAYS)


def action(name: str) -> str | None:
    """Return Atlas's name of an action of MongoDB, `COLL_STATS` for `collStats`; None: its roles cannot have it.

    https://www.mongodb.com/docs/api/doc/atlas-admin-api-v2/operation/operation-creategroupcustomdbrolerole
    """
    return None if name in _NOT_IN_ACTIONS else _CAPITAL.sub("_", name).upper()


def atlas_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags with a hyphen for each character that Atlas does not take in them."""
    return {_NOT_IN_TAGS.sub("-", key): _NOT_IN_TAGS.sub("-", value) for key, value in tags.items()}
