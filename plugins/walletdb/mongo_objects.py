"""Collections and indexes as resources."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, ClassVar, Final, Literal

from typing_extensions import override

from plugins.base.errors import PartialFailure
from plugins.base.properties import Props
from plugins.base.resource import CheckFailure, Context, Diff
from plugins.walletdb.mongo_base import MongoObject, Target, changed
from walletdb.errors import WalletdbError
from walletdb.mongodb import collections, indexes
from walletdb.mongodb.connection import Client

__all__ = ["MongoCollection", "MongoIndex"]

_COLLECTION_TIMEOUT_S: Final = 900.0
"""Documents are compared with a new validator one by one."""
_INDEX_TIMEOUT_S: Final = 4 * 3600.0
"""An index of a large collection takes its time."""
_LOOK_S: Final = 15.0
LONGEST_LIFETIME_S: Final = 2**31 - 1
_TOLD_APART: Final = ("keys", "unique", "sparse", "partialFilter")
"""By these MongoDB tells the indexes of a collection apart."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class CollectionInputs(Target):
    """Inputs of `MongoCollection`."""

    database: str
    name: str
    schema: dict[str, Any]
    validation_level: Literal["off", "strict", "moderate"]
    validation_action: Literal["error", "warn"]
    allow_drop: bool

    @property
    def spec(self) -> collections.CollectionSpec:
        """The collection itself."""
        return collections.CollectionSpec(
            database=self.database,
            name=self.name,
            schema=self.schema,
            validation_level=self.validation_level,
            validation_action=self.validation_action,
        )


class MongoCollection(MongoObject):
    """A collection with its validator. One that has documents is only dropped where `allowDrop` says so."""

    token = "walletdb:index:MongoCollection"
    noun = "collection"
    kind = CollectionInputs
    identity = ("database", "name")
    timeout_s = _COLLECTION_TIMEOUT_S

    @override
    def id_of(self, declared: CollectionInputs) -> str:
        return str(declared.spec)

    @override
    def ensure(self, client: Client, declared: CollectionInputs, state: Props, ctx: Context) -> Props:
        collections.ensure(client, declared.spec)
        return {}

    @override
    def found(self, client: Client, declared: CollectionInputs, state: Props) -> Props | None:
        options = collections.lookup(client, declared.spec)
        return None if options is None else {"status": changed(collections.differences(options, declared.spec))}

    @override
    def remove(self, client: Client, declared: CollectionInputs, state: Props, ctx: Context) -> None:
        collections.drop(client, declared.spec, with_documents=declared.allow_drop)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Key:
    """One key of an index."""

    field: str
    order: Literal[1, -1, "text", "2d", "2dsphere", "hashed"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class IndexInputs(Target):
    """Inputs of `MongoIndex`."""

    database: str
    collection: str
    keys: tuple[Key, ...]
    unique: bool
    sparse: bool
    expire_after_seconds: int | None = None
    partial_filter: dict[str, Any] | None = None
    weights: dict[str, int] | None = None

    @property
    def spec(self) -> indexes.IndexSpec:
        """The index itself."""
        return indexes.IndexSpec(
            database=self.database,
            collection=self.collection,
            keys=tuple((key.field, key.order) for key in self.keys),
            unique=self.unique,
            sparse=self.sparse,
            expire_after_seconds=self.expire_after_seconds,
            partial_filter=self.partial_filter,
            weights=self.weights,
        )


class MongoIndex(MongoObject):
    """An index. What MongoDB cannot change in place is replaced: the new one is there before the old one goes."""

    token = "walletdb:index:MongoIndex"
    noun = "index"
    kind = IndexInputs
    identity = ("database", "collection", "keys", "sparse", "partialFilter", "weights")
    optional = frozenset({"expireAfterSeconds", "partialFilter", "weights"})
    stable_outputs: ClassVar = ("indexName",)
    timeout_s = _INDEX_TIMEOUT_S

    @override
    def check_whole(self, declared: IndexInputs) -> list[CheckFailure]:
        return [CheckFailure(name, text) for name, wrong, text in _rules(declared) if wrong]

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        base = super().diff(id_, state, old_inputs, news, ctx)
        replaces = set(base.replaces)
        if old_inputs.get("unique") and not news.get("unique"):
            replaces.add("unique")
        endless = old_inputs.get("expireAfterSeconds") is not None and news.get("expireAfterSeconds") is None
        if endless:
            replaces.add("expireAfterSeconds")
        if any(not _mendable(name, news) for name in _drift(state)):
            replaces.add("status")
        first = bool(replaces) and _cannot_coexist(state, old_inputs, news)
        return Diff(changes=base.changes, replaces=tuple(sorted(replaces)), delete_before_replace=first)

    @override
    def id_of(self, declared: IndexInputs) -> str:
        return f"{declared.database}.{declared.collection}.{declared.spec.default_name}"

    @override
    def id_after(self, declared: IndexInputs, outputs: Props) -> str:
        name = outputs.get("indexName") or declared.spec.default_name
        return f"{declared.database}.{declared.collection}.{name}"

    @override
    def key(self, declared: IndexInputs) -> Hashable:
        return (declared.database, declared.collection, indexes.definition(declared.spec))

    @override
    def ensure(self, client: Client, declared: IndexInputs, state: Props, ctx: Context) -> Props:
        name = state.get("indexName")
        if name and indexes.by_name(client, declared.spec, name) is not None:
            indexes.mend(client, declared.spec, name)
            return {"indexName": name}

        def report(text: str) -> None:
            ctx.log("info", text, ephemeral=True)

        return {"indexName": indexes.create(client, declared.spec, report)}

    @override
    def found(self, client: Client, declared: IndexInputs, state: Props) -> Props | None:
        name = state.get("indexName") or indexes.find(client, declared.spec)
        index = indexes.by_name(client, declared.spec, name) if name else None
        if index is None:
            return None
        return {"indexName": name, "status": changed(indexes.differences(index, declared.spec))}

    @override
    def remove(self, client: Client, declared: IndexInputs, state: Props, ctx: Context) -> None:
        name = state.get("indexName") or indexes.find(client, declared.spec)
        if name:
            indexes.drop(client, declared.spec, name)

    @override
    def partly(self, id_: str, declared: IndexInputs, state: Props, error: WalletdbError) -> PartialFailure | None:
        """Of two changes in place the first may have been made; the next update makes the second."""
        name = str(state.get("indexName", ""))
        try:
            index = declared.connection.run(
                f"look at index {id_}", lambda client: indexes.by_name(client, declared.spec, name), _LOOK_S
            )
        except WalletdbError:
            return None
        now = (
            {"unique": bool(index.get("unique")), "expireAfterSeconds": index.get("expireAfterSeconds")}
            if index
            else {}
        )
        if index is None or all(state.get(each) == value for each, value in now.items()):
            return None
        inputs = {**{each: value for each, value in state.items() if each not in {"indexName", "status"}}, **now}
        outputs = {**inputs, "indexName": name, "status": changed(indexes.differences(index, declared.spec))}
        return PartialFailure(id_, outputs, inputs, [str(error)])


def _drift(state: Props) -> set[str]:
    """What a refresh found to be other than declared."""
    _, found, names = str(state.get("status", "")).partition("changed: ")
    return set(names.split(", ")) if found else set()


def _mendable(difference: str, news: Props) -> bool:
    """Whether an update in place mends it. UNKNOWN inputs say nothing: none of these is ever one."""
    expires = news.get("expireAfterSeconds") is not None
    return indexes.can_mend(difference, unique=news.get("unique") is True, expires=expires)


def _cannot_coexist(state: Props, old: Props, new: Props) -> bool:
    """Whether MongoDB refuses the new index while the old one is there."""
    if any(old.get(name) != new.get(name) for name in ("database", "collection")):
        return False
    if _is_text(old) and _is_text(new):
        return True
    other_by_hand = _drift(state) & {*_TOLD_APART, "collation"}
    return not other_by_hand and all(old.get(name) == new.get(name) for name in _TOLD_APART)


def _is_text(props: Props) -> bool:
    keys = props.get("keys")
    return isinstance(keys, list) and any(isinstance(key, dict) and key.get("order") == "text" for key in keys)


def _rules(declared: IndexInputs) -> tuple[tuple[str, bool, str], ...]:
    """Input, whether it is wrong, and what is then said: what MongoDB would refuse in the middle of an update."""
    fields = [field for field, _ in declared.spec.keys]
    got = f"got {', '.join(fields) or 'none'}"
    text = sorted(field for field, order in declared.spec.keys if order == "text")
    stray = sorted(set(declared.weights or {}) - set(text))
    lifetime = declared.expire_after_seconds
    return (
        ("keys", not fields, "got none; allowed is one key or more, each as {field, order}"),
        ("keys", len(set(fields)) != len(fields), f"{got}; allowed is each field once"),
        ("keys", fields == ["_id"], "got _id alone: MongoDB keeps that index itself; leave it out"),
        ("expireAfterSeconds", lifetime is not None and len(fields) != 1, f"{got} as keys; allowed is one key only"),
        (
            "expireAfterSeconds",
            lifetime is not None and not 0 <= lifetime <= LONGEST_LIFETIME_S,
            f"got {lifetime}; allowed are 0 to {LONGEST_LIFETIME_S} seconds",
        ),
        (
            "weights",
            bool(stray),
            f"got {', '.join(stray)}; allowed are the keys of order text: {', '.join(text) or 'there are none'}",
        ),
        (
            "sparse",
            declared.sparse and declared.partial_filter is not None,
            "got both `sparse` and `partialFilter`; MongoDB allows one of them, and `partialFilter` can say both",
        ),
    )
