"""What makes one cluster of the layer different from another: names, libraries, extensions, access."""

from dataclasses import dataclass
from typing import Literal

from components.postgres.grants import POSTGRES, AccessTable
from components.postgres.parameters import OPTIONAL_PRELOAD, PRELOAD
from settings import ClusterSettings

__all__ = ["ClusterDefinition", "OptionalUse", "pgaudit", "postgres"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionalUse:
    """An extension that is used where the server offers it."""

    extension: str
    required: bool
    warning: str
    """What to say where it is missing: what that means, and what to do."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClusterDefinition:
    """One PostgreSQL cluster and the database in it."""

    name: Literal["postgres", "timescale"]
    """Also Patroni's scope, and the beginning of its members' names."""
    settings: ClusterSettings
    access: AccessTable
    optional: tuple[OptionalUse, ...]
    preload: tuple[str, ...] = PRELOAD
    optional_preload: tuple[str, ...] = OPTIONAL_PRELOAD

    @property
    def extensions(self) -> tuple[str, ...]:
        """Extensions that every server has: the configured ones, and the views of preloaded libraries."""
        return tuple(dict.fromkeys((*self.settings.extensions, *self.preload)))

    @property
    def member_names(self) -> tuple[str, ...]:
        """Names of the members; the first one creates the cluster."""
        return tuple(f"{self.name}-{number}" for number in range(1, self.settings.replicas + 2))


def pgaudit(cluster: str) -> OptionalUse:
    """Return the audit extension of a cluster."""
    return OptionalUse(
        extension="pgaudit",
        required=False,
        warning=f"{cluster}: pgaudit is not installed, so changes of structure and roles are not in the server's log; "
        "install the package postgresql-<major>-pgaudit",
    )


def postgres(settings: ClusterSettings) -> ClusterDefinition:
    """Return the relational cluster."""
    return ClusterDefinition(name="postgres", settings=settings, access=POSTGRES, optional=(pgaudit("postgres"),))
