"""A file of authorities on the machine that runs the update, for clients that take a path."""

from dataclasses import dataclass

import pulumi

from components.resources.base import WalletdbResource

__all__ = ["CertificateFile", "CertificateFileArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CertificateFileArgs:
    """Inputs of `CertificateFile`."""

    path: str
    """Absolute; folders above it are made. Known to every update, wherever it runs."""
    pem: pulumi.Input[str]
    """Certificates, and nothing secret."""


class CertificateFile(WalletdbResource):
    """Certificates in PEM, written again wherever they are missing or other."""

    file: str
    """Its path."""

    def __init__(self, name: str, args: CertificateFileArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the file."""
        super().__init__(name, args, opts)
        self.file = args.path
