"""Checks of single values of Kubernetes's settings."""

from __future__ import annotations

import ipaddress
import re

from settings.checks import text_of, wrong

__all__ = ["administrator", "host_names", "image_major", "postgres_image"]

_IMAGE = re.compile(
    r"(?P<name>[a-z0-9][a-z0-9._-]*(?::[0-9]+)?(?:/[a-z0-9][a-z0-9._-]*)+)"
    r":(?P<tag>(?P<major>[0-9]{2})(?:[._-][A-Za-z0-9._-]*)?)"
    r"(?:@sha256:[0-9a-f]{64})?"
)
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)+")
_ROLE = re.compile(r"[a-z_][a-z0-9_]{0,62}")
# The operator's own roles, and the prefixes that it and PostgreSQL keep for themselves.
_TAKEN_ROLES = ("postgres", "streaming_replica", "public", "none")
_TAKEN_PREFIXES = ("pg_", "cnpg_")


def postgres_image(value: object) -> str:
    """Accept an image of PostgreSQL whose tag begins with the major version: the operator reads it there."""
    text = text_of(value)
    if not _IMAGE.fullmatch(text):
        raise wrong(
            "is no image with a registry and a tag that begins with PostgreSQL's major version",
            "write registry/name:tag or registry/name:tag@sha256:digest, say "
            "ghcr.io/clevyr/cloudnativepg-timescale:17.2-ts2.18",
        )
    return text


def image_major(image: str) -> int:
    """Return PostgreSQL's major version of an image that `postgres_image` accepted."""
    found = _IMAGE.fullmatch(image)
    if found is None:
        raise ValueError(f"image {image!r}: its tag does not begin with a major version; check it first")
    return int(found["major"])


def host_names(value: tuple[str, ...]) -> tuple[str, ...]:
    """Accept full DNS names, each once."""
    for name in value:
        if not _HOST.fullmatch(name) or _is_address(name):
            raise wrong(f"names {name!r}, which is no full DNS name", "write small letters, digits and -, with dots")
    if len(set(value)) != len(value):
        raise wrong("names a host twice", "write each name once")
    return value


def administrator(value: object) -> str:
    """Accept the name of a role that neither PostgreSQL nor the operator keeps for itself."""
    text = text_of(value)
    if not _ROLE.fullmatch(text) or text in _TAKEN_ROLES or text.startswith(_TAKEN_PREFIXES):
        raise wrong(
            "is no name for a role of one's own",
            "write small letters, digits and _, not postgres, streaming_replica, pg_… or cnpg_…",
        )
    return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
