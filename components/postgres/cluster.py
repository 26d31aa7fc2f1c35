"""What any substrate gives for a PostgreSQL cluster, so that what is the same everywhere is written once against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

__all__ = ["AdminAccess", "Cluster", "Endpoint"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where clients connect to."""

    host: str
    port: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AdminAccess:
    """How the administrator logs in: with a client certificate, by paths on the machine that runs the update."""

    username: str
    ca_file: str
    certificate_file: str
    key_file: str


class Cluster(Protocol):
    """A PostgreSQL cluster on any substrate."""

    writer: Endpoint
    """Always the primary."""
    reader: Endpoint
    """The replicas that are near enough; the primary where there is none."""
    admin: AdminAccess
    server: pulumi.Resource
    """The server as one resource: what lies inside the databases goes when it goes."""
    ready: Sequence[pulumi.Resource]
    """Resources that must be there before anybody connects to `writer`."""
