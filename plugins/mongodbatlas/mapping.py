"""Between the SDK's names of properties and those of Atlas's API."""

from collections.abc import Mapping
from typing import Any

from plugins.base import Props

__all__ = ["from_api", "pairs", "tags_of", "to_api"]


def to_api(names: Mapping[str, str], props: Mapping[str, Any]) -> Props:
    """Return what is set of these properties under the API's names."""
    return {api: props[name] for name, api in names.items() if props.get(name) is not None}


def from_api(names: Mapping[str, str], found: Mapping[str, Any]) -> Props:
    """Return what the API shows of these properties under the SDK's names; what is null is left out."""
    return {name: found[api] for name, api in names.items() if found.get(api) is not None}


def pairs(tags: Mapping[str, str]) -> list[Props]:
    """Return tags or labels as the API lists them."""
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]


def tags_of(found: list[Mapping[str, str]] | None) -> dict[str, str]:
    """Return tags or labels as the SDK has them."""
    return {pair["key"]: pair["value"] for pair in found or []}
