"""What any substrate gives for a PostgreSQL cluster, so that what is the same everywhere is written once against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

__all__ = ["AdminAccess", "Cluster", "Endpoint", "Traits"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where clients connect to.

    `host` may be several, with commas between, each with the same port: libpq tries them in turn.
    """

    host: pulumi.Input[str]
    port: pulumi.Input[int]


@dataclass(frozen=True, kw_only=True, slots=True)
class AdminAccess:
    """How the administrator logs in: with a client certificate, or with a password.

    Files are paths on the machine that runs the update; with `ca_pem`, certificate and key are PEM text as well.

    Raises:
        ValueError: neither or both, half a certificate, or no authority.
    """

    username: str
    ca_file: str = ""
    ca_pem: pulumi.Input[str] | None = None
    """Only with a certificate: drivers take an authority as text exactly where they take the certificate so."""
    certificate_file: pulumi.Input[str] | None = None
    key_file: pulumi.Input[str] | None = None
    password: pulumi.Input[str] | None = None

    def __post_init__(self) -> None:
        """Check that there is one way to log in."""
        certificate = self.certificate_file is not None
        if certificate != (self.key_file is not None) or certificate == (self.password is not None):
            raise ValueError(
                f"access of {self.username}: got {'a' if certificate else 'no'} certificate, "
                f"{'a' if self.key_file is not None else 'no'} key and {'a' if self.password is not None else 'no'} "
                "password; allowed are certificate and key, or a password"
            )
        if bool(self.ca_file) == (self.ca_pem is not None) or (self.ca_pem is not None and not certificate):
            raise ValueError(
                f"access of {self.username}: got ca_file={self.ca_file!r} and "
                f"{'a' if self.ca_pem is not None else 'no'} ca_pem; allowed is one of them, and ca_pem only with a "
                "certificate"
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What a substrate decides about the objects inside its servers."""

    owner: str = "postgres"
    """Owns databases and schemas; nobody logs in as it but the administrator."""
    superuser: bool = True
    """The administrator is one. Where not, it has what `CREATEROLE` and `CREATEDB` give, and what it owns."""
    closed_databases: tuple[str, ...] = ("postgres", "template1")
    """The server's other databases, which nobody else may connect to."""
    replication_role: str | None = None
    """Logs in to `postgres` for replication (pg_rewind does); None where the service replicates by itself."""
    locale: str = "C.UTF-8"
    """Letters beyond ASCII are letters (as "C" they are not), and the order never changes with the system's C library,
    which would silently break indexes."""
    makes_database: bool = True
    """False: what runs the servers makes the application's database and the extensions in it."""
    passwords_rotate: bool = False
    """Something else changes passwords after they were first set: an update leaves them alone."""


class Cluster(Protocol):
    """A PostgreSQL cluster on any substrate."""

    writer: Endpoint
    """Always the primary."""
    reader: Endpoint
    """The replicas that are near enough; the primary where there is none."""
    admin: AdminAccess
    traits: Traits
    server: pulumi.Resource
    """The server as one resource: what lies inside the databases goes when it goes."""
    ready: Sequence[pulumi.Resource]
    """Resources that must be there before anybody connects to `writer`."""
