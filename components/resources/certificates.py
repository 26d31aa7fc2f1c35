"""Secrets that the plugin makes and keeps: passwords, the certificate authority, certificates."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.resources.base import WalletdbResource

__all__ = [
    "Certificate",
    "CertificateArgs",
    "CertificateAuthority",
    "CertificateAuthorityArgs",
    "RandomPassword",
    "RandomPasswordArgs",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class RandomPasswordArgs:
    """Inputs of `RandomPassword`."""

    length: int = 40
    """Letters of a URL-safe alphabet; at least 32 (ruling on spec 6.1.1)."""
    generation: int
    """Raised by one, the password is made anew, in place."""


class RandomPassword(WalletdbResource):
    """A password that is made once and kept until its generation is raised."""

    _outputs = ("result",)
    _secrets = ("result",)

    def __init__(self, name: str, args: RandomPasswordArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the password."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="result")
    def result(self) -> pulumi.Output[str]:
        """The password; secret."""
        return self._output("result")


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateAuthorityArgs:
    """Inputs of `CertificateAuthority`."""

    common_name: pulumi.Input[str]
    validity_days: int
    renew_before_days: int
    generation: int
    """Raised by one, the authority is replaced over three updates: announced, signing, the one before withdrawn."""


class CertificateAuthority(WalletdbResource):
    """The stack's own certificate authority."""

    _outputs = ("certPem", "keyPem", "bundlePem", "notAfter")
    _secrets = ("keyPem",)

    def __init__(self, name: str, args: CertificateAuthorityArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the authority."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="certPem")
    def cert_pem(self) -> pulumi.Output[str]:
        """Certificate of the authority that signs now."""
        return self._output("certPem")

    @property
    @pulumi.getter(name="keyPem")
    def key_pem(self) -> pulumi.Output[str]:
        """Its key; secret."""
        return self._output("keyPem")

    @property
    @pulumi.getter(name="bundlePem")
    def bundle_pem(self) -> pulumi.Output[str]:
        """Certificates of all trusted authorities."""
        return self._output("bundlePem")

    @property
    @pulumi.getter(name="notAfter")
    def not_after(self) -> pulumi.Output[str]:
        """End of the signing authority's life (RFC 3339)."""
        return self._output("notAfter")


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateArgs:
    """Inputs of `Certificate`."""

    ca_cert_pem: pulumi.Input[str]
    ca_key_pem: pulumi.Input[str]
    common_name: pulumi.Input[str]
    organizational_unit: pulumi.Input[str] | None = None
    """Part of the subject where it is given."""
    dns_names: Sequence[pulumi.Input[str]] = ()
    ip_addresses: Sequence[pulumi.Input[str]] = ()
    validity_days: int
    renew_before_days: int


class Certificate(WalletdbResource):
    """A certificate of one server or client, renewed by an update within `renew_before_days` of its end."""

    _outputs = ("certPem", "keyPem", "notAfter")
    _secrets = ("keyPem",)

    def __init__(self, name: str, args: CertificateArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the certificate."""
        super().__init__(name, args, opts)

    @property
    @pulumi.getter(name="certPem")
    def cert_pem(self) -> pulumi.Output[str]:
        """The certificate."""
        return self._output("certPem")

    @property
    @pulumi.getter(name="keyPem")
    def key_pem(self) -> pulumi.Output[str]:
        """Its key; secret."""
        return self._output("keyPem")

    @property
    @pulumi.getter(name="notAfter")
    def not_after(self) -> pulumi.Output[str]:
        """End of its life (RFC 3339)."""
        return self._output("notAfter")
