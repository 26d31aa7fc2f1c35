"""Indexes: built beside those that are there, changed in place where MongoDB can, and never dropped before their time.

MongoDB tells indexes of a collection apart by keys, `unique`, `sparse` and `partialFilter`; two that differ only in the
rest (`expireAfterSeconds`) cannot be there at once, nor can two text indexes.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from bson import json_util
from pymongo.collection import Collection
from pymongo.errors import NetworkTimeout, OperationFailure

from walletdb.errors import MongoError
from walletdb.mongodb.connection import Client, Document, code_of, command, described, members_of
from walletdb.mongodb.duplicates import refuse_duplicates
from walletdb.mongodb.progress import progress_of

__all__ = [
    "IndexSpec",
    "by_name",
    "can_mend",
    "create",
    "definition",
    "differences",
    "drop",
    "find",
    "mend",
]

_MENDABLE: Final = frozenset({"hidden", "prepareUnique"})
_MISSING: Final = frozenset({26, 27})
_CLASH: Final = frozenset({67, 85, 86})
_DUPLICATE: Final = 11000
_NOT_UNIQUE: Final = 359
_TIME_LIMIT: Final = 50
_locks: Final[dict[tuple[str, str], threading.Lock]] = collections.defaultdict(threading.Lock)


@dataclasses.dataclass(frozen=True, kw_only=True)
class IndexSpec:
    """An index as it is declared."""

    database: str
    collection: str
    keys: tuple[tuple[str, int | str], ...]
    unique: bool = False
    sparse: bool = False
    expire_after_seconds: int | None = None
    partial_filter: Mapping[str, Any] | None = None
    weights: Mapping[str, int] | None = None

    def __str__(self) -> str:
        return f"{self.default_name} of {self.database}.{self.collection}"

    @property
    def default_name(self) -> str:
        """MongoDB's own name for it: `userId_1_status_1`."""
        return "_".join(f"{field}_{order}" for field, order in self.keys)

    @property
    def is_text(self) -> bool:
        """Whether it is a text index, of which a collection has one at most."""
        return any(order == "text" for _, order in self.keys)

    @property
    def words(self) -> Document:
        """The index as `createIndexes` is given it, without its name."""
        words: Document = {"key": dict(self.keys), "collation": {"locale": "simple"}}
        for word, value in (
            ("unique", self.unique or None),
            ("sparse", self.sparse or None),
            ("expireAfterSeconds", self.expire_after_seconds),
            ("partialFilterExpression", self.partial_filter),
            ("weights", self.weights),
        ):
            if value is not None:
                words[word] = value
        return words


def definition(spec: IndexSpec) -> str:
    """What no two indexes of a collection can have in common, as one text."""
    words = _comparable({**spec.words, "name": ""})
    return json_util.dumps([words["keys"], words["unique"], words["sparse"], words["partialFilter"]], sort_keys=True)


def differences(found: Mapping[str, Any], spec: IndexSpec) -> tuple[str, ...]:
    """Names of what is not as declared: inputs, or `hidden`, `prepareUnique` and `collation`, which are never."""
    is_, wanted = _comparable(found), _comparable(spec.words)
    changed = [name for name, value in wanted.items() if is_[name] != value]
    if spec.unique and "unique" in changed and "prepareUnique" in changed:
        changed.remove("prepareUnique")  # It is on its way there.
    return tuple(sorted(changed))


def by_name(client: Client, spec: IndexSpec, name: str) -> Document | None:
    """The index of that name as it is; None where it, or its collection, is gone."""
    return _all(client, spec).get(name)


def find(client: Client, spec: IndexSpec) -> str | None:
    """Name of an index that is exactly as declared; None where there is none."""
    found = _all(client, spec)
    return next((name for name, index in found.items() if not differences(index, spec)), None)


def create(client: Client, spec: IndexSpec, report: Callable[[str], None]) -> str:
    """Build the index, or adopt one that is exactly as declared, and return its name.

    The name is MongoDB's default, or the next free `name~2`, `name~3`, … where that is taken: the index that this one
    replaces goes only when this one is there. All members that hold data build it at once.

    Args:
        client: Of the whole replica set.
        spec: What to build.
        report: Told every few seconds how far a long build is.

    Raises:
        MongoError: duplicates forbid a unique index, the collection is not there, or another index is in its way.
    """
    with _locks[spec.database, spec.collection]:
        if not list(client[spec.database].list_collections(filter={"name": spec.collection})):
            raise MongoError(
                f"cannot create index {spec}: there is no collection {spec.collection} in {spec.database}",
                fix="declare the collection, and let the index depend on it",
            )
        found = _all(client, spec)
        same = next((name for name, index in found.items() if not differences(index, spec)), None)
        name = same or _free_name(spec, found)
        collection = client[spec.database][spec.collection]
        if same is None and spec.unique:
            refuse_duplicates(collection, spec, f"index {spec}")
        # Of one that is there this waits until its build, which another process may have begun, has ended.
        with progress_of(client, spec.database, spec.collection, report):
            _build(collection, spec, name)
        return name


def mend(client: Client, spec: IndexSpec, name: str) -> None:
    """Change the index of that name in place to what is declared, where MongoDB can.

    Raises:
        MongoError: the index is gone, what differs cannot be changed in place, or duplicates forbid `unique`; nothing
            was changed then.
    """
    with _locks[spec.database, spec.collection]:
        found = by_name(client, spec, name)
        if found is None:
            msg = f"index {name} of {spec.database}.{spec.collection} is gone"
            raise MongoError(msg, fix="run `pulumi up --refresh`")
        changed = differences(found, spec)
        wanted = {"unique": spec.unique, "expires": spec.expire_after_seconds is not None}
        stuck = [each for each in changed if not can_mend(each, **wanted)]
        if stuck:
            raise MongoError(
                f"index {name} of {spec.database}.{spec.collection} cannot be changed in place",
                got=f"other than declared: {', '.join(stuck)}",
                allowed="in place: another expireAfterSeconds, or unique where it was not",
                fix="run `pulumi up --refresh`, which replaces it",
            )
        collection = client[spec.database][spec.collection]
        if "unique" in changed:
            _make_unique(collection, spec, name)
        elif "prepareUnique" in changed:
            _modify(collection, name, prepareUnique=False)
        if "hidden" in changed:
            _modify(collection, name, hidden=False)
        if "expireAfterSeconds" in changed:
            _modify(collection, name, expireAfterSeconds=spec.expire_after_seconds)


def can_mend(difference: str, *, unique: bool, expires: bool) -> bool:
    """Whether MongoDB can change this in place towards an index that is, or is not, unique and has an end of life."""
    return {"unique": unique, "expireAfterSeconds": expires}.get(difference, difference in _MENDABLE)


def drop(client: Client, spec: IndexSpec, name: str) -> None:
    """Drop the index of that name; one that is gone is no error, and the index of `_id` is never touched."""
    if name == "_id_":
        return
    with _locks[spec.database, spec.collection]:
        try:
            command(client[spec.database], {"dropIndexes": spec.collection, "index": name})
        except OperationFailure as error:
            if code_of(error) not in _MISSING:
                raise


def _all(client: Client, spec: IndexSpec) -> dict[str, Document]:
    return {index["name"]: dict(index) for index in client[spec.database][spec.collection].list_indexes()}


def _free_name(spec: IndexSpec, taken: Mapping[str, Any]) -> str:
    name, number = spec.default_name, 1
    while name in taken:
        number += 1
        name = f"{spec.default_name}~{number}"
    return name


def _comparable(index: Mapping[str, Any]) -> Document:
    """An index, as found or as declared, in one form in which equal ones are equal."""
    keys = list(index["key"].items())
    text = {field: 1 for field, order in keys if order == "text" and field != "_fts"}
    if text or any(field == "_fts" for field, _ in keys):
        # MongoDB keeps the fields of a text index in its weights alone, and one key in their place.
        text = {**text, **index.get("weights", {})}
        keys = [("_fts", "text") if order == "text" else (field, order) for field, order in keys if field != "_ftsx"]
        keys = list(dict.fromkeys(keys))
    filter_ = index.get("partialFilterExpression")
    collation = index.get("collation", {}).get("locale", "simple")
    return {
        "keys": [[field, order] for field, order in keys],
        "unique": bool(index.get("unique", False)),
        "sparse": bool(index.get("sparse", False)),
        "expireAfterSeconds": index.get("expireAfterSeconds"),
        "partialFilter": json.loads(json_util.dumps(filter_)) if filter_ else None,
        "weights": text,
        "hidden": bool(index.get("hidden", False)),
        "prepareUnique": bool(index.get("prepareUnique", False)),
        "collation": collation,
    }


def _build(collection: Collection[Document], spec: IndexSpec, name: str) -> None:
    words = {
        "createIndexes": collection.name,
        "indexes": [{**spec.words, "name": name}],
        "commitQuorum": "votingMembers",
    }
    try:
        command(collection.database, words)
    except OperationFailure as error:
        if code_of(error) in _CLASH:
            raise MongoError(
                f"cannot create index {spec}: MongoDB does not let it be beside another index of this collection",
                got=described((error.details or {}).get("errmsg", ""), 500),
                allowed="one text index a collection, and no two that differ only in expireAfterSeconds or in names",
                fix="drop the other index where it is not declared, or declare one of the two only",
            ) from None
        if code_of(error) == _DUPLICATE:
            refuse_duplicates(collection, spec, f"index {spec}")
            raise MongoError(
                f"cannot make index {spec} unique: documents have equal values; nothing was changed",
                got=described((error.details or {}).get("keyValue", ""), 200),
                fix="mend these documents first",
            ) from None
        if code_of(error) == _TIME_LIMIT:
            raise _too_late(collection, spec) from None
        raise
    except NetworkTimeout:
        raise _too_late(collection, spec) from None


def _too_late(collection: Collection[Document], spec: IndexSpec) -> MongoError:
    return MongoError(
        f"index {spec} was not built in time",
        got=members_of(collection.database.client),
        allowed="every member that votes and holds data builds it before it counts",
        fix="bring members that are down back (`walletdb status`) and run the update again; where all are up, the "
        "collection is large: set `custom_timeouts` of the index",
    )


def _make_unique(collection: Collection[Document], spec: IndexSpec, name: str) -> None:
    """From now on no new duplicate gets in; if there is none, the index is unique, else it is as it was."""
    refuse_duplicates(collection, spec, f"index {spec}")
    _modify(collection, name, prepareUnique=True)
    try:
        _modify(collection, name, unique=True)
    except OperationFailure as error:
        if code_of(error) != _NOT_UNIQUE:
            raise
        _modify(collection, name, prepareUnique=False)
        refuse_duplicates(collection, spec, f"index {spec}")
        groups = (error.details or {}).get("violations", [])
        raise MongoError(
            f"cannot make index {spec} unique: {len(groups)} group(s) of documents have equal values; "
            "nothing was changed",
            got="; ".join(f"_id {', '.join(described(id_) for id_ in group['ids'][:10])}" for group in groups[:10]),
            fix="mend these documents first",
        ) from None


def _modify(collection: Collection[Document], name: str, **changes: object) -> None:
    command(collection.database, {"collMod": collection.name, "index": {"name": name, **changes}})
