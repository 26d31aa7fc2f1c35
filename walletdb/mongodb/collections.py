"""Collections and their validators: made, changed in place, and dropped only while nothing lies in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from pymongo.database import Database
from pymongo.errors import OperationFailure

from walletdb.errors import MongoError
from walletdb.mongodb.connection import Client, Document, code_of, command, described, limited, newest

__all__ = ["CollectionSpec", "differences", "drop", "ensure", "lookup"]

LISTED: Final = 10
"""Documents that a message names."""
_EXISTS: Final = 48
_MISSING: Final = 26


@dataclasses.dataclass(frozen=True, kw_only=True)
class CollectionSpec:
    """A collection as it is declared."""

    database: str
    name: str
    schema: Mapping[str, Any]
    """MongoDB's $jsonSchema; empty: every document is right."""
    validation_level: Literal["off", "strict", "moderate"]
    validation_action: Literal["error", "warn"]

    def __str__(self) -> str:
        return f"{self.database}.{self.name}"

    @property
    def options(self) -> Document:
        """What `create` and `collMod` are given."""
        return {
            "validator": {"$jsonSchema": dict(self.schema)} if self.schema else {},
            "validationLevel": self.validation_level,
            "validationAction": self.validation_action,
        }

    @property
    def refuses(self) -> bool:
        """Whether the server will refuse documents that break the schema."""
        return bool(self.schema) and self.validation_level != "off" and self.validation_action == "error"


def lookup(client: Client, spec: CollectionSpec) -> Document | None:
    """The options of the collection as it is; None where there is none.

    Raises:
        MongoError: something else has its name: a view, a time series, a capped collection.
    """
    found = next(iter(client[spec.database].list_collections(filter={"name": spec.name})), None)
    if found is None:
        return None
    options: Document = dict(found.get("options", {}))
    kind = "capped collection" if options.get("capped") else str(found.get("type", "collection"))
    if kind != "collection":
        raise MongoError(
            f"{spec} is declared as a collection, but a {kind} has its name",
            allowed="a plain collection, or none yet",
            fix=f"rename or drop the {kind}, or give the collection another name",
        )
    return options


def differences(found: Mapping[str, Any], spec: CollectionSpec) -> tuple[str, ...]:
    """Names of the inputs (`schema`, `validationLevel`, `validationAction`) that are not as declared."""
    if not found.get("validator") and not spec.schema:
        return ()  # Without a validator, level and action mean nothing.
    current = _validation(found)
    names = {"validator": "schema", "validationLevel": "validationLevel", "validationAction": "validationAction"}
    return tuple(name for option, name in names.items() if current[option] != spec.options[option])


def ensure(client: Client, spec: CollectionSpec) -> bool:
    """Bring the collection to what is declared; say whether it was made anew.

    A validator that refuses is compared with the documents first, and with what arrived meanwhile afterwards.

    Raises:
        MongoError: documents break the schema (nothing is changed then), or the name is taken by something else.
    """
    database = client[spec.database]
    found = lookup(client, spec)
    if found is None:
        try:
            command(database, {"create": spec.name, **spec.options})
            return True
        except OperationFailure as error:
            if code_of(error) != _EXISTS:
                raise
        found = lookup(client, spec) or {}
    if differences(found, spec):
        _change(database, spec, _validation(found))
    return False


def drop(client: Client, spec: CollectionSpec, *, with_documents: bool) -> None:
    """Drop the collection; one that is gone is no error.

    Without `with_documents` it is closed to new documents first, so that none is lost that arrives meanwhile.

    Raises:
        MongoError: documents lie in it, and `with_documents` is false.
    """
    found = lookup(client, spec)
    if found is None:
        return
    database = client[spec.database]
    if not with_documents:
        _refuse_documents(database, spec)
        command(
            database,
            {
                "collMod": spec.name,
                "validator": {"$alwaysFalse": 1},
                "validationLevel": "strict",
                "validationAction": "error",
            },
        )
        try:
            _refuse_documents(database, spec)
        except MongoError:
            command(database, {"collMod": spec.name, **_validation(found)})
            raise
    try:
        command(database, {"drop": spec.name})
    except OperationFailure as error:
        if code_of(error) != _MISSING:
            raise


def _validation(options: Mapping[str, Any]) -> Document:
    """The validator of a collection as it is, with MongoDB's defaults."""
    return {
        "validator": options.get("validator", {}),
        "validationLevel": options.get("validationLevel", "strict"),
        "validationAction": options.get("validationAction", "error"),
    }


def _change(database: Database[Document], spec: CollectionSpec, before: Document) -> None:
    if spec.refuses:
        _refuse_breaking(database, spec, "nothing was changed")
    command(database, {"collMod": spec.name, **spec.options})
    if spec.refuses:
        try:
            _refuse_breaking(database, spec, "they arrived while it was changed, and the change was taken back")
        except MongoError:
            command(database, {"collMod": spec.name, **before})
            raise


def _refuse_breaking(database: Database[Document], spec: CollectionSpec, consequence: str) -> None:
    """Raise MongoError where documents break the schema, and say which and why."""
    collection = newest(database[spec.name])
    breaking = {"$nor": [{"$jsonSchema": dict(spec.schema)}]}
    with limited():
        ids = [found["_id"] for found in collection.find(breaking, {"_id": 1}).limit(LISTED)]
        if not ids:
            return
        count = collection.count_documents(breaking)
    reasons = _reasons(database, spec, ids)
    listed = "; ".join(f"{described(id_)} ({', '.join(reasons[position])})" for position, id_ in enumerate(ids))
    raise MongoError(
        f"{count} document{'s' if count != 1 else ''} in {spec} break{'s' if count == 1 else ''} the new schema; "
        f"{consequence}",
        got=f"_id {listed}" + (f"; and {count - len(ids)} more" if count > len(ids) else ""),
        allowed="every document keeps a schema before it becomes the collection's",
        fix="mend these documents by a migration first, or widen the schema",
    )


def _reasons(database: Database[Document], spec: CollectionSpec, ids: Sequence[Any]) -> list[list[str]]:
    """For each `_id`, the properties at fault. No value is read, since it may be personal."""
    collection = newest(database[spec.name])
    chosen = {"_id": {"$in": list(ids)}}
    names = {"$map": {"input": {"$objectToArray": "$$ROOT"}, "in": "$$this.k"}}
    keys = {
        _key(d["_id"]): d["keys"] for d in collection.aggregate([{"$match": chosen}, {"$project": {"keys": names}}])
    }
    reasons = []
    properties: Mapping[str, Any] = spec.schema.get("properties", {})
    for id_ in ids:
        present = keys.get(_key(id_), [])
        found = [f"{name} is missing" for name in spec.schema.get("required", []) if name not in present]
        if spec.schema.get("additionalProperties") is False and not spec.schema.get("patternProperties"):
            found += [f"{name} is not in the schema" for name in present if name not in properties]
        reasons.append(found)
    for name, rule in properties.items():
        one = {**chosen, "$nor": [{"$jsonSchema": {"properties": {name: rule}}}]}
        wrong = {_key(document["_id"]) for document in collection.find(one, {"_id": 1})}
        for position, id_ in enumerate(ids):
            if _key(id_) in wrong:
                reasons[position].append(f"{name} has a wrong type or value")
    return [found or ["a rule of the whole document"] for found in reasons]


def _key(id_: object) -> str:
    """An `_id`, which may be a document, as a key of a dictionary."""
    return repr(id_)


def _refuse_documents(database: Database[Document], spec: CollectionSpec) -> None:
    collection = newest(database[spec.name])
    if collection.find_one({}, {"_id": 1}) is None:
        return
    count = max(1, collection.estimated_document_count())
    raise MongoError(
        f"collection {spec} is not dropped: it has documents",
        got=f"about {count} document{'s' if count != 1 else ''}",
        allowed="an empty collection, or one that `fashion-wallet:allowDataLoss` names",
        fix="keep it declared; if its documents may go, name it in `fashion-wallet:allowDataLoss`, run one update with "
        "it still declared, and take it out of the program with the next",
    )
