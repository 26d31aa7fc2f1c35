"""Holds a collection's indexes and shard key to what MongoDB takes, to its schema and to what sharding needs (7.2)."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from components.mongodb.document_checks import below, check_keys, is_count, is_text, wrong
from components.mongodb.document_schema import Field, bson_types, fields, find, is_array, of_items
from settings.problems import Problem, did_you_mean

__all__ = ["INDEX_KEYS", "check_index_shapes", "check_indexes", "check_order", "index_name"]

INDEX_KEYS = ("keys", "purpose", "unique", "sparse", "expireAfterSeconds", "partialFilter", "weights")
_LONGEST_TTL_S = 2**31 - 1
_LARGEST_WEIGHT = 99_999
# https://www.mongodb.com/docs/v6.0/core/index-partial/; $exists with true only.
_IN_FILTERS = ("$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in")
_AROUND_FILTERS = ("$and", "$or")


def index_name(keys: Mapping[str, int | str] | tuple[tuple[str, int | str], ...]) -> str:
    """The name that MongoDB's drivers give an index: `userId_1_createdAt_-1`."""
    pairs = keys.items() if isinstance(keys, Mapping) else keys
    return "_".join(f"{field}_{order}" for field, order in pairs)


def check_order(keys: object, at: str, orders: tuple[int | str, ...]) -> Iterator[Problem]:
    """Find what is wrong with fields and their orders."""
    if not isinstance(keys, Mapping) or not keys:
        allowed = "a mapping of fields to orders, such as {userId: 1}"
        yield wrong(at, "names no field", keys, allowed, "name one field at least")
        return
    for field, order in keys.items():
        if isinstance(order, bool) or order not in orders:
            allowed = " or ".join(map(str, orders))
            yield wrong(f"{at}.{field}", "is no order", order, allowed, f"write {allowed}, without quotes")


def check_index_shapes(indexes: object, at: str) -> Iterator[Problem]:
    """Find keys and values of indexes that cannot be read."""
    if not isinstance(indexes, list):
        yield wrong(at, "is no list", indexes, "a list of indexes; [] for none", "write - before each")
        return
    for number, index in enumerate(indexes):
        here = f"{at}[{number}]"
        if not isinstance(index, Mapping):
            yield wrong(here, "is no index", index, f"a mapping of {', '.join(INDEX_KEYS)}", "write keys and purpose")
            continue
        yield from check_keys(index, here, INDEX_KEYS, ("keys", "purpose"))
        if "keys" in index:
            yield from check_order(index["keys"], f"{here}.keys", (1, -1, "text"))
        for name, (holds, allowed) in _SHAPES.items():
            if name in index and not holds(index[name]):
                yield wrong(f"{here}.{name}", "has a wrong value", index[name], allowed, f"write {allowed}")


def _is_switch(value: object) -> bool:
    return isinstance(value, bool)


def _is_ttl(value: object) -> bool:
    return is_count(value) and int(str(value)) <= _LONGEST_TTL_S


def _is_filter(value: object) -> bool:
    return isinstance(value, Mapping) and bool(value)


_SHAPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "purpose": (is_text, "a text that says which query it is for"),
    "unique": (_is_switch, "true or false"),
    "sparse": (_is_switch, "true or false"),
    "expireAfterSeconds": (_is_ttl, f"a whole number from 0 to {_LONGEST_TTL_S}"),
    "partialFilter": (_is_filter, "a mapping of fields to values"),
    "weights": (_is_filter, "a mapping of fields to whole numbers"),
}


def check_indexes(raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    """Find what is wrong between indexes, schema and shard key, each of which is sound by itself."""
    schema, indexes, shard_key = raw["schema"], raw["indexes"], tuple(raw.get("shardKey", ()))
    for number, index in enumerate(indexes):
        here = f"{below(at, 'indexes')}[{number}]"
        yield from _check_fields(index["keys"], schema, f"{here}.keys")
        yield from _check_arrays(index["keys"], schema, f"{here}.keys")
        yield from _check_text(index, schema, here)
        yield from _check_options(index, schema, here)
        yield from _check_filter(index.get("partialFilter", {}), schema, f"{here}.partialFilter")
        if index.get("unique") and tuple(index["keys"])[: len(shard_key)] != shard_key:
            allowed = (
                f"keys that start with the shard key {', '.join(shard_key)}: no other can be unique over all shards"
            )
            yield wrong(
                f"{here}.unique",
                "is not unique once the collection is sharded",
                list(index["keys"]),
                allowed,
                f"put {', '.join(shard_key)} first, or drop unique",
            )
    yield from _check_whole(indexes, below(at, "indexes"))
    yield from _check_shard_key(raw, at)
    yield from _check_deterministic(raw, at)


def _check_fields(names: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[Problem]:
    known = [field.dotted for field in fields(schema)]
    for name in names:
        field = find(schema, name)
        if field is None:
            meant = did_you_mean(name, known)
            fix = f"did you mean {meant}?" if meant else "add it to the schema, or name another"
            yield wrong(f"{at}.{name}", "the schema has no such field", name, "fields of the schema", fix)
        elif field.algorithm == "random":
            allowed = "fields in clear, or encrypted as deterministic: equal values look different when random"
            yield wrong(f"{at}.{name}", "is encrypted as random", name, allowed, "leave it out of the index")


def _check_arrays(keys: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[Problem]:
    found = [field for name in keys if (field := find(schema, name)) and keys[name] != "text"]
    roots = {root for field in found if (root := _array_of(field))}
    if len(roots) > 1:
        yield wrong(at, "has fields of two arrays", sorted(roots), "fields of one array at most", "make two indexes")


def _array_of(field: Field) -> str | None:
    if field.in_array:
        return field.path.partition("[]")[0]
    return field.path if is_array(field.schema) else None


def _check_text(index: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[Problem]:
    searched = [name for name, order in index["keys"].items() if order == "text"]
    for name in searched:
        field = find(schema, name)
        if field and (field.algorithm or "string" not in bson_types(of_items(field.schema))):
            allowed = "strings and arrays of strings, in clear"
            yield wrong(f"{at}.keys.{name}", "cannot be searched for words", field.schema, allowed, "leave it out")
    weights = index.get("weights", {})
    for name, weight in weights.items():
        if name not in searched:
            yield wrong(
                f"{at}.weights.{name}", "weighs no field of the index", name, ", ".join(searched) or "none", "remove it"
            )
        if not is_count(weight) or not 1 <= weight <= _LARGEST_WEIGHT:
            allowed = f"a whole number from 1 to {_LARGEST_WEIGHT}"
            yield wrong(f"{at}.weights.{name}", "is no weight", weight, allowed, f"write {allowed}")
    for holder in sorted({name.rpartition(".")[0] for name in searched}):
        if find(schema, language := f"{holder}.language".lstrip(".")):
            allowed = (
                "another name: MongoDB reads this one as the language of the text, and refuses what it does not know"
            )
            yield wrong(f"{at}.keys", "stands beside a field language", language, allowed, "rename the field")
    if searched and (options := {"unique", "sparse", "expireAfterSeconds"} & set(index)):
        yield wrong(at, "is an index for text", sorted(options), "partialFilter and weights", "remove them")


def _check_options(index: Mapping[str, Any], schema: Mapping[str, Any], at: str) -> Iterator[Problem]:
    keys = list(index["keys"])
    if keys == ["_id"]:
        yield wrong(f"{at}.keys", "is there in any case", keys, "other fields", "remove the index")
    if index.get("sparse") and "partialFilter" in index:
        allowed = "sparse or partialFilter; MongoDB takes no index with both"
        yield wrong(at, "is sparse and partial", index["partialFilter"], allowed, "drop sparse")
    if "expireAfterSeconds" not in index:
        return
    if len(keys) > 1:
        allowed = "one field: MongoDB removes nothing by an index of more"
        yield wrong(f"{at}.expireAfterSeconds", "stands on several fields", keys, allowed, "make an index of its own")
    elif (field := find(schema, keys[0])) and "date" not in bson_types(of_items(field.schema)):
        allowed = "a field of type date: a document without one never expires"
        yield wrong(f"{at}.expireAfterSeconds", "stands on no date", keys[0], allowed, "name a date")


def _check_filter(condition: object, schema: Mapping[str, Any], at: str) -> Iterator[Problem]:
    if not isinstance(condition, Mapping):
        yield wrong(at, "is no condition", condition, "a mapping of fields to values", "write {field: value}")
        return
    for name, value in condition.items():
        if name in _AROUND_FILTERS and isinstance(value, list):
            for number, inner in enumerate(value):
                yield from _check_filter(inner, schema, f"{at}.{name}[{number}]")
            continue
        if name.startswith("$"):
            yield wrong(
                f"{at}.{name}", "is no operator around conditions", value, ", ".join(_AROUND_FILTERS), "remove it"
            )
            continue
        yield from _check_fields({name: 1}, schema, at)
        for operator, operand in value.items() if isinstance(value, Mapping) else ():
            if operator not in _IN_FILTERS or (operator == "$exists" and operand is not True):
                allowed = f"{', '.join(_IN_FILTERS)} ($exists with true only)"
                fix = f"write {name}: null, which matches missing and null" if operator == "$exists" else "remove it"
                yield wrong(f"{at}.{name}.{operator}", "no partial index takes it", operand, allowed, fix)


def _check_whole(indexes: list[Mapping[str, Any]], at: str) -> Iterator[Problem]:
    for name, count in Counter(index_name(index["keys"]) for index in indexes).items():
        if count > 1:
            yield wrong(at, "has an index twice", name, "each combination of keys once", "merge them")
    texts = [index_name(index["keys"]) for index in indexes if "text" in index["keys"].values()]
    if len(texts) > 1:
        allowed = "one index for text in a collection"
        yield wrong(at, "has more than one index for text", texts, allowed, "merge them")


def _check_shard_key(raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    shard_key, here = raw.get("shardKey", {}), below(at, "shardKey")
    yield from _check_fields(shard_key, raw["schema"], here)
    for name in shard_key:
        if (field := find(raw["schema"], name)) and _array_of(field):
            yield wrong(f"{here}.{name}", "is an array", name, "fields with one value", "name another")
    carriers = [
        index
        for index in raw["indexes"]
        if list(index["keys"].items())[: len(shard_key)] == list(shard_key.items())
        and not index.get("sparse")
        and "partialFilter" not in index
    ]
    if shard_key and not carriers:
        allowed = "an index that starts with it and is neither sparse nor partial"
        yield wrong(here, "no index carries it", dict(shard_key), allowed, f"add one on {index_name(shard_key)}")


def _check_deterministic(raw: Mapping[str, Any], at: str) -> Iterator[Problem]:
    indexed = {name for index in raw["indexes"] for name in index["keys"]}
    for field in fields(raw["schema"]):
        if field.algorithm == "deterministic" and field.dotted not in indexed:
            allowed = "deterministic only where an index serves a look-up: equal values show"
            yield wrong(
                below(at, f"schema: {field.path}"),
                "is deterministic for nothing",
                field.algorithm,
                allowed,
                "make it random, or add the index",
            )
