"""The real servers behind the emulated clusters: custom roles and users are made in them as Atlas would."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient
from pymongo.errors import OperationFailure

__all__ = ["Mongods"]

_PORT: Final = 27017
_ADMIN: Final = "admin"
_SELECTION_MS: Final = 15_000
_GONE: Final = frozenset({11, 31})  # UserNotFound, RoleNotFound
_THERE: Final = frozenset({51002, 51003})  # role or user already exists
_SPELLED: Final = {
    "IN_PROG": "inprog",
    "KILL_ANY_CURSOR": "killAnyCursor",
    "KILL_OP": "killop",
    "NET_STAT": "netstat",
    "USE_UUID": "useUUID",
}
_ROLES_OF_ALL: Final = {"atlasAdmin": "root"}
"""What Atlas's own role is nearest to in a server that is not Atlas's."""


class Mongods:
    """The replica set of `servers.json`, read anew at each use: it may come up after the emulator."""

    def __init__(self, servers: Path) -> None:
        """Connect to nothing yet."""
        self._servers = servers

    def hosts(self) -> str:
        """Return the members as a connection string lists them."""
        return ",".join(one if ":" in one else f"{one}:{_PORT}" for one in self._mongodb()["members"])

    def replica_set(self) -> str:
        """Return the set's name."""
        return str(self._mongodb()["replica_set"])

    def set_role(self, name: str, actions: Sequence[Mapping[str, Any]], inherited: Sequence[Mapping[str, Any]]) -> None:
        """Make a custom role, or bring it to what is wanted."""
        words = {
            "privileges": [_privilege(place, names) for place, names in _by_place(actions)],
            "roles": [{"role": one["role"], "db": one["db"]} for one in inherited],
        }
        self._make("createRole", "updateRole", name, words)

    def set_user(self, name: str, password: str | None, roles: Sequence[Mapping[str, Any]]) -> None:
        """Make a user, or bring it to what is wanted; without a password the old one stays."""
        granted = [{"role": _role(one["roleName"]), "db": _database(one)} for one in roles]
        words: dict[str, Any] = {"roles": granted}
        if password is not None:
            words |= {"pwd": password, "mechanisms": ["SCRAM-SHA-256"]}
        self._make("createUser" if password is not None else "updateUser", "updateUser", name, words)

    def drop_role(self, name: str) -> None:
        """Drop a role; one that is gone is no error."""
        self._drop("dropRole", name)

    def drop_user(self, name: str) -> None:
        """Drop a user; one that is gone is no error."""
        self._drop("dropUser", name)

    def _make(self, first: str, otherwise: str, name: str, words: Mapping[str, Any]) -> None:
        with self._admin() as admin:
            try:
                admin.command({first: name, **words, "writeConcern": {"w": "majority"}})
            except OperationFailure as error:
                if error.code not in _THERE:
                    raise
                admin.command({otherwise: name, **words, "writeConcern": {"w": "majority"}})

    def _drop(self, command: str, name: str) -> None:
        with self._admin() as admin:
            try:
                admin.command({command: name, "writeConcern": {"w": "majority"}})
            except OperationFailure as error:
                if error.code not in _GONE:
                    raise

    @contextmanager
    def _admin(self) -> Iterator[Any]:
        servers = json.loads(self._servers.read_text(encoding="utf-8"))
        uri = servers["mongodb"]["admin_uri"]
        options = {"tlsCAFile": servers["ca_file"]} if re.search(r"[?&](tls|ssl)=true", uri) else {}
        with MongoClient[dict[str, Any]](uri, serverSelectionTimeoutMS=_SELECTION_MS, **options) as client:
            yield client[_ADMIN]

    def _mongodb(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self._servers.read_text(encoding="utf-8"))["mongodb"]
        return found


def _by_place(actions: Sequence[Mapping[str, Any]]) -> list[tuple[Mapping[str, Any], list[str]]]:
    """Turn where each action is allowed into what is allowed in each place."""
    places: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for one in actions:
        for place in one["resources"]:
            key = json.dumps(place, sort_keys=True)
            places.setdefault(key, (place, []))[1].append(_action(one["action"]))
    return list(places.values())


def _privilege(place: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    where = {"cluster": True} if place.get("cluster") else {"db": place["db"], "collection": place["collection"]}
    return {"resource": where, "actions": names}


def _action(name: str) -> str:
    """Return MongoDB's name of an action: `collStats` for `COLL_STATS`."""
    first, *rest = name.lower().split("_")
    return _SPELLED.get(name) or first + "".join(part.capitalize() for part in rest)


def _role(name: str) -> str:
    return _ROLES_OF_ALL.get(name, name)


def _database(role: Mapping[str, Any]) -> str:
    return str(role["databaseName"])
