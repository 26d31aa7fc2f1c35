"""Making a problem of the report; shared by the rules of all kinds of servers."""

from __future__ import annotations

from walletdb.report import Problem, Severity

__all__ = ["MENDS", "problem"]

MENDS = "`make up` mends it; the server's log says why"


def problem(severity: Severity, code: str, part: str, text: str, fix: str = "") -> Problem:
    """One thing that is not as it should be; the meanings are the fields'."""
    return Problem(severity=severity, code=code, part=part, text=text, fix=fix)
