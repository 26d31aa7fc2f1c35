"""Markdown that nobody can break out of: names, values and messages come from programs, servers and strangers.

Inside `<code>` GitHub makes neither mentions nor links to issues; and everything that Markdown or a table's cell would
read as more than text is written as a character reference.
"""

import html
import re
from collections.abc import Iterable
from typing import Final

__all__ = ["block", "code", "details", "row", "table"]

_STRUCTURE: Final = re.compile(r"[^\w ,;%+/=?.…→↵:()\"'-]|_|:(?=/)|(?<=www)\.", re.IGNORECASE)
# Control characters, and those that turn the direction of writing or are not seen: a name may not lie about itself.
_UNSEEN: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_LINES: Final = re.compile(r"\r\n?|\n|\u2028|\u2029|\v|\f")


def _visible(text: str) -> str:
    """The text with a mark for what could not be seen; half a surrogate pair cannot be sent at all."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", whole)


def code(text: str) -> str:
    """A piece of foreign text in one line, as code."""
    line = _visible(" ↵ ".join(_LINES.split(text)).replace("\t", " "))
    escaped = _STRUCTURE.sub(lambda match: f"&#{ord(match[0])};", line)
    return f"<code>{escaped}</code>" if escaped.strip() else ""


def block(text: str) -> str:
    """Foreign text of several lines; nothing in it is read as Markdown."""
    lines = [_visible(line.replace("\t", "    ")) for line in _LINES.split(text)]
    return f"<pre>{html.escape(chr(10).join(lines), quote=True)}</pre>"


def row(cells: Iterable[str]) -> str:
    """A row of a table; each cell is Markdown that has no line ends and no bare `|` in it."""
    return f"| {' | '.join(cells)} |"


def table(heads: Iterable[str], rows: Iterable[str]) -> list[str]:
    """A table's lines out of rows that `row` made."""
    heads = list(heads)
    return [row(heads), row("---" for _ in heads), *rows]


def details(summary: str, lines: Iterable[str], *, opened: bool = False) -> list[str]:
    """Lines that are shown when asked for; the summary is HTML."""
    tag = "<details open>" if opened else "<details>"
    return [f"{tag}<summary>{summary}</summary>", "", *lines, "", "</details>", ""]
