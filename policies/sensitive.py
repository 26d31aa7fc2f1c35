"""Which properties hold secrets, and what in any text looks like one."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from policies import cloud
from policies.rule import Resource
from policies.values import at
from policies.wire import MONGO_USER, POSTGRESQL_PROVIDER, ROLE

__all__ = ["CREDENTIALS", "SENSITIVE", "credential_in", "kept_in_clear", "texts_of"]

SENSITIVE: Final[Mapping[str, tuple[str, ...]]] = {
    ROLE: ("password",),
    MONGO_USER: ("password",),
    POSTGRESQL_PROVIDER: ("password",),
    cloud.RDS_INSTANCE: ("password",),
    cloud.SECRET_VERSION: ("secretString", "secretBinary"),
    cloud.ATLAS_USER: ("password",),
    cloud.KUBERNETES_SECRET: ("stringData", "data"),
    cloud.IAM_ACCESS_KEY: ("secret",),
}
"""By type, the properties whose value, or every value in it, is a secret."""

CREDENTIALS: Final[Mapping[str, re.Pattern[str]]] = {
    "a key id of AWS": re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN ([A-Z]+ )?PRIVATE KEY-----"),
    "a URL with a password in it": re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]+:[^/\s:@$%{]+@"),
    "a token of GitHub": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{30,}\b"),
    "a token of Slack": re.compile(r"\bxox[abpr]-[A-Za-z0-9-]{20,}"),
}
"""What each form of credential looks like."""


def kept_in_clear(resource: Resource) -> Iterator[tuple[str, ...]]:
    """Yield the paths of values that should be secret and are not marked so."""
    for name in SENSITIVE.get(resource.type, ()):
        for path, _ in texts_of(at(resource.properties, name), (name,)):
            if not resource.is_secret(*path):
                yield path


def texts_of(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each text in a value that is not empty, with its path."""
    if isinstance(value, str) and value:
        yield path, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from texts_of(one, (*path, key))
    elif isinstance(value, list):
        for index, one in enumerate(value):
            yield from texts_of(one, (*path, str(index)))


def credential_in(text: str) -> str:
    """Say what a text looks like, empty where it looks like nothing secret."""
    return next((what for what, form in CREDENTIALS.items() if form.search(text)), "")
