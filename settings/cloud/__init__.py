"""The settings of a layer in the cloud: AWS, MongoDB Atlas and Kubernetes, one module a section."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from settings.base import Model
from settings.cloud.atlas import AtlasSettings
from settings.cloud.backups import BackupSettings
from settings.cloud.keys import KeySettings
from settings.cloud.kubernetes import KubernetesSettings
from settings.cloud.monitoring import MonitoringSettings
from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.secrets import SecretSettings
from settings.cloud.tags import TagSettings

__all__ = ["CloudSettings"]


class CloudSettings(Model):
    """A layer on AWS, MongoDB Atlas and Kubernetes."""

    network: NetworkSettings = Field(description="Regions, zones and addresses.")
    keys: KeySettings = Field(default_factory=KeySettings, description="The keys of KMS.")
    rds: RdsSettings = Field(description="PostgreSQL on RDS.")
    secrets: SecretSettings = Field(description="Passwords in Secrets Manager.")
    atlas: AtlasSettings = Field(description="MongoDB on Atlas.")
    kubernetes: KubernetesSettings = Field(description="TimescaleDB and jobs on Kubernetes.")
    backups: BackupSettings = Field(description="AWS Backup, buckets, dumps and restore tests.")
    monitoring: MonitoringSettings = Field(description="Alarms and logs.")
    tags: TagSettings = Field(description="Whose the resources are.")
    in_database: Literal["required", "skip"] = Field(
        default="required",
        description="`required`: an update must reach every database, to make schemas, roles, grants and collections. "
        "`skip`: those are left out, and the stack warns: for a first update from where no network path leads.",
    )
