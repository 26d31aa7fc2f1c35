"""The throwaway project's program: one of each thing inside MongoDB, as the project's own components declare them."""

import json
import sys
from pathlib import Path

import pulumi

PARAMETERS = json.loads(Path("parameters.json").read_text(encoding="utf-8"))
sys.path.insert(0, PARAMETERS["project"])

from components.resources import (  # noqa: E402 - the project is found by what the test says
    MongoCollection,
    MongoCollectionArgs,
    MongoDataKey,
    MongoDataKeyArgs,
    MongoIndex,
    MongoIndexArgs,
    MongoRole,
    MongoRoleArgs,
    MongoUser,
    MongoUserArgs,
)

URI = pulumi.Output.secret(PARAMETERS["uri"])
schema = {
    "bsonType": "object",
    "required": ["userId"],
    "properties": {"userId": {"bsonType": "string", "maxLength": PARAMETERS.get("longest", 64)}},
}
collection = MongoCollection(
    "things",
    MongoCollectionArgs(uri=URI, database="wallet", name="things", schema=schema, allow_drop=True),
)
MongoIndex(
    PARAMETERS.get("index_resource", "index"),
    MongoIndexArgs(
        uri=URI,
        database="wallet",
        collection="things",
        keys=[{"field": name, "order": 1} for name in PARAMETERS.get("keys", ["userId"])],
        expire_after_seconds=PARAMETERS.get("lifetime"),
    ),
    pulumi.ResourceOptions(depends_on=[collection]),
)
role = MongoRole(
    "role",
    MongoRoleArgs(
        uri=URI,
        database="admin",
        name="reader",
        privileges=[{"database": "wallet", "collection": "things", "actions": ["find"]}],
    ),
)
MongoUser(
    "user",
    MongoUserArgs(
        uri=URI,
        database="admin",
        name="service",
        password=pulumi.Output.secret(PARAMETERS["password"]),
        roles=[{"role": "reader", "database": "admin"}],
    ),
    pulumi.ResourceOptions(depends_on=[role]),
)
key = MongoDataKey(
    "key",
    MongoDataKeyArgs(
        uri=URI,
        key_vault_database="encryption",
        key_vault_collection="__keyVault",
        name="fields",
        kms_provider="local",
        local_master_key=pulumi.Output.secret(PARAMETERS["master"]),
        allow_drop=True,
    ),
)
pulumi.export("key", key.key_id)
