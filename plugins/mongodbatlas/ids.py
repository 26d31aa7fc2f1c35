"""Ids as the official plugin makes them: names and values in base64, `key:value-key:value`, in the order of names."""

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Final

from plugins.base import ProviderError

__all__ = ["decode_id", "encode_id", "split_import"]

_GROUP: Final = re.compile(r"[0-9a-f]{24}")


def encode_id(**parts: str) -> str:
    """Return the id of these parts."""
    return "-".join(f"{_encode(name)}:{_encode(parts[name])}" for name in sorted(parts))


def decode_id(id_: str) -> dict[str, str]:
    """Return the parts of an id; none where it has another form."""
    try:
        pairs = [pair.split(":") for pair in id_.split("-")]
        return {_decode(name): _decode(value) for name, value in pairs}
    except (ValueError, binascii.Error):
        return {}


def split_import(id_: str, names: Sequence[str], separator: str = "-") -> dict[str, str]:
    """Return the parts that an import's id names, in order, the first of them a project's id.

    Raises:
        ProviderError: it has another form.
    """
    parts = id_.split(separator, len(names) - 1)
    if len(parts) != len(names) or not _GROUP.fullmatch(parts[0]):
        form = separator.join(f"{{{name}}}" for name in names)
        raise ProviderError(f"cannot import {id_!r}: got another form of id; allowed is {form}")
    return dict(zip(names, parts, strict=True))


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decode(text: str) -> str:
    return base64.b64decode(text, validate=True).decode()
