"""walletdb.json: where the servers of a stack are. Finds, checks and loads it; holds no password."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path
from typing import Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from walletdb.errors import ConfigError

__all__ = [
    "CertificateFile",
    "Cluster",
    "Config",
    "EtcdServer",
    "HostPort",
    "Member",
    "Pool",
    "ReplicaSet",
    "ReplicaSetMember",
    "find_config",
    "home",
    "load_config",
]

_PRIVATE = 0o077
"""Mode bits that must be off: whoever writes this file directs a superuser's connections."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HostPort(_Model):
    """A listener."""

    host: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class Member(_Model):
    """One PostgreSQL server under Patroni."""

    name: str
    host: str
    port: int = Field(ge=1, le=65535)
    rest_url: str = Field(pattern=r"^https://")

    @property
    def address(self) -> HostPort:
        """Where it takes SQL connections."""
        return HostPort(host=self.host, port=self.port)


class Pool(_Model):
    """What a service's own pool of connections is to keep to, as PgBouncer does; times are milliseconds."""

    min_connections: int = Field(ge=0)
    max_connections: int = Field(ge=1)
    idle_timeout_ms: int = Field(ge=1)
    connection_timeout_ms: int = Field(ge=1)
    max_lifetime_ms: int = Field(ge=1)
    acquire_timeout_ms: int = Field(ge=1)
    reap_interval_ms: int = Field(ge=1)


class Cluster(_Model):
    """One Patroni cluster and the ways into it."""

    name: str
    scope: str
    database: str
    writer: HostPort
    reader: HostPort
    pooler: HostPort | None = None
    pool: Pool | None = None
    members: tuple[Member, ...] = Field(min_length=1)
    synchronous_standbys: int = Field(ge=0)
    maximum_lag_ms: int = Field(ge=0)
    reader_max_lag_mib: int = Field(ge=0)
    expect_timescaledb: bool = False


class ReplicaSetMember(_Model):
    """One mongod; an arbiter votes and holds no data."""

    name: str
    host: str
    port: int = Field(ge=1, le=65535)
    arbiter: bool = False
    priority: float = Field(default=1, ge=0, le=1000)

    @property
    def address(self) -> HostPort:
        """Where it takes connections."""
        return HostPort(host=self.host, port=self.port)


class ReplicaSet(_Model):
    """One MongoDB replica set; its name is the one that its members carry."""

    name: str
    database: str
    election_timeout_ms: int = Field(ge=1)
    oplog_retention_h: float = Field(ge=0)
    maximum_lag_ms: int = Field(ge=0)
    certificate_key_file: Path
    members: tuple[ReplicaSetMember, ...] = Field(min_length=1)


class EtcdServer(_Model):
    """One etcd server's client endpoint."""

    name: str
    endpoint: str = Field(pattern=r"^https://")


_Named = TypeVar("_Named", Cluster, ReplicaSet)


class CertificateFile(_Model):
    """A certificate on this machine's disk."""

    name: str
    path: Path


class Config(_Model):
    """The whole of walletdb.json, version 1."""

    version: Literal[1]
    stack: str
    directory: Path
    ca_file: Path
    client_certificate: Path
    client_key: Path
    supervisor_socket: Path | None = None
    etcd: tuple[EtcdServer, ...] = ()
    clusters: tuple[Cluster, ...]
    replica_sets: tuple[ReplicaSet, ...] = ()
    certificates: tuple[CertificateFile, ...] = ()
    warnings: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _something_to_look_at(self) -> Self:
        if not self.clusters and not self.replica_sets:
            raise ValueError("clusters and replica_sets are both empty")
        return self

    def cluster(self, name: str) -> Cluster:
        """The Patroni cluster of that name.

        Raises:
            ConfigError: there is none; where it is a replica set's name, the text says so.
        """
        return self._named(name, self.clusters, "a MongoDB replica set, not a PostgreSQL cluster")

    def replica_set(self, name: str) -> ReplicaSet:
        """The MongoDB replica set of that name.

        Raises:
            ConfigError: there is none; where it is a cluster's name, the text says so.
        """
        return self._named(name, self.replica_sets, "a PostgreSQL cluster, not a MongoDB replica set")

    def _named(self, name: str, kind: tuple[_Named, ...], other_kind: str) -> _Named:
        for one in kind:
            if one.name == name:
                return one
        names = sorted([*(one.name for one in self.clusters), *(one.name for one in self.replica_sets)])
        if name in names:
            cause, names = f"{name} is {other_kind}", sorted(one.name for one in kind)
        else:
            cause = f"stack {self.stack} has no cluster {name!r}"
        fix = "name one of these with --cluster" if names else f"stack {self.stack} has none of that kind"
        raise ConfigError(cause, got=name, allowed=", ".join(names), fix=fix)


def home() -> Path:
    """The project's home folder: FASHION_WALLET_HOME, else the operating system's convention."""
    chosen = os.environ.get("FASHION_WALLET_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/fashion-wallet")
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "fashion-wallet"


def find_config(chosen: Path | None, stack: str) -> Path:
    """The file to read: `chosen`, else WALLETDB_CONFIG, else the one of `stack` in the home folder. May not exist."""
    named = os.environ.get("WALLETDB_CONFIG")
    if chosen is not None:
        return chosen.expanduser().absolute()
    if named:
        return Path(named).expanduser().absolute()
    return home() / "stacks" / stack / "walletdb.json"


def load_config(path: Path) -> Config:
    """Read and check `path`.

    Raises:
        ConfigError: it is missing, unreadable, open to others, not JSON, or does not fit the model; all faults of the
            model are listed, each with its path.
    """
    text = _read(path)
    try:
        content = json.loads(text)
    except ValueError as error:
        raise ConfigError(
            f"{path} is not JSON", got=str(error), allowed="what `make up` writes", fix="make up writes it anew"
        ) from error
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        raise ConfigError(
            f"{path} does not describe a stack this walletdb knows",
            got="; ".join(_fault(fault) for fault in error.errors()),
            allowed="version 1, as docs/reference/walletdb.md lists it",
            fix="make up writes it anew",
        ) from error


def _fault(fault: object) -> str:
    """One line of pydantic's list: full path, value, what is wrong."""
    if not isinstance(fault, dict):  # pragma: no cover - pydantic gives dicts
        return str(fault)
    path = ".".join(str(part) for part in fault["loc"]) or "the whole file"
    return f"{path} = {fault['input']!r:.80}: {fault['msg']}"


def _read(path: Path) -> str:
    try:
        mode = path.stat().st_mode & 0o777
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            "no configuration: this stack is not up, or it is kept elsewhere",
            got=f"looked for {path}",
            allowed="--config FILE, WALLETDB_CONFIG, or the stack's file below FASHION_WALLET_HOME",
            fix="`make up` brings the stack up and writes the file",
        ) from error
    except PermissionError as error:
        raise ConfigError(
            f"{path} cannot be read by user {_user(os.geteuid())}",
            got=str(error.strerror),
            allowed="root, or the user who ran `make up`",
            fix=f"run it as that user{_owner_hint(path)}",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read", got=str(error), allowed="a JSON file in UTF-8", fix="make up writes it anew"
        ) from error
    if mode & _PRIVATE:
        raise ConfigError(
            f"{path} is open to other users; whoever writes it directs a superuser's connections",
            got=f"mode {mode:04o}",
            allowed="0600",
            fix=f"chmod 600 '{path}'",
        )
    return text


def _owner_hint(path: Path) -> str:
    try:
        return f" ({_user(path.stat().st_uid)})"
    except OSError:
        return ""


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
