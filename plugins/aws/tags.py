"""Tags between the property `tags` (an object) and the lists of pairs that the services take and give."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from plugins.base.fields import Field

__all__ = ["TAGS", "as_list", "as_map", "changes"]

TAGS: Final = Field(kind="map", unset={})
"""The field `tags` of every taggable type."""


def as_list(tags: Mapping[str, str] | None, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Return tags as pairs; `key` and `value` are what the service calls the two."""
    return [{key: name, value: text} for name, text in sorted((tags or {}).items())]


def as_map(pairs: Iterable[Mapping[str, Any]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Return pairs as tags, without those that the cloud sets itself."""
    return {pair[key]: pair[value] for pair in pairs or () if not pair[key].startswith("aws:")}


def changes(old: Mapping[str, str] | None, new: Mapping[str, str] | None) -> tuple[dict[str, str], list[str]]:
    """Return the tags to set and the names of those to take away."""
    before, after = old or {}, new or {}
    return (
        {name: text for name, text in after.items() if before.get(name) != text},
        sorted(name for name in before if name not in after),
    )
