"""The graph of MongoDB on Atlas, as stack `prod` declares it around its components."""

import functools
import json
from typing import Any

from components.mongodb import documents
from components.mongodb.access import USERS
from components.mongodb.atlas import AtlasCluster, AtlasClusterArgs
from components.mongodb.atlas_access import AtlasAccess, AtlasAccessArgs
from components.mongodb.atlas_project import AtlasProject, AtlasProjectArgs
from components.mongodb.contents import Contents, ContentsArgs, MasterKey
from components.resources import RandomPassword, RandomPasswordArgs
from settings import Settings
from settings.cloud.atlas import AtlasSettings
from settings.cloud.backups import BackupSettings
from settings.cloud.tags import TagSettings
from tests.component.graph import Graph, record

ORGANIZATION = "5f0c9f0e5d57b1a2c3d4e5f6"
KEY = "arn:aws:kms:eu-central-1:123456789012:key/documents"
TAGS = TagSettings(owner="platform", cost_center="42")
SUBNETS = {"eu-central-1a": "subnet-a", "eu-central-1b": "subnet-b", "eu-central-1c": "subnet-c"}
BACKUPS = BackupSettings.model_validate(
    {
        "vault_administrators": ["arn:aws:iam::123456789012:role/deploy"],
        "buckets": {"name_prefix": "acme-fashion-wallet"},
    }
)


@functools.cache
def atlas_layer(atlas: str = "{}", settings: str = "{}") -> Graph:
    chosen = AtlasSettings.model_validate_json(json.dumps({"organization_id": ORGANIZATION, **json.loads(atlas)}))
    whole = Settings.model_validate_json(settings)
    return record(lambda: _declare(chosen, whole))


def _declare(chosen: AtlasSettings, whole: Settings) -> dict[str, Any]:
    project = AtlasProject("mongodb", AtlasProjectArgs(stack="prod", settings=chosen, tags=TAGS, protect=whole.protect))
    cluster = AtlasCluster(
        "mongodb",
        AtlasClusterArgs(
            stack="prod",
            settings=whole,
            atlas=chosen,
            backups=BACKUPS,
            project=project,
            region="eu-central-1",
            recovery_region="eu-west-1",
            vpc_id="vpc-1",
            subnet_ids=SUBNETS,
            client_security_group_id="sg-clients",
            client_cidrs=("10.9.0.0/16",),
            key_arn=KEY,
            tags=TAGS,
        ),
    )
    generation = RandomPasswordArgs(generation=1)
    passwords = {user.name: RandomPassword(f"password-{user.name}", generation).result for user in USERS}
    database = whole.mongodb.database
    access = AtlasAccessArgs(project=project.project, cluster=cluster.cluster, database=database, passwords=passwords)
    AtlasAccess("mongodb", access)
    Contents(
        "mongodb",
        ContentsArgs(
            cluster=cluster,
            database=database,
            collections=documents.load(),
            passwords=passwords,
            master_key=MasterKey(provider="aws", aws_key_arn=KEY, aws_region="eu-central-1"),
            allow_data_loss=(),
            protect=whole.protect,
            declare_access=False,
        ),
    )
    return {"uri": cluster.uri("operator", passwords["operator"], database), "role": project.role_arn}
