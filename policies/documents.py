"""Reads policies in JSON: of IAM, of KMS keys, buckets, secrets, topics, vaults.

The language lets a statement be alone or in a list, and so an action, a resource and a principal; it has negated forms
of each, in which everything that is not named counts. Here all of these look alike.
"""

import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.arns import parts_of
from policies.networks import network_of
from policies.values import UNKNOWN, UNSET

__all__ = ["Malformed", "Statement", "statements_of"]

_EVERYBODY = "*"
_NARROWING = frozenset(
    {
        *("aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn", "aws:userid"),
        *("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceip"),
        *("aws:principaltag", "kms:calleraccount", "kms:viaservice", "sts:externalid"),
    }
)
_IDS = frozenset(
    {"aws:principalorgid", "aws:principalaccount", "aws:sourceaccount", "aws:sourceorgid", "kms:calleraccount"}
)
"""Of those, the ones whose values are ids, which are whole or anybody's."""
_SHORTEST_PREFIX = {4: 8, 6: 32}
"""The shortest prefix of a network that is somebody's, by the version of the protocol."""


class Malformed(ValueError):  # noqa: N818 - it is a judgement, not a failure of ours
    """The text is no policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement, its names as lists, in lower case where AWS ignores it."""

    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_resources: tuple[str, ...]
    principals: tuple[str, ...]
    """Values of every kind: accounts, ARNs, services, `*`; empty where the policy has none, as an identity's."""
    not_principals: tuple[str, ...]
    conditions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def does(self, action: str) -> bool:
        """Whether it is about an action."""
        wanted = action.lower()
        if self.not_actions:
            return not any(fnmatch.fnmatchcase(wanted, one) for one in self.not_actions)
        return any(fnmatch.fnmatchcase(wanted, one) for one in self.actions)

    @property
    def everything(self) -> bool:
        """Whether it is about every resource; of those with `NotResource` everything else is."""
        return bool(self.not_resources) or _EVERYBODY in self.resources

    @property
    def everybody(self) -> bool:
        """Whether it is about every principal, known to AWS or not."""
        return bool(self.not_principals) or any(one in {_EVERYBODY, "arn:aws:iam::*:root"} for one in self.principals)

    @property
    def narrowed(self) -> bool:
        """Whether a condition says who may, by organisation, account, ARN, network or the service that asks."""
        return any(
            _says_who(key.lower().partition("/")[0], _texts(operands))
            for operator, keys in self.conditions.items()
            if not operator.lower().startswith(("stringnot", "arnnot", "notip", "null"))
            and not operator.lower().endswith("ifexists")
            for key, operands in keys.items()
        )


def statements_of(document: Any) -> Any:
    """Return the statements of a policy, given as text or as an object: a list, or `UNKNOWN`, or `UNSET`.

    Raises:
        Malformed: it is no policy; what cannot be read must not pass.
    """
    if document is UNKNOWN or document is UNSET or document == "":
        return UNSET if document == "" else document
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            raise Malformed("a text that is no JSON") from None
    if not isinstance(document, dict):
        raise Malformed("null" if document is None else f"a {type(document).__name__}")
    found = document.get("Statement", UNSET)
    if found is UNKNOWN:
        return UNKNOWN
    entries = found if isinstance(found, list) else [found]
    if UNKNOWN in entries:
        return UNKNOWN
    if not entries or not all(isinstance(entry, dict) for entry in entries):
        raise Malformed("an object without statements")
    return [_statement(entry) for entry in entries]


def _statement(entry: Mapping[str, Any]) -> Statement:
    effect = entry.get("Effect")
    if effect not in {"Allow", "Deny"}:
        raise Malformed("a statement whose Effect is neither Allow nor Deny")
    conditions = entry.get("Condition") or {}
    if not isinstance(conditions, dict) or not all(isinstance(one, dict) for one in conditions.values()):
        raise Malformed("a statement whose Condition is no object of objects")
    return Statement(
        sid=str(entry.get("Sid", "")),
        allows=effect == "Allow",
        actions=tuple(one.lower() for one in _texts(entry.get("Action"))),
        not_actions=tuple(one.lower() for one in _texts(entry.get("NotAction"))),
        resources=tuple(_texts(entry.get("Resource"))),
        not_resources=tuple(_texts(entry.get("NotResource"))),
        principals=tuple(_principals(entry.get("Principal"))),
        not_principals=tuple(_principals(entry.get("NotPrincipal"))),
        conditions=conditions,
    )


def _principals(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _texts(one)
    else:
        yield from _texts(value)


def _texts(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    return [one for one in entries if isinstance(one, str)]


def _says_who(key: str, operands: list[str]) -> bool:
    """Whether a condition on a key holds for some only: it has values, and none of them is anybody's."""
    return key in _NARROWING and bool(operands) and not any(_is_open(key, one) for one in operands)


def _is_open(key: str, operand: str) -> bool:
    """Whether a value is anybody's: a wildcard where the account stands, or a network as wide as a continent's."""
    if not operand.strip("*?"):
        return True
    if key in _IDS:
        return any(one in operand for one in ("*", "?", "${"))
    network = network_of(operand)
    if network is not None:
        return network.prefixlen < _SHORTEST_PREFIX[network.version]
    if operand.startswith("arn:"):
        parts = parts_of(operand)
        # A bucket's ARN has no account, and its name is the only one in the world.
        account = (parts[4] or parts[5][:1]) if parts else "*"
        return "*" in account or "?" in account
    return False
