"""The plugin as a whole: its resource types, where it may talk to, its schema."""

import os
from typing import Any, ClassVar, Final

from plugins.base import CheckFailure, Props, Provider, ProviderError
from plugins.base.fields import schema_of
from plugins.mongodbatlas.access import CustomDbRole, DatabaseUser
from plugins.mongodbatlas.alerts import AlertConfiguration, MaintenanceWindow
from plugins.mongodbatlas.api import Api, check_base_url
from plugins.mongodbatlas.backups import BackupCompliancePolicy, CloudBackupSchedule
from plugins.mongodbatlas.cluster import AdvancedCluster
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.integrations import ThirdPartyIntegration
from plugins.mongodbatlas.network import PrivateLinkEndpoint, PrivateLinkEndpointService, ProjectIpAccessList
from plugins.mongodbatlas.project import Project
from plugins.mongodbatlas.security import (
    Auditing,
    CloudProviderAccessAuthorization,
    CloudProviderAccessSetup,
    EncryptionAtRest,
)

__all__ = ["ENTITIES", "MongodbatlasProvider"]

# The official plugin's, so that the engine takes this one for it.
_VERSION: Final = "4.18.0"
ENTITIES: Final[tuple[type[Entity], ...]] = (
    AdvancedCluster,
    AlertConfiguration,
    Auditing,
    BackupCompliancePolicy,
    CloudBackupSchedule,
    CloudProviderAccessAuthorization,
    CloudProviderAccessSetup,
    CustomDbRole,
    DatabaseUser,
    EncryptionAtRest,
    MaintenanceWindow,
    PrivateLinkEndpoint,
    PrivateLinkEndpointService,
    Project,
    ProjectIpAccessList,
    ThirdPartyIntegration,
)
# Setting → the environment's variable for it, which are the official plugin's own.
_SETTINGS: Final = {
    "baseUrl": "MONGODB_ATLAS_BASE_URL",
    "publicKey": "MONGODB_ATLAS_PUBLIC_KEY",
    "privateKey": "MONGODB_ATLAS_PRIVATE_KEY",
}


class MongodbatlasProvider(Provider):
    """Serves `pulumi_mongodbatlas` over Atlas's API."""

    json_config: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        """Connect to nothing."""
        super().__init__(name="mongodbatlas", version=_VERSION, resources=[entity() for entity in ENTITIES])

    def unsupported(self, token: str) -> str:
        """Refuse a resource type by name."""
        return f"the stand-in does not support {token}; install the official mongodbatlas plugin"

    def check_config(self, olds: Props, news: Props) -> tuple[Props, list[CheckFailure]]:  # noqa: ARG002
        """Refuse settings that the stand-in does not have, and an address that is not of this machine."""
        failures = [
            CheckFailure(name, f"{name}: the stand-in does not have this setting; install the official plugin")
            for name in news
            if name not in _SETTINGS
        ]
        url = _setting(news, "baseUrl")
        if isinstance(url, str) and check_base_url(url):
            failures.append(CheckFailure("baseUrl", check_base_url(url)))
        return news, failures

    def configure(self, config: Props) -> Props:
        """Remember where to talk to; does not connect."""
        found = {name: str(_setting(config, name)) for name in _SETTINGS}
        fault = check_base_url(found["baseUrl"])
        missing = [variable for name, variable in _SETTINGS.items() if not found[name]]
        if fault or missing:
            raise ProviderError(fault or f"not set in the environment: {', '.join(missing)}")
        return {"api": Api(found["baseUrl"], found["publicKey"], found["privateKey"])}

    def schema(self) -> dict[str, Any]:
        """Return the part of the official schema that is supported, so that `pulumi import` can write Python."""
        return {
            "name": self.name,
            "version": self.version,
            "resources": {entity.token: schema_of(entity.fields) for entity in ENTITIES},
            "language": {"python": {"compatibility": "tfbridge20"}},
        }


def _setting(config: Props, name: str) -> Any:
    return config.get(name) or os.environ.get(_SETTINGS[name], "")
