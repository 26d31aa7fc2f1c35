"""Documents whose values a unique index would not allow twice, found before the index is tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

from pymongo.collection import Collection

from walletdb.errors import MongoError
from walletdb.mongodb.connection import Document, described, limited, newest

__all__ = ["UniqueIndex", "refuse_duplicates"]

LISTED: Final = 10
"""Groups that a message names, and documents of each."""


class UniqueIndex(Protocol):
    """What of an index decides which documents are duplicates."""

    @property
    def keys(self) -> tuple[tuple[str, int | str], ...]:
        """Fields and their orders."""

    @property
    def sparse(self) -> bool:
        """Whether documents without any of the fields are left out."""

    @property
    def partial_filter(self) -> Mapping[str, Any] | None:
        """What selects the documents that count; None: all do."""


def refuse_duplicates(collection: Collection[Document], index: UniqueIndex, what: str) -> None:
    """Raise MongoError where documents would break the unique index, and say which.

    It finds no false ones; a few of the true ones (empty arrays, arrays inside arrays) only MongoDB itself finds.
    """
    stages = _groups(index)
    first: list[Document] = [{"$sort": {"count": -1, "_id": 1}}, {"$limit": LISTED}]
    with limited():
        listed = list(newest(collection).aggregate([*stages, *first], allowDiskUse=True))
        if not listed:
            return
        counted = next(iter(newest(collection).aggregate([*stages, {"$count": "groups"}], allowDiskUse=True)), {})
    groups = max(len(listed), counted.get("groups", 0))
    raise MongoError(
        f"{what} cannot be unique: {groups} group{'s' if groups != 1 else ''} of documents have equal values; "
        "nothing was changed",
        got="; ".join(_group(group, index) for group in listed)
        + (f"; and {groups - LISTED} more groups" if groups > LISTED else ""),
        allowed="no two documents with the same values of the index's keys"
        + (" among those that its partialFilter selects" if index.partial_filter else ""),
        fix="mend these documents by a migration first, or leave `unique` out",
    )


def _groups(index: UniqueIndex) -> list[Document]:
    """Stages that yield one document for each set of values that several documents have."""
    fields = [field for field, _ in index.keys]
    stages: list[Document] = []
    if index.partial_filter:
        stages.append({"$match": dict(index.partial_filter)})
    if index.sparse:
        stages.append({"$match": {"$or": [{field: {"$exists": True}} for field in fields]}})
    # An index holds the elements of an array one by one. An empty one counts neither as null nor as missing there.
    stages.append({"$match": {field: {"$ne": []} for field in fields}})
    parts = [field.split(".") for field in fields]
    paths = dict.fromkeys(".".join(part[: end + 1]) for part in parts for end in range(len(part)))
    stages += [{"$unwind": {"path": f"${path}", "preserveNullAndEmptyArrays": True}} for path in paths]
    values = {f"v{position}": {"$ifNull": [f"${field}", None]} for position, field in enumerate(fields)}
    # The same document twice is no duplicate: it may have a value twice in its array.
    stages.append({"$group": {"_id": {**values, "document": "$_id"}}})
    same = {name: f"$_id.{name}" for name in values}
    ids = {"$firstN": {"input": "$_id.document", "n": LISTED}}
    stages.append({"$group": {"_id": same, "count": {"$sum": 1}, "ids": ids}})
    stages.append({"$match": {"count": {"$gt": 1}}})
    return stages


def _group(group: Document, index: UniqueIndex) -> str:
    values = ", ".join(
        f"{field} = {described(group['_id'].get(f'v{position}'), 60)}" for position, (field, _) in enumerate(index.keys)
    )
    ids = ", ".join(sorted(described(id_, 60) for id_ in group["ids"]))
    return f"{values}: {group['count']} documents, _id {ids}" + (", …" if group["count"] > len(group["ids"]) else "")
