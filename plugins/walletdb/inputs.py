"""From a resource's properties (camelCase, untyped) to localproc's dataclasses, with an answer for each wrong one."""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from collections.abc import Callable, Mapping
from typing import Any

import pydantic

from localproc.errors import LocalprocError
from localproc.layout import fault_of
from localproc.waiting import Waiter
from plugins.base.errors import ProviderError
from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context

__all__ = ["build", "checked", "directory_failures", "translated", "waiter"]


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


@functools.cache
def _fields(kind: type) -> dict[str, pydantic.TypeAdapter[Any]]:
    """Property name → validator, for a dataclass."""
    hints = typing.get_type_hints(kind)
    return {_camel(f.name): pydantic.TypeAdapter(hints[f.name]) for f in dataclasses.fields(kind)}


def _plain(value: Any) -> Any:
    """A property value with the keys of nested objects in snake_case where those are fields, not data."""
    if isinstance(value, list):
        return [{_snake(k): v for k, v in item.items()} if isinstance(item, Mapping) else item for item in value]
    return value


def checked(kind: type, news: Props) -> list[CheckFailure]:
    """What is wrong with the inputs of a resource that becomes a `kind`; unknown values are not judged."""
    fields = _fields(kind)
    failures = [
        CheckFailure(name, f"there is no such input; allowed are: {', '.join(sorted(fields))}")
        for name in news
        if name not in fields
    ]
    for name, adapter in fields.items():
        if name not in news or news[name] is None:
            failures.append(CheckFailure(name, "is missing"))
        elif not contains_unknown(news[name]):
            try:
                adapter.validate_python(_plain(news[name]))
            except pydantic.ValidationError as error:
                first = error.errors(include_url=False, include_input=False)[0]
                where = ".".join(str(part) for part in first["loc"])
                failures.append(CheckFailure(f"{name}.{where}" if where else name, first["msg"]))
    directory = news.get("directory")
    return failures + (directory_failures(directory) if isinstance(directory, str) else [])


def directory_failures(directory: str) -> list[CheckFailure]:
    """A stack's folder must be one that the servers can work in."""
    fault = fault_of(directory)
    return [CheckFailure("directory", fault)] if fault else []


T = typing.TypeVar("T")


def build(kind: type[T], properties: Props) -> T:
    """The dataclass that the properties describe; outputs among them are passed over.

    A field that an earlier version did not know is missing from the states it left, so such a field has a default.
    """
    fields: Mapping[str, pydantic.TypeAdapter[Any]] = _fields(kind)  # type: ignore[arg-type]
    given = {name: _plain(properties[name]) for name in fields if name in properties}
    return kind(**{_snake(name): fields[name].validate_python(value) for name, value in given.items()})


def waiter(ctx: Context) -> Waiter:
    """How long an operation may still wait, and until which signal; it reports to the resource's status line."""
    base = Waiter.within(ctx.remaining_s(), ctx.cancelled)
    return dataclasses.replace(base, report=lambda text: ctx.log("info", text, ephemeral=True))


def translated(call: Callable[[], T]) -> T:
    """The call's result; an error of localproc becomes one that the user reads as it is."""
    try:
        return call()
    except (LocalprocError, OSError) as error:
        raise ProviderError(str(error)) from error
