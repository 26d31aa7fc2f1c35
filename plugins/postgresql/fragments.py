"""Pieces of SQL that are code by nature: types and default expressions of a function's arguments.

They cannot be passed as values, so each is read sign by sign, and refused unless it is one closed piece: it can neither
end the statement nor add to it.
"""

import re
from typing import Final

__all__ = ["fault"]

_TOKEN: Final = re.compile(r"""'[^'\\\0]*'|"[^"\\\0]*"|--|/\*|[^\s\w]""")
_FORBIDDEN: Final = {
    ";": "a semicolon",
    "\\": "a backslash",
    "$": "a dollar sign",
    "\0": "a zero byte",
    "'": "an open quote, or a backslash in quotes",
    '"': "an open quote, or a backslash in quotes",
    "--": "a comment",
    "/*": "a comment",
    ",": "a comma outside of parentheses",
}


def fault(text: str) -> str | None:
    """Return what makes `text` unfit to be one piece of SQL, None where it is fit."""
    depth, forbidden = 0, None
    for token in _TOKEN.findall(text):
        depth += (token == "(") - (token == ")")
        inside = token == "," and depth > 0
        if depth < 0 or (token in _FORBIDDEN and not inside):
            forbidden = _FORBIDDEN.get(token, "a ) without its (")
            break
    if forbidden is None and depth > 0:
        forbidden = "an open ("
    return forbidden or (None if text.strip() else "nothing in it")
