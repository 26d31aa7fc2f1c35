"""What any substrate gives for a MongoDB cluster, so that what is the same everywhere is written once against it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pulumi

__all__ = ["AdminAccess", "Cluster"]


@dataclass(frozen=True, kw_only=True, slots=True)
class AdminAccess:
    """How the administrator logs in: by the URI, and by files on the machine that runs the update where it has some."""

    uri: pulumi.Input[str]
    """Secret where it holds a password."""
    ca_file: pulumi.Input[str] = ""
    """Authorities to trust; empty: those of the machine."""
    certificate_key_file: pulumi.Input[str] = ""
    """Certificate and key in one file, whose subject is the user; empty: the URI names the user."""


class Cluster(Protocol):
    """A MongoDB cluster on any substrate."""

    admin: AdminAccess
    server: pulumi.Resource
    """The servers as one resource: what lies inside the databases goes when it goes."""
    ready: Sequence[pulumi.Resource]
    """Resources that must be there before anybody connects."""

    def uri(self, user: str, password: pulumi.Input[str], database: str) -> pulumi.Output[str]:
        """Return a user's URI, secret, with the options of spec 4.1.1."""
