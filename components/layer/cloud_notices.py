"""What a stack in the cloud cannot give and why, as far as its settings say: a part of the output `warnings`."""

from collections.abc import Iterator
from datetime import date

from components.mongodb.atlas_notices import atlas_notices
from components.postgres.aws_proxy import WARNING as PROXY_WARNING
from settings import Settings
from settings.cloud import CloudSettings

__all__ = ["notices"]


def notices(settings: Settings, cloud: CloudSettings, *, today: date) -> list[str]:
    """Return a sentence for each shortcoming that follows from the settings."""
    return [*_notices(settings, cloud), *atlas_notices(cloud.atlas, settings.tls, today=today)]


def _notices(settings: Settings, cloud: CloudSettings) -> Iterator[str]:
    if cloud.in_database == "skip":
        yield (
            "schemas, roles, grants, extensions and collections are not made, and services cannot log in: "
            "fashion-wallet:cloud.inDatabase is skip; set it to required once this machine reaches the databases"
        )
    if not settings.protect:
        yield "stateful resources are not protected: a destroy deletes the data (fashion-wallet:protect is false)"
    yield PROXY_WARNING
    if not cloud.rds.recovery_replica:
        yield "postgres: no replica in the recovery region, only copies of backups (cloud.rds.recoveryReplica)"
    if not cloud.rds.multi_az:
        yield "postgres: no standby in another zone: when the primary's fails, a person must act (cloud.rds.multiAz)"
    if not cloud.keys.administrators:
        yield "keys: whoever IAM lets manage keys in this account may manage these (cloud.keys.administrators is empty)"
