"""Which parts of a document or a query are encrypted fields: a walk over plain values that knows no cipher.

A path leads through sub-documents, and through arrays to each sub-document in them: `contacts.email` means the e-mail
of every contact. The value at its end is encrypted as a whole. What is missing on the way is skipped. Names with dots,
places in arrays and operators (`contacts.0.email`, `contacts.$[].email`, `$set`) lead where they lead in MongoDB.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal, TypeGuard

from bson.binary import Binary
from bson.decimal128 import Decimal128

from walletdb.services.errors import EncryptionSettingsError, FieldQueryError, FieldValueError

__all__ = ["ENCRYPTED_SUBTYPE", "Field", "FieldTree", "encrypted_query", "is_encrypted", "opened", "sealed"]

ENCRYPTED_SUBTYPE = 6
"""BSON's subtype of an encrypted value (https://bsonspec.org/spec.html)."""

Mode = Literal["deterministic", "random"]

_NO_EQUALITY = (bool, float, Decimal128, Mapping, list, tuple)
"""What libmongocrypt does not encrypt deterministically."""
_LOGICAL = frozenset({"$and", "$or", "$nor"})
_HARMLESS = frozenset({"$comment", "$text"})
_ONE = frozenset({"$eq", "$ne"})
_MANY = frozenset({"$in", "$nin"})


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """An encrypted field: its path with dots, and how it is encrypted."""

    path: str
    mode: Mode


@dataclasses.dataclass(frozen=True)
class FieldTree:
    """The encrypted fields of one collection, by the parts of their paths."""

    branches: Mapping[str, FieldTree | Field]

    @classmethod
    def of(cls, collection: str, paths: Mapping[str, str]) -> FieldTree:
        """From `{"email": "deterministic", "contacts.phone": "random"}`.

        Raises:
            EncryptionSettingsError: a mode is neither, a path is no path, or one path leads through another.
        """
        root: dict[str, Any] = {}
        for path, mode in paths.items():
            parts = path.split(".")
            if mode not in {"deterministic", "random"} or not all(parts):
                raise _bad_fields(collection, f"{path!r}: {mode!r}")
            branch = root
            for part in parts[:-1]:
                branch = branch.setdefault(part, {})
                if not isinstance(branch, dict):
                    raise _bad_fields(collection, f"{path!r} leads through another encrypted field")
            if parts[-1] in branch:
                raise _bad_fields(collection, f"{path!r} leads through another encrypted field")
            branch[parts[-1]] = Field(path, "deterministic" if mode == "deterministic" else "random")
        return cls._grown(root)

    @classmethod
    def _grown(cls, branches: Mapping[str, Any]) -> FieldTree:
        return cls({name: cls._grown(each) if isinstance(each, dict) else each for name, each in branches.items()})

    def find(self, key: str) -> tuple[FieldTree | Field | None, bool]:
        """What the key of a document, an update or a query names, and whether that lies below an encrypted field.

        Numbers, `$` and `$[…]` are places in an array and lead to the same field as none; an operator to all fields.
        """
        found: FieldTree | Field | None = self
        for part in key.split("."):
            if part.isdigit() or part.startswith("$"):
                continue
            if isinstance(found, Field):
                return found, True
            found = found.branches.get(part) if found is not None else None
        return found, False


Seal = Callable[[Field, Any], Awaitable[Binary]]
Open = Callable[[Binary], Awaitable[Any]]


def is_encrypted(value: object) -> bool:
    """Whether a value is a ciphertext."""
    return isinstance(value, Binary) and value.subtype == ENCRYPTED_SUBTYPE


async def sealed(value: Any, tree: FieldTree, seal: Seal) -> Any:  # noqa: ANN401 - any BSON value
    """A copy of a document, an update or a part of one, in which the fields of `tree` are sealed.

    Raises:
        FieldValueError: a value cannot be encrypted.
    """
    if isinstance(value, Mapping):
        found = {}
        for name, each in value.items():
            branch, below = tree.find(name)
            if isinstance(branch, Field):
                if below:
                    raise _no_value(branch, f"{name}, a part of it", "a value for the whole field")
                found[name] = await _sealed_value(branch, each, seal)
            else:
                found[name] = _copy(each) if branch is None else await sealed(each, branch, seal)
        return found
    if isinstance(value, list | tuple):
        return [await sealed(each, tree, seal) for each in value]
    return value


async def opened(value: Any, open_: Open) -> Any:  # noqa: ANN401 - any BSON value
    """A copy of a document, or of a part of one, in which every ciphertext is opened, wherever it is."""
    if isinstance(value, Mapping):
        return {name: await opened(each, open_) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [await opened(each, open_) for each in value]
    return await open_(value) if is_encrypted(value) else value


async def encrypted_query(query: Mapping[str, Any], tree: FieldTree, seal: Seal) -> dict[str, Any]:
    """A copy of a filter in which the values of encrypted fields are sealed, so that none is sent in clear.

    Raises:
        FieldQueryError: it asks an encrypted field for what its ciphertext cannot tell.
        FieldValueError: a value cannot be encrypted.
    """
    found: dict[str, Any] = {}
    for key, wanted in query.items():
        if key in _LOGICAL and isinstance(wanted, list | tuple):
            found[key] = [await encrypted_query(each, tree, seal) for each in wanted]
        elif key.startswith("$"):
            if key not in _HARMLESS:
                raise _refused(key, f"{key}, which may name encrypted fields in ways that are not looked into")
            found[key] = wanted
        else:
            named, below = tree.find(key)
            if named is None:
                found[key] = _copy(wanted)
            elif isinstance(named, Field):
                if below:
                    raise _refused(key, f"a part of the encrypted field {named.path}")
                found[key] = await _condition(key, named, wanted, seal)
            else:
                found[key] = await _of_parent(key, named, wanted, seal)
    return found


async def _condition(key: str, field: Field, wanted: object, seal: Seal) -> object:
    """The condition on one encrypted field."""
    if not _is_operators(wanted):
        return await _comparison(key, field, wanted, seal)
    found: dict[str, Any] = {}
    for operator, value in wanted.items():
        if operator == "$exists":
            found[operator] = value
        elif operator in _ONE:
            found[operator] = await _comparison(key, field, value, seal)
        elif operator in _MANY and isinstance(value, list | tuple):
            found[operator] = [await _comparison(key, field, each, seal) for each in value]
        else:
            raise _refused(key, f"operator {operator}")
    return found


async def _comparison(key: str, field: Field, value: object, seal: Seal) -> object:
    if value is None or is_encrypted(value):
        return value  # None asks whether the field is missing
    if field.mode != "deterministic":
        raise _refused(key, "equality, but the field is encrypted at random: equal values have other ciphertexts")
    return await _sealed_value(field, value, seal)


async def _of_parent(key: str, tree: FieldTree, wanted: object, seal: Seal) -> object:
    """The condition on a sub-document, or an array of them, that has encrypted fields."""
    if wanted is None:
        return None
    if not _is_operators(wanted) or not wanted.keys() <= {"$elemMatch", "$exists", "$size"}:
        raise _refused(key, "a whole sub-document that has encrypted fields")
    found = dict(wanted)
    if "$elemMatch" in found:
        found["$elemMatch"] = await encrypted_query(found["$elemMatch"], tree, seal)
    return found


async def _sealed_value(field: Field, value: Any, seal: Seal) -> Binary:  # noqa: ANN401 - any BSON value
    if is_encrypted(value):
        sealed_already: Binary = value
        return sealed_already
    if value is None:
        raise _no_value(field, "None", "a value; leave the field out, or $unset it, where there is none")
    if field.mode == "deterministic" and isinstance(value, _NO_EQUALITY):
        raise _no_value(field, f"a value of type {type(value).__name__}", "text, whole numbers, bytes, points of time")
    return await seal(field, value)


def _is_operators(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping) and any(str(name).startswith("$") for name in value)


def _copy(value: Any) -> Any:  # noqa: ANN401 - any BSON value
    """Containers are copied, so that nothing is shared with the caller's document; values do not change."""
    if isinstance(value, Mapping):
        return {name: _copy(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(each) for each in value]
    return value


def _no_value(field: Field, got: str, allowed: str) -> FieldValueError:
    return FieldValueError(
        f"field {field.path} ({field.mode}) cannot be encrypted",
        got=got,
        allowed=allowed,
        fix="change the value, or the field's algorithm in documents/*.yaml",
    )


def _refused(key: str, got: str) -> FieldQueryError:
    return FieldQueryError(
        f"{key} cannot be asked for like this",
        got=got,
        allowed="$eq, $ne, $in, $nin and equality of deterministic fields; $exists of any; $elemMatch above them",
        fix="ask for another field, or make the field deterministic in documents/*.yaml and encrypt its values anew",
    )


def _bad_fields(collection: str, got: str) -> EncryptionSettingsError:
    return EncryptionSettingsError(
        f"the encrypted fields of {collection} cannot be used",
        got=got,
        allowed='{"path.with.dots": "deterministic" or "random"}, no path through another',
        fix="generate walletdb/documents.py from documents/*.yaml again",
    )
