"""The checks of policies in JSON that many rules have in common."""

from collections.abc import Callable, Iterator

from policies.checks import Check
from policies.documents import Malformed, Statement, statements_of
from policies.rule import Finding, Limits, Resource
from policies.values import UNKNOWN, UNSET, at

__all__ = ["forbid_statements", "statement_name"]


def statement_name(statement: Statement, number: int) -> str:
    """Return how a message names a statement: by its id, else by its place."""
    return f"statement {statement.sid}" if statement.sid.isalnum() else f"statement {number}"


def forbid_statements(
    *path: str, refuse: Callable[[Statement], str], allowed: str, unset: bool = True, malformed: bool = True
) -> Check:
    """Refuse a policy that has a statement of which `refuse` says what is wrong; an empty text is none.

    `unset` says whether a resource may have no policy; `malformed` whether what is no policy is this rule's to refuse,
    where several look at the same one.
    """

    def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
        try:
            yield from _judge(resource, path, refuse, allowed, unset=unset)
        except Malformed as error:
            if malformed:
                found, wanted = str(error), f"a policy in JSON, and {allowed}"
                yield Finding(resource=resource, where=".".join(path), found=found, allowed=wanted)

    return check


def _judge(
    resource: Resource, path: tuple[str, ...], refuse: Callable[[Statement], str], allowed: str, *, unset: bool
) -> Iterator[Finding]:
    where = ".".join(path)
    statements = statements_of(at(resource.properties, *path))
    if statements is UNKNOWN or statements is UNSET:
        if statements is UNKNOWN or not unset:
            yield Finding.judge(resource, where, statements, found="unset", allowed=allowed)
        return
    for number, statement in enumerate(statements, 1):
        wrong = refuse(statement)
        if wrong:
            place = f"{where}, {statement_name(statement, number)},"
            yield Finding(resource=resource, where=place, found=wrong, allowed=allowed)
