"""The plugin as a whole: its resource types, its settings, its schema."""

from typing import Any, ClassVar, Final

from plugins.base import CheckFailure, Props, Provider, ProviderError
from plugins.base.fields import schema_of
from plugins.postgresql.connection_settings import JSON_SETTINGS, ConnectionSettings, check_settings
from plugins.postgresql.connections import Server
from plugins.postgresql.database import Database
from plugins.postgresql.default_privileges import DefaultPrivileg, DefaultPrivileges
from plugins.postgresql.entity import Entity
from plugins.postgresql.extension import Extension
from plugins.postgresql.function import Function
from plugins.postgresql.grant import Grant
from plugins.postgresql.grant_role import GrantRole
from plugins.postgresql.role import Role
from plugins.postgresql.schema import Schema

__all__ = ["PostgresqlProvider"]

# The official plugin's, so that the engine takes this one for it.
_VERSION: Final = "3.18.2"
_ENTITIES: Final[tuple[type[Entity], ...]] = (
    Database,
    DefaultPrivileg,
    DefaultPrivileges,
    Extension,
    Function,
    Grant,
    GrantRole,
    Role,
    Schema,
)


class PostgresqlProvider(Provider):
    """Serves `pulumi_postgresql` over psycopg."""

    json_config: ClassVar[frozenset[str]] = JSON_SETTINGS

    def __init__(self) -> None:
        """Connect to nothing: a preview must work before the server exists."""
        super().__init__(name="postgresql", version=_VERSION, resources=[entity() for entity in _ENTITIES])

    def unsupported(self, token: str) -> str:
        """Refuse a resource type by name."""
        return f"the stand-in does not support {token}; install the official postgresql plugin"

    def check_config(self, olds: Props, news: Props) -> tuple[Props, list[CheckFailure]]:  # noqa: ARG002
        """Check the settings, each for itself."""
        return news, check_settings(news)

    def configure(self, config: Props) -> Props:
        """Remember where to connect; does not connect."""
        failures = check_settings(config)
        if failures:
            raise ProviderError("; ".join(failure.reason for failure in failures))
        settings = ConnectionSettings.from_config(config)
        return {"server": Server(settings), "database": settings.database}

    def schema(self) -> dict[str, Any]:
        """Return the part of the official schema that is supported, so that `pulumi import` can write Python."""
        return {
            "name": self.name,
            "version": self.version,
            "resources": {entity.token: schema_of(entity.fields) for entity in _ENTITIES},
            "language": {"python": {"compatibility": "tfbridge20"}},
        }
