"""One machine as a host: the stack's folder, the supervisor of its servers, and etcd for Patroni."""

from dataclasses import dataclass

import pulumi

from components.encryption.local import Encryption
from components.resources import Etcd, EtcdArgs, Supervisor, SupervisorArgs
from settings.ports import port

__all__ = ["ETCD", "Host", "HostArgs"]

ETCD = "etcd-1"
"""Name of the one etcd node. A second would not help: all would die with the machine."""

_TIMEOUT = pulumi.CustomTimeouts(create="2m", update="2m", delete="2m")


@dataclass(frozen=True, kw_only=True, slots=True)
class HostArgs:
    """Arguments of `Host`."""

    directory: str
    stack: str
    service_user: str
    listen_address: str
    port_base: int
    encryption: Encryption
    protect: bool


class Host(pulumi.ComponentResource):
    """What the servers of a stack share on one machine."""

    ca_file: pulumi.Output[str]
    """Path of the trusted authorities, for clients."""
    supervisor: Supervisor
    """Whatever runs under it comes after it."""
    supervisor_socket: pulumi.Output[str]
    etcd_endpoint: pulumi.Output[str]
    """URL of etcd; whatever has it as an input comes after the supervisor and etcd."""

    def __init__(self, name: str, args: HostArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the supervisor and etcd."""
        super().__init__("fashionwallet:host:Host", name, None, opts)
        self._args = args
        self.supervisor = self._create_supervisor(name)
        self.ca_file = self.supervisor.ca_file
        self.supervisor_socket = self.supervisor.socket
        self.etcd_endpoint = self._create_etcd(self.supervisor).endpoint
        self.register_outputs({"caFile": self.ca_file, "etcdEndpoint": self.etcd_endpoint})

    def _create_supervisor(self, name: str) -> Supervisor:
        return Supervisor(
            f"{name}-supervisor",
            SupervisorArgs(
                directory=self._args.directory,
                stack=self._args.stack,
                user=self._args.service_user,
                ca_bundle_pem=self._args.encryption.bundle_pem,
            ),
            pulumi.ResourceOptions(parent=self, custom_timeouts=_TIMEOUT),
        )

    def _create_etcd(self, supervisor: Supervisor) -> Etcd:
        identity = self._args.encryption.server(ETCD, parent=self)
        return Etcd(
            ETCD,
            EtcdArgs(
                directory=self._args.directory,
                name=ETCD,
                listen_address=self._args.listen_address,
                client_port=port(self._args.port_base, "etcd-client"),
                peer_port=port(self._args.port_base, "etcd-peer"),
                cert_pem=identity.cert_pem,
                key_pem=identity.key_pem,
                ca_bundle_pem=identity.ca_bundle_pem,
            ),
            pulumi.ResourceOptions(
                parent=self, depends_on=[supervisor], protect=self._args.protect, custom_timeouts=_TIMEOUT
            ),
        )
