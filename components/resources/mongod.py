"""Resources of a MongoDB replica set on one machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.resources.base import PemInputs, WalletdbResource, wire_inputs

__all__ = ["MongoReplicaSet", "MongoReplicaSetArgs", "MongodMember", "MongodMemberArgs", "ReplicaSetMember"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReplicaSetMember:
    """One member of a set: where it is, and whether and how gladly it leads."""

    name: str
    host: str
    port: int
    arbiter: bool
    priority: int
    """0: it never leads. Among members that may, the highest that is up to date leads in the end."""

    def wire(self) -> dict[str, str | int | bool]:
        """Return the member as the plugin reads it."""
        return wire_inputs(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class MongodMemberArgs(PemInputs):
    """Inputs of `MongodMember`; its certificate must name the members' organizational unit."""

    directory: str
    name: str
    set_name: str
    arbiter: bool
    listen_address: str
    port: int
    cache_mib: int
    oplog_size_mib: int
    oplog_retention_h: int
    max_connections: int
    slow_query_ms: int
    minimum_tls_version: str
    parameters: Mapping[str, str]
    """Of mongod's `setParameter`."""


class MongodMember(WalletdbResource):
    """One mongod."""

    _outputs = ("dataDirectory", "version", "settingsDigest", "status")

    def __init__(self, name: str, args: MongodMemberArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the server."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="version")
    def version(self) -> pulumi.Output[str]:
        """Version of mongod."""
        return self._output("version")

    @property
    @pulumi.getter(name="settingsDigest")
    def settings_digest(self) -> pulumi.Output[str]:
        """Changes when the server must restart to be as declared."""
        return self._output("settingsDigest")


@dataclass(frozen=True, kw_only=True, slots=True)
class MongoReplicaSetArgs(PemInputs):
    """Inputs of `MongoReplicaSet`; the certificate is the administrator's (common name `postgres`)."""

    directory: str
    name: str
    members: Sequence[Mapping[str, str | int | bool]]
    election_timeout_ms: int
    oplog_size_mib: int
    oplog_retention_h: int
    settings_digests: Sequence[pulumi.Input[str]]
    """The members': where one changes, the set restarts that member in its turn."""


class MongoReplicaSet(WalletdbResource):
    """The members as one: one primary, what they agree on, and the administrator."""

    _outputs = ("replicaSetId", "version", "status")

    def __init__(self, name: str, args: MongoReplicaSetArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the set."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="version")
    def version(self) -> pulumi.Output[str]:
        """Version of the primary."""
        return self._output("version")
