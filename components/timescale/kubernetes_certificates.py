"""The certificates of the time-series cluster: an authority of its own, what it signs, and the secrets that hold them.

Owns: authority, certificates, secrets. Does not own: how they are used (`kubernetes_manifests.py`). The authority's key
stays in the stack's encrypted state: the operator cannot sign with it, so every login by certificate is declared here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta

from components.postgres.pooler_access import AUTH_USER
from components.resources import Certificate, CertificateArgs, CertificateAuthority, CertificateAuthorityArgs
from components.timescale.kubernetes_names import CLUSTER, MANAGED_BY, SECRETS
from settings import TlsSettings

__all__ = ["Certificates", "CertificatesArgs", "server_names"]

_REPLICATION = "streaming_replica"  # the operator's name for it
_RELOADED = {**MANAGED_BY, "cnpg.io/reload": ""}
"""By it the operator has the servers load a new certificate by themselves."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificatesArgs:
    """Arguments of `Certificates`."""

    namespace: pulumi.Input[str]
    tls: TlsSettings
    administrator: str
    names: pulumi.Input[Sequence[str]]
    """DNS names of the servers."""
    addresses: pulumi.Input[Sequence[str]]
    """IP addresses of the servers, where clients reach them by such."""


class Certificates(pulumi.ComponentResource):
    """What servers and clients prove who they are with."""

    bundle_pem: pulumi.Output[str]
    """Certificates of all trusted authorities."""
    administrator: Certificate
    """The administrator's, for the connection of the update itself."""
    secrets: Mapping[str, core.Secret]
    """By purpose, see `SECRETS`."""

    def __init__(self, name: str, args: CertificatesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare authority, certificates and secrets."""
        super().__init__("fashionwallet:timescale:Certificates", name, None, opts)
        self._component_name = name
        self._args = args
        self._authority = self._create_authority()
        self.bundle_pem = self._authority.bundle_pem
        self.administrator = self._create_certificate("administrator", args.administrator)
        self.secrets = {
            "server-ca": self._create_authority_secret("server-ca"),
            "client-ca": self._create_authority_secret("client-ca"),
            "server": self._create_pair("server", self._create_server_certificate()),
            "replication": self._create_pair("replication", self._create_certificate("replication", _REPLICATION)),
            "pooler": self._create_pair("pooler", self._create_certificate("pooler", AUTH_USER)),
        }
        self.register_outputs({"bundlePem": self.bundle_pem})

    def _create_authority(self) -> CertificateAuthority:
        tls = self._args.tls
        return CertificateAuthority(
            f"{self._component_name}-authority",
            CertificateAuthorityArgs(
                common_name=f"Fashion Wallet {CLUSTER}",
                validity_days=tls.ca_validity_days,
                renew_before_days=tls.ca_renew_before_days,
                generation=tls.ca_generation,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_server_certificate(self) -> Certificate:
        # Both arrive late as a whole: whether the load balancer has a name or an address is its own choice.
        names: Any = self._args.names
        addresses: Any = self._args.addresses
        return self._create_certificate("server", f"{CLUSTER}-rw", names, addresses)

    def _create_certificate(
        self,
        purpose: str,
        common_name: str,
        dns_names: Sequence[pulumi.Input[str]] = (),
        ip_addresses: Sequence[pulumi.Input[str]] = (),
    ) -> Certificate:
        tls = self._args.tls
        return Certificate(
            f"{self._component_name}-{purpose}",
            CertificateArgs(
                ca_cert_pem=self._authority.cert_pem,
                ca_key_pem=self._authority.key_pem,
                common_name=common_name,
                dns_names=dns_names,
                ip_addresses=ip_addresses,
                validity_days=tls.certificate_validity_days,
                renew_before_days=tls.certificate_renew_before_days,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_authority_secret(self, purpose: str) -> core.Secret:
        return self._create_secret(purpose, "Opaque", {"ca.crt": self.bundle_pem})

    def _create_pair(self, purpose: str, made: Certificate) -> core.Secret:
        return self._create_secret(purpose, "kubernetes.io/tls", {"tls.crt": made.cert_pem, "tls.key": made.key_pem})

    def _create_secret(self, purpose: str, type_: str, texts: Mapping[str, pulumi.Input[str]]) -> core.Secret:
        return core.Secret(
            f"{self._component_name}-secret-{purpose}",
            metadata=meta.ObjectMetaArgs(name=SECRETS[purpose], namespace=self._args.namespace, labels=_RELOADED),
            type=type_,
            string_data=pulumi.Output.secret(dict(texts)),
            opts=pulumi.ResourceOptions(parent=self),
        )


def server_names(namespace: str, host_names: Sequence[str]) -> list[str]:
    """Return the DNS names of the servers: those of the operator's services, and those that the settings add."""
    services = [f"{CLUSTER}-{service}" for service in ("rw", "ro", "r")]
    inside = [
        f"{service}{suffix}"
        for service in services
        for suffix in ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")
    ]
    return [*inside, *host_names]
