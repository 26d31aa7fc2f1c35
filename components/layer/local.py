"""The whole database layer on one machine, in the order in which it comes up.

guard → certificates → supervisor and etcd → for each PostgreSQL cluster: servers, database, pooler; for MongoDB:
members, replica set, what lies inside → the file for `walletdb`.
"""

from dataclasses import dataclass
from typing import Any

import pulumi

from components.encryption.local import Encryption, EncryptionArgs
from components.host.local import Host, HostArgs
from components.layer.deployment import Deployment, DeploymentArgs
from components.layer.local_guard import MASTER_KEY, durability, stateful_resources
from components.layer.local_notices import notices
from components.mongodb import documents
from components.mongodb.access import KEY_VAULT, KEY_VAULT_DATABASE, USERS
from components.mongodb.contents import DATA_KEY, Contents, ContentsArgs, MasterKey
from components.mongodb.local import NAME as MONGODB
from components.mongodb.local import ReplicaSet, ReplicaSetArgs
from components.postgres.definition import ClusterDefinition, postgres
from components.postgres.grants import CREATOR
from components.resources import (
    DataGuard,
    DataGuardArgs,
    RandomPassword,
    RandomPasswordArgs,
    RuntimeConfig,
    RuntimeConfigArgs,
)
from components.runtime_config import runtime_content
from components.timescale.definition import EXTENSION, timescale
from settings import Settings
from settings.derived import SERVICES

__all__ = ["LocalLayer", "LocalLayerArgs"]

_OPERATOR = "operator"
_MASTER_KEY_LENGTH = 128
"""Letters of base64url: 96 bytes, what MongoDB's drivers take as a local master key."""


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalLayerArgs:
    """Arguments of `LocalLayer`."""

    stack: str
    directory: str
    """Absolute folder of everything the stack keeps."""
    settings: Settings


class LocalLayer(pulumi.ComponentResource):
    """Fashion Wallet's databases on one machine.

    The names of what holds data are published (`DataGuard`, runbooks): clusters are `postgres` and `timescale`, members
    `<cluster>-<number>`, databases and collections have their own names.
    """

    outputs: dict[str, Any]
    """The stack's outputs, by name; see docs/reference."""

    def __init__(self, name: str, args: LocalLayerArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the layer."""
        super().__init__("fashionwallet:index:LocalLayer", name, None, opts)
        self._component_name = name
        self._args = args
        self._definitions = (postgres(args.settings.postgres), timescale(args.settings.timescale))
        self._collections = documents.load()
        self._encryption = self._create_encryption(self._create_guard())
        self._host = self._create_host()
        self._passwords = self._create_passwords()
        self._postgres, self._timescale = (self._create_cluster(definition) for definition in self._definitions)
        self._master_key = self._create_master_key()
        self._mongodb = self._create_replica_set()
        self._contents = self._create_contents()
        self._warnings = self._collect_warnings()
        self._create_runtime_config()
        self.outputs = self._collect_outputs()
        self.register_outputs(self.outputs)

    def _create_guard(self) -> DataGuard:
        return DataGuard(
            f"{self._component_name}-guard",
            DataGuardArgs(
                stateful=stateful_resources(
                    self._args.directory, self._definitions, self._args.settings, self._collections
                ),
                clusters=durability(self._definitions),
                allow=list(self._args.settings.allow_data_loss),
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_encryption(self, guard: DataGuard) -> Encryption:
        return Encryption(
            f"{self._component_name}-encryption",
            EncryptionArgs(
                common_name=f"Fashion Wallet {self._args.stack}",
                tls=self._args.settings.tls,
                listen_address=self._args.settings.local.listen_address,
                # All servers need certificates, so nothing is touched before the guard was judged.
                after=[guard],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_host(self) -> Host:
        local = self._args.settings.local
        return Host(
            f"{self._component_name}-host",
            HostArgs(
                directory=self._args.directory,
                stack=self._args.stack,
                service_user=local.service_user,
                listen_address=local.listen_address,
                port_base=local.port_base,
                encryption=self._encryption,
                protect=self._args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_passwords(self) -> dict[str, pulumi.Output[str]]:
        """Declare one password a user: a user of both clusters is one person or service, with one password."""
        logins = dict.fromkeys(login for definition in self._definitions for login in definition.access.logins)
        args = RandomPasswordArgs(generation=self._args.settings.password_generation)
        return {
            login: RandomPassword(
                f"{self._component_name}-password-{login}", args, pulumi.ResourceOptions(parent=self)
            ).result
            for login in logins
        }

    def _create_cluster(self, definition: ClusterDefinition) -> Deployment:
        return Deployment(
            definition.name,
            DeploymentArgs(
                definition=definition,
                settings=self._args.settings,
                directory=self._args.directory,
                encryption=self._encryption,
                host=self._host,
                passwords=self._passwords,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_master_key(self) -> pulumi.Output[str]:
        """Declare the key that encrypts the data keys of encrypted fields: it is never made anew."""
        return RandomPassword(
            MASTER_KEY,
            RandomPasswordArgs(length=_MASTER_KEY_LENGTH, generation=1),
            pulumi.ResourceOptions(parent=self, protect=self._args.settings.protect),
        ).result

    def _create_replica_set(self) -> ReplicaSet:
        return ReplicaSet(
            MONGODB,
            ReplicaSetArgs(
                directory=self._args.directory,
                settings=self._args.settings,
                encryption=self._encryption,
                after=[self._host.supervisor],
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_contents(self) -> Contents:
        return Contents(
            MONGODB,
            ContentsArgs(
                cluster=self._mongodb,
                database=self._args.settings.mongodb.database,
                collections=self._collections,
                passwords=self._passwords,
                master_key=MasterKey(provider="local", local_key=self._master_key),
                allow_data_loss=self._args.settings.allow_data_loss,
                protect=self._args.settings.protect,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _collect_warnings(self) -> pulumi.Output[list[str]]:
        known = notices(self._args.settings, self._args.directory)
        late = pulumi.Output.all(self._postgres.warnings, self._timescale.warnings)
        return late.apply(lambda parts: [*known, *(text for part in parts for text in part)])

    def _create_runtime_config(self) -> RuntimeConfig:
        content = runtime_content(
            stack=self._args.stack,
            directory=self._args.directory,
            settings=self._args.settings,
            host=self._host,
            deployments=list(zip(self._definitions, (self._postgres, self._timescale), strict=True)),
            replica_set=self._mongodb,
            warnings=self._warnings,
        )
        return RuntimeConfig(
            f"{self._component_name}-runtime-config",
            RuntimeConfigArgs(directory=self._args.directory, content=content),
            pulumi.ResourceOptions(
                parent=self, depends_on=[self._postgres, self._timescale, self._mongodb, self._contents]
            ),
        )

    def _collect_outputs(self) -> dict[str, Any]:
        services = {service: self._postgres.url(service, "pooler") for service in SERVICES}
        return {
            "postgres": {
                "writer_url": self._postgres.url(_OPERATOR, "writer"),
                "reader_url": self._postgres.url(_OPERATOR, "reader"),
                "pool_url": self._postgres.url(_OPERATOR, "pooler"),
                "ca_certificate": self._encryption.bundle_pem,
            },
            "timescale": {
                "url": self._timescale.url(_OPERATOR, "writer"),
                "hypertables": self._timescale.available[EXTENSION],
            },
            "mongodb": self._mongodb_outputs(),
            # Migrations hold session-level locks, which a pooler in transaction mode cannot give.
            "services": {**services, CREATOR: self._postgres.url(CREATOR, "writer")},
            "backups": {},
            "warnings": self._warnings,
        }

    def _mongodb_outputs(self) -> dict[str, Any]:
        database = self._args.settings.mongodb.database
        uris = {user.name: self._mongodb.uri(user.name, self._passwords[user.name], database) for user in USERS}
        return {
            "uri": uris.pop(_OPERATOR),
            "database": database,
            "services": uris,
            "field_encryption": {
                "key_vault": f"{KEY_VAULT_DATABASE}.{KEY_VAULT}",
                "data_key": DATA_KEY,
                "provider": "local",
                "local_master_key": pulumi.Output.secret(self._master_key),
            },
        }
