"""A text out of sections that has to fit: what must be there is there; the rest is cut by rows, and says so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

__all__ = ["LIMIT", "Section", "fitted"]

LIMIT: Final = 65_536
"""Characters that GitHub takes in a comment or an issue."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of the text.

    Attributes:
        around: Makes the section's lines out of the rows that it may have.
        rows: One line each, what matters most first. A row that is left out is counted in `cut`'s line.
        cut: Says how many rows are left out: a line in place of them.
        priority: Sections with a lower number get room first.
    """

    around: Callable[[list[str]], list[str]]
    rows: tuple[str, ...] = ()
    cut: Callable[[int], str] = str
    priority: int = 0


def fitted(sections: Iterable[Section], limit: int = LIMIT) -> str:
    """Join sections, with as many rows of each as there is room for.

    Rows never make the text longer than the limit; what surrounds them is always there.
    """
    sections = list(sections)
    kept = [0] * len(sections)
    size = sum(_size(_lines(section, 0)) for section in sections)
    for index in sorted(range(len(sections)), key=lambda one: sections[one].priority):
        section = sections[index]
        empty = _size(_lines(section, 0))
        # The most rows with which it fits: their sizes only grow, so halving finds it.
        low, high = 0, len(section.rows)
        while low < high:
            middle = (low + high + 1) // 2
            if size - empty + _size(_lines(section, middle)) <= limit:
                low = middle
            else:
                high = middle - 1
        kept[index] = low
        size += _size(_lines(section, low)) - empty
    return "\n".join(line for index, section in enumerate(sections) for line in _lines(section, kept[index]))


def _lines(section: Section, count: int) -> list[str]:
    rows = list(section.rows[:count])
    left = len(section.rows) - count
    return section.around([*rows, section.cut(left)] if left else rows)


def _size(lines: Iterable[str]) -> int:
    """Characters as GitHub may count them: a character beyond the basic plane counts twice."""
    return sum(len(line.encode("utf-16-le")) // 2 + 1 for line in lines)
