"""Resources of the machine: supervisor, etcd, the file for the command `walletdb`, and the guard against data loss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from components.resources.base import PemInputs, WalletdbResource

__all__ = [
    "DataGuard",
    "DataGuardArgs",
    "Etcd",
    "EtcdArgs",
    "RuntimeConfig",
    "RuntimeConfigArgs",
    "Supervisor",
    "SupervisorArgs",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class SupervisorArgs:
    """Inputs of `Supervisor`."""

    directory: str
    stack: str
    user: str
    """Servers run as this user when the engine runs as root."""
    ca_bundle_pem: pulumi.Input[str]


class Supervisor(WalletdbResource):
    """The process that keeps a stack's servers running, and the stack's folder with its `ca.crt`."""

    _outputs = ("caFile", "socket", "status")

    def __init__(self, name: str, args: SupervisorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the supervisor."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="caFile")
    def ca_file(self) -> pulumi.Output[str]:
        """Path of the trusted authorities."""
        return self._output("caFile")

    @property
    @pulumi.getter(name="socket")
    def socket(self) -> pulumi.Output[str]:
        """Path of the supervisor's control socket."""
        return self._output("socket")


@dataclass(frozen=True, kw_only=True, slots=True)
class EtcdArgs(PemInputs):
    """Inputs of `Etcd`."""

    directory: str
    name: str
    listen_address: str
    client_port: int
    peer_port: int


class Etcd(WalletdbResource):
    """One node of etcd, where Patroni keeps who is the leader."""

    _outputs = ("endpoint", "version", "status")

    def __init__(self, name: str, args: EtcdArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the node."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="endpoint")
    def endpoint(self) -> pulumi.Output[str]:
        """URL for clients."""
        return self._output("endpoint")


@dataclass(frozen=True, kw_only=True, slots=True)
class RuntimeConfigArgs:
    """Inputs of `RuntimeConfig`."""

    directory: str
    content: pulumi.Input[Mapping[str, Any]]
    """What stands in the file, key for key; no secret."""


class RuntimeConfig(WalletdbResource):
    """The file `walletdb.json`: where the stack's servers are."""

    _outputs = ("path", "status")

    def __init__(self, name: str, args: RuntimeConfigArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the file."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="path")
    def path(self) -> pulumi.Output[str]:
        """Path of the file."""
        return self._output("path")


@dataclass(frozen=True, kw_only=True, slots=True)
class DataGuardArgs:
    """Inputs of `DataGuard`."""

    stateful: Mapping[str, str]
    """Id of each stateful resource, and a text that changes when it could only be had by losing its data."""
    clusters: Mapping[str, Mapping[str, Any]]
    """What the durability of each cluster rests on, by scope: its `members` and `synchronousStandbys`."""
    allow: Sequence[str]
    """Ids that this update may lose."""
    watched: Mapping[str, Mapping[str, Any]] | None = None
    """Settings whose change matters to the data: by key, `value` and what a change of it does (`effect`)."""
    floors: Mapping[str, float] | None = None
    """Sizes that only ever grow, by the key of their setting."""
    upgrades: Mapping[str, Mapping[str, Any]] | None = None
    """Primaries that are upgraded after their replicas: by id, `version`, `replicas` (id → version), `fix` (a text)."""


class DataGuard(WalletdbResource):
    """What the policies judge before any server is touched: what holds data, and how it is kept."""

    def __init__(self, name: str, args: DataGuardArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the guard."""
        super().__init__(name, args, opts)
