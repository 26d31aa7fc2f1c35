"""Until when a version of a server is maintained, with the source of each date.

A date is the last day on which its makers mend it. PostgreSQL: https://www.postgresql.org/support/versioning/; RDS
mends a major for as long as its makers do, and some months longer, which are for the upgrade. MongoDB, which Atlas
follows: https://www.mongodb.com/legal/support-policy/lifecycles. Only majors that are maintained for years, no rapid
releases. As of 2026-03.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

__all__ = ["MONGODB", "POSTGRESQL", "major_of", "problem"]

POSTGRESQL: Final[Mapping[str, dt.date]] = {
    "13": dt.date(2025, 11, 13),
    "14": dt.date(2026, 11, 12),
    "15": dt.date(2027, 11, 11),
    "16": dt.date(2028, 11, 9),
    "17": dt.date(2029, 11, 8),
    "18": dt.date(2030, 11, 14),
}
MONGODB: Final[Mapping[str, dt.date]] = {
    "6.0": dt.date(2025, 7, 31),
    "7.0": dt.date(2027, 8, 31),
    "8.0": dt.date(2029, 10, 31),
}
_VERSION = re.compile(r"(\d+)(?:\.(\d+))?(?:[.-].*)?")


def major_of(text: str, *, parts: int) -> str:
    """Return the major version of a text (`17` of `17.5`, `8.0` of `8.0.4`), empty where there is none."""
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        return ""
    return found[1] if parts == 1 else f"{found[1]}.{found[2] or 0}"


def problem(major: str, table: Mapping[str, dt.date], today: dt.date, notice_days: int) -> str:
    """Say what is wrong with a version, empty if nothing is."""
    end = table.get(major)
    if end is None:
        return f"{major}, which policies/versions.py does not know"
    if end < today:
        return f"{major}, which has not been maintained since {end}"
    if (end - today).days < notice_days:
        return f"{major}, which is maintained until {end} only"
    return ""
