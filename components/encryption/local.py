"""Certificates on one machine: an authority of the stack's own, and what it signs.

Owns: the authority, the certificates of the clients that the servers trust by name, and how a server's certificate is
made. Does not own: where files lie; each server's resource writes its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.resources import Certificate, CertificateArgs, CertificateAuthority, CertificateAuthorityArgs
from settings import TlsSettings

__all__ = ["CLIENTS", "Encryption", "EncryptionArgs", "Identity"]

CLIENTS = ("postgres", "replicator", "pgbouncer", "haproxy")
"""Common names of clients: the administrator, replication, the pooler's look-ups, the load balancer's checks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """What a server or client proves who it is with, as PEM; the key is secret."""

    cert_pem: pulumi.Output[str]
    key_pem: pulumi.Output[str]
    ca_bundle_pem: pulumi.Output[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class EncryptionArgs:
    """Arguments of `Encryption`."""

    common_name: str
    """Of the authority."""
    tls: TlsSettings
    listen_address: str
    """Every server's certificate is valid for it, beside the loopback addresses."""
    after: Sequence[pulumi.Resource] = ()
    """Resources that must be there before the authority is made or changed."""


class Encryption(pulumi.ComponentResource):
    """The stack's authority and the certificates it signs."""

    bundle_pem: pulumi.Output[str]
    """Certificates of all trusted authorities."""

    def __init__(self, name: str, args: EncryptionArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the authority and the clients' certificates."""
        super().__init__("fashionwallet:encryption:Encryption", name, None, opts)
        self._component_name = name
        self._args = args
        self._authority = self._create_authority()
        self.bundle_pem = self._authority.bundle_pem
        self._clients = {client: self._create_client(client) for client in CLIENTS}
        self.register_outputs({"bundlePem": self.bundle_pem})

    def client(self, common_name: str) -> Identity:
        """Return the identity of one of `CLIENTS`."""
        return self._clients[common_name]

    def server(self, common_name: str, *, parent: pulumi.Resource, unit: str | None = None) -> Identity:
        """Make the certificate of one server, a child of `parent`; other servers know it as a client by its name.

        `unit` is the organizational unit in its subject, by which MongoDB knows the members of a replica set.
        """
        addresses = dict.fromkeys(("127.0.0.1", "::1", self._args.listen_address))
        # Its own name as well: HAProxy can hold a server to a host name, not to an address.
        names = ("localhost", common_name)
        return self._create(f"{common_name}-certificate", common_name, names, tuple(addresses), parent, unit)

    def _create_authority(self) -> CertificateAuthority:
        tls = self._args.tls
        return CertificateAuthority(
            f"{self._component_name}-authority",
            CertificateAuthorityArgs(
                common_name=self._args.common_name,
                validity_days=tls.ca_validity_days,
                renew_before_days=tls.ca_renew_before_days,
                generation=tls.ca_generation,
            ),
            pulumi.ResourceOptions(parent=self, depends_on=list(self._args.after)),
        )

    def _create_client(self, common_name: str) -> Identity:
        return self._create(f"{self._component_name}-client-{common_name}", common_name, (), (), self)

    def _create(
        self,
        name: str,
        common_name: str,
        dns: tuple[str, ...],
        addresses: tuple[str, ...],
        parent: pulumi.Resource,
        unit: str | None = None,
    ) -> Identity:
        made = Certificate(
            name,
            CertificateArgs(
                ca_cert_pem=self._authority.cert_pem,
                ca_key_pem=self._authority.key_pem,
                common_name=common_name,
                organizational_unit=unit,
                dns_names=dns,
                ip_addresses=addresses,
                validity_days=self._args.tls.certificate_validity_days,
                renew_before_days=self._args.tls.certificate_renew_before_days,
            ),
            pulumi.ResourceOptions(parent=parent),
        )
        return Identity(cert_pem=made.cert_pem, key_pem=made.key_pem, ca_bundle_pem=self.bundle_pem)
