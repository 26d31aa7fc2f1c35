"""What a benchmark gives: figures of several runs, as a table for people and as JSON for comparison. Pure."""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Self

__all__ = ["Figure", "Result", "number", "percentile", "table"]

_HUNDREDTHS_BELOW = 10
_TENTHS_BELOW = 100


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed, interpolated between neighbours; NaN of nothing."""
    if not values:
        return math.nan
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def number(value: float) -> str:
    """A measured number with as many digits as it deserves: `0.42`, `12.3`, `4,310`; `-` for NaN."""
    if math.isnan(value):
        return "-"
    if value == int(value) or abs(value) >= _TENTHS_BELOW:
        return f"{value:,.0f}"
    return f"{value:.2f}" if abs(value) < _HUNDREDTHS_BELOW else f"{value:.1f}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity, measured several times.

    Attributes:
        case: What was done, such as `kill -9 of the node`.
        what: What was measured, such as `write outage`.
        unit: `s`, `ms`, `bytes`, `rows`, `1/s`.
        runs: One value a run, in order.
        compare: What to hold it against: a target, or somebody else's figure.
        detail: Kept in the JSON, left out of the table.
    """

    case: str
    what: str
    unit: str
    runs: tuple[float, ...]
    compare: str = ""
    detail: bool = False

    @property
    def median(self) -> float:
        """Median of the runs; NaN where none succeeded."""
        return statistics.median(self.runs) if self.runs else math.nan

    def as_json(self) -> dict[str, Any]:
        """Plain values; an unknown median is null, since JSON has no NaN."""
        return {
            "case": self.case,
            "what": self.what,
            "unit": self.unit,
            "median": round(self.median, 4) if self.runs else None,
            "minimum": round(min(self.runs), 4) if self.runs else None,
            "maximum": round(max(self.runs), 4) if self.runs else None,
            "runs": [round(value, 4) for value in self.runs],
            "compare": self.compare,
            "detail": self.detail,
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """What `as_json` gave; KeyError where it did not."""
        names = ("case", "what", "unit", "compare", "detail")
        return cls(runs=tuple(content["runs"]), **{name: content[name] for name in names})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Result:
    """What one part measured.

    Attributes:
        name: The part; its file is `<name>.json`.
        settings: What it was measured with: clients, seconds, time-outs.
        figures: In the order of the table.
        notes: What a reader must know, such as a run that failed.
    """

    name: str
    settings: Mapping[str, Any]
    figures: Sequence[Figure]
    notes: Sequence[str] = ()

    def as_json(self, conditions: Mapping[str, Any]) -> dict[str, Any]:
        """The content of `<name>.json`; `conditions` are time, machine and load."""
        return {
            "name": self.name,
            **conditions,
            "settings": dict(self.settings),
            "figures": [figure.as_json() for figure in self.figures],
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """What `as_json` gave, without its conditions; KeyError where it did not."""
        figures = [Figure.from_json(figure) for figure in content["figures"]]
        return cls(name=content["name"], settings=content["settings"], figures=figures, notes=content["notes"])


def table(result: Result) -> str:
    """The figures under each other: case, what, median, range, runs, comparison."""
    head = ("case", "what", "median", "range", "runs", "compare with")
    rows = [_row(figure) for figure in result.figures if not figure.detail]
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    lines = [result.name, _line(head, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(row, widths) for row in rows]
    return "\n".join([*lines, *(f"note: {note}" for note in result.notes)])


def _row(figure: Figure) -> tuple[str, ...]:
    low, high = (min(figure.runs), max(figure.runs)) if figure.runs else (math.nan, math.nan)
    spread = "-" if math.isnan(low) else f"{number(low)} to {number(high)}"
    median = f"{number(figure.median)} {figure.unit}"
    return figure.case, figure.what, median, spread, str(len(figure.runs)), figure.compare


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    numbers = {2, 3, 4}
    padded = [
        cell.rjust(width) if column in numbers else cell.ljust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return "  ".join(padded).rstrip()
