"""Every type of the aws stand-in against the SDK's own: names, kinds, what is required, what is an output."""

import collections.abc
import importlib
import inspect
import json
import re
import typing
from functools import cache
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws
import pytest
from pulumi import _types

from plugins.aws.entity import Entity
from plugins.aws.provider import AwsProvider, entities
from plugins.base.fields import Field, Fields, Kind

_SCALARS: dict[Kind, type] = {"text": str, "json": str, "flag": bool, "number": int, "real": float}
_LISTS: dict[Kind, type] = {"list": str, "set": str, "numbers": int}
_ALL = pytest.mark.parametrize("entity", entities(), ids=lambda entity: entity.token)


@cache
def _classes() -> dict[str, tuple[str, str]]:
    """Return module and class of every type of the SDK, which it lists itself for its lazy imports."""
    source = Path(pulumi_aws.__file__).read_text(encoding="utf-8")
    listed = re.search(r'resource_modules="""(.*?)"""', source, re.DOTALL)
    assert listed is not None
    return {
        token: (module["fqn"], name)
        for module in json.loads(listed.group(1))
        for token, name in module["classes"].items()
    }


def _sdk(entity: type[Entity]) -> tuple[type, type]:
    """Return the SDK's resource and its arguments."""
    fqn, name = _classes()[entity.token]
    module = importlib.import_module(fqn)
    # Where a part of another resource has the name already, the arguments are called BucketLoggingInitArgs.
    return getattr(module, name), getattr(module, f"{name}InitArgs", None) or getattr(module, f"{name}Args")


def _plain(hint: Any) -> Any:
    """Take a hint out of Optional, Input and the like: what a value of it is when it is plain."""
    if typing.get_origin(hint) is typing.Union:
        kept = [
            item
            for item in typing.get_args(hint)
            if item is not type(None)
            and typing.get_origin(item) not in (collections.abc.Awaitable, pulumi.Output)
            and not str(item).endswith("ArgsDict'>")
            and not str(item).endswith("ArgsDict')")
        ]
        return _plain(kept[0])
    return hint


def _problems(path: str, field: Field, hint: Any) -> list[str]:
    hint = _plain(hint)
    origin, inner = typing.get_origin(hint), [_plain(arg) for arg in typing.get_args(hint)]
    if field.kind in _SCALARS:
        fits = hint is _SCALARS[field.kind] or (field.kind == "real" and hint is int)
    elif field.kind in _LISTS:
        fits = origin is collections.abc.Sequence and inner[0] is _LISTS[field.kind]
    elif field.kind == "map":
        fits = origin is collections.abc.Mapping and inner[1] is str
    elif field.kind == "object":
        fits = isinstance(hint, type) and _types.is_input_type(hint)
        return [] if fits and field.fields is None else _nested(path, field, hint, fits=fits)
    else:
        fits = origin is collections.abc.Sequence and _types.is_input_type(inner[0])
        return [] if fits and field.fields is None else _nested(path, field, inner[0] if inner else None, fits=fits)
    return [] if fits else [f"{path}: is {field.kind} here and {hint} in the SDK"]


def _nested(path: str, field: Field, hint: Any, *, fits: bool) -> list[str]:
    if not fits or field.fields is None:
        return [f"{path}: is {field.kind} here and {hint} in the SDK"]
    return _compare(f"{path}.", field.fields, hint)


def _compare(prefix: str, fields: Fields, args: type) -> list[str]:
    known = _types.input_type_types(args)
    names = _types.input_type_py_to_pulumi_names(args)
    signature = inspect.signature(args)
    required = {
        names[name] for name, one in signature.parameters.items() if one.default is inspect.Parameter.empty
    } & set(names.values())
    problems = [f"{prefix}{name}: the SDK does not have it" for name in fields if name not in known]
    problems += [
        f"{prefix}{name}: required in the SDK, {'optional' if name in fields else 'missing'} here"
        for name in sorted(required)
        if name not in fields or not (fields[name].required or fields[name].default is not None)
    ]
    for name, field in fields.items():
        if name in known:
            problems += _problems(prefix + name, field, known[name])
    return problems


@_ALL
def test_inputs_are_those_of_the_sdk(entity: type[Entity]) -> None:
    assert _compare("", entity().all_fields, _sdk(entity)[1]) == []


@_ALL
def test_outputs_are_those_of_the_sdk(entity: type[Entity]) -> None:
    known = _types.resource_types(_sdk(entity)[0])
    assert sorted(name for name in entity.outputs if name not in known) == []
    assert sorted(set(entity.outputs) & set(entity.fields)) == []
    problems = []
    for name, kind in entity.outputs.items():
        hint = _plain(known[name])
        if kind in _SCALARS and hint is not _SCALARS[kind]:
            problems.append(f"{name}: is {kind} here and {hint} in the SDK")
    assert problems == []


@_ALL
def test_the_region_and_the_tags_are_where_the_sdk_has_them(entity: type[Entity]) -> None:
    known = _types.resource_types(_sdk(entity)[0])
    assert ("region" in known) is not entity.global_service
    if "tags" in entity.fields:
        assert {"tags", "tagsAll"} <= set(known)
    assert not entity.autonamed or entity.autonamed in entity.fields
    assert entity.volatile <= set(entity.outputs)
    assert entity.verified_by in ("moto", "stand-in")
    assert entity.noun


def test_the_plugin_is_of_the_sdk_s_version_and_has_each_type_once() -> None:
    pinned = re.search(r'"version": "([^"]+)"', (Path(pulumi_aws.__file__).parent / "pulumi-plugin.json").read_text())
    assert pinned is not None
    provider = AwsProvider()
    assert provider.version == pinned.group(1)
    assert len(provider.resources) == len(entities()) > 0
    assert set(provider.schema()["resources"]) == set(provider.resources)
