"""Who may do what inside MongoDB: one table. `contents.py` makes the roles and users, `access_reference.py` the page.

Roles are custom ones on single collections: MongoDB's own `readWrite` also makes and drops collections and indexes,
which only an update of the stack does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["KEY_VAULT", "KEY_VAULT_DATABASE", "ROLES", "USERS", "CollectionAccess", "Role", "User"]

KEY_VAULT_DATABASE = "encryption"
KEY_VAULT = "__keyVault"
"""Collection of the data keys of client-side field-level encryption; in it they are encrypted by the master key."""

_READ = ("find", "changeStream", "collStats", "listIndexes")
_WRITE = (*_READ, "insert", "update", "remove")


@dataclass(frozen=True, kw_only=True, slots=True)
class CollectionAccess:
    """What may be done with a collection.

    `collection` empty means the database itself; `key_vault` the database of the data keys instead of the stack's.
    """

    collection: str
    actions: tuple[str, ...]
    key_vault: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Role:
    """A role, and those that it includes."""

    name: str
    purpose: str
    access: tuple[CollectionAccess, ...] = ()
    includes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """Who logs in with a password, and the one role of theirs."""

    name: str
    purpose: str
    role: str


def _each(collections: Iterable[str], actions: tuple[str, ...]) -> tuple[CollectionAccess, ...]:
    return tuple(CollectionAccess(collection=collection, actions=actions) for collection in collections)


_REFUSED = "refused-writes"
"""Who writes adds to the counts in it and need not read them."""
_SHARED = ("user-preferences", "sessions")
_ALL = ("designs", "avatars", "catalog-items", *_SHARED)
_LIST = CollectionAccess(collection="", actions=("listCollections",))
_KEYS = CollectionAccess(collection=KEY_VAULT, actions=("find",), key_vault=True)

ROLES = (
    Role(name="app_readonly", purpose="people and reports that only read", access=(_LIST, *_each(_ALL, _READ))),
    Role(
        name="app_readwrite",
        purpose="what every service shares: preferences, sessions, keys of encrypted fields, counts of refused writes",
        access=(_LIST, _KEYS, *_each(_SHARED, _WRITE), *_each((_REFUSED,), ("insert", "update"))),
    ),
    Role(
        name="app_admin",
        purpose="people who mend data",
        access=(
            CollectionAccess(collection="", actions=("listCollections", "dbStats")),
            _KEYS,
            *_each((*_ALL, _REFUSED), (*_WRITE, "indexStats")),
        ),
    ),
    Role(
        name="avatar_service",
        purpose="the service of avatars",
        access=_each(("avatars",), _WRITE),
        includes=("app_readwrite",),
    ),
    Role(
        name="catalog_service",
        purpose="the service of the catalogue",
        access=_each(("catalog-items",), _WRITE),
        includes=("app_readwrite",),
    ),
    Role(
        name="design_service",
        purpose="the service of designs, which are made of avatars and items of the catalogue",
        access=(*_each(("designs",), _WRITE), *_each(("avatars", "catalog-items"), _READ)),
        includes=("app_readwrite",),
    ),
)
"""Those that are included come before those that include them."""

USERS = (
    User(name="avatar_service", purpose="a service", role="avatar_service"),
    User(name="catalog_service", purpose="a service", role="catalog_service"),
    User(name="design_service", purpose="a service", role="design_service"),
    User(name="operator", purpose="the user of the stack's own URI", role="app_admin"),
)
"""Each has the password of the PostgreSQL user of that name: both are the same person or service."""
