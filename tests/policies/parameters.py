"""Helper: cases of parameters in the group of the compliant stack."""

from typing import Any

from policies.values import UNKNOWN, UNSET
from tests.policies.cloud_world import AWS
from tests.policies.tables import Rows, Says

GROUP = "ParameterGroup:postgres"
_GIVEN = AWS["aws:rds/parameterGroup:ParameterGroup/postgres"]["parameters"]


def with_value(name: str, value: object) -> list[Any]:
    """Return the group's parameters with another value of one, or without it."""
    others = [one for one in _GIVEN if one["name"] != name]
    return others if value is UNSET else [*others, {"name": name, "value": value}]


def parameter_table(name: str, *, bad: list[object], good: list[object], says: str) -> tuple[Rows, Rows, Rows, Says]:
    """Return FIRES, PASSES, CANNOT_TELL and SAYS of a parameter; the first bad value is what the message shows."""
    rows: Rows = [(GROUP, "parameters", with_value(name, one)) for one in (*bad, UNSET, "", "twelve", [])]
    twice = [*_GIVEN, {"name": name, "value": bad[0]}]
    unknown: Rows = [
        (GROUP, "parameters", UNKNOWN),
        (GROUP, "parameters", with_value(name, UNKNOWN)),
        (GROUP, "parameters", [*with_value(name, UNSET), UNKNOWN]),
        (GROUP, "parameters", [*with_value(name, UNSET), {"name": UNKNOWN, "value": "1"}]),
    ]
    return (
        [*rows, (GROUP, "parameters", twice)],
        [(GROUP, "parameters", with_value(name, one)) for one in good],
        unknown,
        [(GROUP, "parameters", with_value(name, bad[0]), f"parameter {name} is {says}")],
    )
