"""Roles and users that Atlas is asked for, in a real server: what services may do, and what the user of updates may."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from components.mongodb import documents
from components.mongodb.access import KEY_VAULT, KEY_VAULT_DATABASE
from components.mongodb.atlas_access import PROVISIONER
from components.mongodb.contents import index_resource
from plugins.base import ProviderError
from rehearsal.atlas.server import Emulator
from tests.component.atlas_graph import atlas_layer
from tests.fixtures.atlas import AtlasPlugin, Made, cluster_inputs, emulator, write_servers
from tests.fixtures.mongo_plugin import MASTER_KEY, MongoPlugin
from tests.fixtures.scratch_mongod import NAME, ScratchMongod, scratch_mongod
from walletdb.mongodb.connection import close_clients

pytestmark = pytest.mark.live

DATABASE = "fashion-wallet-main"
NOT_AUTHORIZED = 13


@pytest.fixture(scope="module")
def server() -> Iterator[ScratchMongod]:
    with scratch_mongod(1) as running:
        yield running
        close_clients()


@pytest.fixture(scope="module")
def atlas(server: ScratchMongod, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("atlas")
    write_servers(folder, server.hosts.split(","), NAME, server.uri())
    with emulator(folder) as running:
        yield running


@pytest.fixture(scope="module")
def made(atlas: Emulator) -> dict[str, Made]:
    """Everything about access that the components declare, made in the order in which it depends on each other."""
    plugin, graph = AtlasPlugin(atlas.url), atlas_layer()
    project = plugin.project()
    plugin.create("AdvancedCluster", **cluster_inputs(project.id, name="fashion-wallet-prod"))
    nodes = [*graph.of("CustomDbRole").values(), *graph.of("DatabaseUser").values()]
    found = {"project": project}
    while nodes:
        node = nodes.pop(0)
        waits_for = {graph.by_urn(urn).name for urn in node.dependencies}
        if waits_for & {other.name for other in nodes}:
            nodes.append(node)
            continue
        inputs = json.loads(json.dumps(node.inputs))
        found[node.name] = plugin.create(node.kind, **{**inputs, "projectId": project.id, **_password(inputs)})
    return found


def _password(inputs: Mapping[str, Any]) -> dict[str, str]:
    return {"password": f"password of {inputs['username']}"} if "username" in inputs else {}


@pytest.fixture(autouse=True)
def _no_documents(server: ScratchMongod) -> None:
    """No test finds another's collections, in whatever order they run."""
    with server.client() as root:
        root.drop_database(DATABASE)


@pytest.fixture
def uri(server: ScratchMongod) -> Any:
    return lambda user: server.uri(user, quote(f"password of {user}"))


def _client(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, serverSelectionTimeoutMS=20_000)


def test_what_was_made_is_found_again(made: dict[str, Made]) -> None:
    for one in made.values():
        one.assert_settled()


def test_a_service_may_do_its_own_work_and_no_more(made: dict[str, Made], uri: Any) -> None:
    design = {"userId": "u", "name": "n"}
    with _client(uri("design_service")) as client:
        database = client[DATABASE]
        database.designs.insert_one(design)
        assert database.designs.find_one({"name": "n"}) is not None
        assert database.avatars.find_one() is None
        assert "designs" in database.list_collection_names()
        for refused in (
            lambda: database.avatars.insert_one({}),
            lambda: database.designs.create_index("name"),
            database.designs.drop,
            lambda: client.admin.command("usersInfo", 1),
        ):
            with pytest.raises(OperationFailure) as raised:
                refused()
            assert raised.value.code == NOT_AUTHORIZED
        database.designs.delete_one(design)


def test_the_user_of_updates_makes_every_collection_index_and_the_data_key(made: dict[str, Made], uri: Any) -> None:
    plugin = MongoPlugin(uri(PROVISIONER))
    for definition in documents.load():
        collection = plugin.create(
            "MongoCollection",
            {
                "database": DATABASE,
                "name": definition.name,
                "schema": definition.schema,
                "validationLevel": definition.validation_level,
                "validationAction": definition.validation_action,
                "allowDrop": True,
            },
        )
        collection.assert_settled()
        for index in definition.indexes:
            declared = {
                "database": DATABASE,
                "collection": definition.name,
                "keys": [{"field": name, "order": order} for name, order in index.keys],
                "unique": index.unique,
                "sparse": index.sparse,
                "expireAfterSeconds": index.expire_after_seconds,
                "partialFilter": index.partial_filter or None,
                "weights": index.weights or None,
            }
            given = {name: value for name, value in declared.items() if value is not None}
            made_index = plugin.create("MongoIndex", given)
            made_index.assert_settled()
            assert made_index.outputs["indexName"] in index_resource(definition.name, index) or index.weights
    vault = {"keyVaultDatabase": KEY_VAULT_DATABASE, "keyVaultCollection": KEY_VAULT, "name": "personal"}
    master = {"kmsProvider": "local", "localMasterKey": MASTER_KEY, "awsKeyArn": "", "awsRegion": ""}
    key = plugin.create("MongoDataKey", {**vault, **master, "allowDrop": True})
    key.assert_settled()
    key.delete()
    designs = plugin.create(
        "MongoCollection",
        {
            "database": DATABASE,
            "name": "leftover",
            "schema": {"bsonType": "object"},
            "validationLevel": "strict",
            "validationAction": "error",
            "allowDrop": False,
        },
    )
    designs.update(validationAction="warn")
    designs.delete()


def test_the_user_of_updates_writes_no_documents_and_makes_no_users(made: dict[str, Made], uri: Any) -> None:
    with _client(uri(PROVISIONER)) as client:
        for refused in (
            lambda: client[DATABASE].sessions.insert_one({}),
            lambda: client[DATABASE].command("createUser", "x", pwd="12345678", roles=[]),
            client["other"].things.find_one,
        ):
            with pytest.raises(OperationFailure) as raised:
                refused()
            assert raised.value.code == NOT_AUTHORIZED


def test_a_new_password_holds_at_once_and_another_change_leaves_it(
    made: dict[str, Made], server: ScratchMongod
) -> None:
    user = made["mongodb-user-operator"]
    user.update(password="another password")
    user.update(description="the operator")
    user.assert_settled()
    with _client(server.uri("operator", quote("another password"))) as client:
        assert client[DATABASE].command("ping")["ok"] == 1
    user.update(password="password of operator")


def test_a_role_that_is_changed_changes_in_the_server(made: dict[str, Made], uri: Any) -> None:
    role = made["mongodb-role-app_readonly"]
    actions = role.inputs["actions"]
    resource = {"databaseName": DATABASE, "collectionName": "extra"}
    role.update(actions=[*actions, {"action": "INSERT", "resources": [resource]}])
    plugin = role.plugin
    reader = plugin.create(
        "DatabaseUser",
        projectId=made["project"].id,
        username="reader",
        password="password of reader",
        authDatabaseName="admin",
        roles=[{"roleName": "app_readonly", "databaseName": "admin"}],
    )
    with _client(uri("reader")) as client:
        client[DATABASE].extra.insert_one({})
        with pytest.raises(OperationFailure):
            client[DATABASE].extra.delete_one({})
    with pytest.raises(ProviderError, match="ATLAS_CUSTOM_ROLE_IN_USE"):
        role.delete()
    reader.delete()
    assert not reader.refresh()
    role.update(actions=actions)


@pytest.mark.parametrize(
    "kind,inputs,code",
    [
        (
            "CustomDbRole",
            {
                "roleName": "wrong",
                "actions": [{"action": "INDEX_STATS", "resources": [{"databaseName": "a", "collectionName": "b"}]}],
            },
            "INVALID_ENUM_VALUE",
        ),
        (
            "CustomDbRole",
            {"roleName": "wrong", "inheritedRoles": [{"roleName": "nobody", "databaseName": "admin"}]},
            "ATLAS_CUSTOM_ROLE_NOT_FOUND",
        ),
        (
            "DatabaseUser",
            {
                "username": "wrong",
                "password": "password of nobody",
                "authDatabaseName": "admin",
                "roles": [{"roleName": "readWrite", "databaseName": "a"}],
                "scopes": [{"name": "no-such-cluster", "type": "CLUSTER"}],
            },
            "CLUSTER_NOT_FOUND",
        ),
        (
            "DatabaseUser",
            {
                "username": "wrong",
                "password": "short",
                "authDatabaseName": "admin",
                "roles": [{"roleName": "readWrite", "databaseName": "a"}],
            },
            "INVALID_ATTRIBUTE",
        ),
    ],
)
def test_atlas_refuses_what_it_does_not_have(
    made: dict[str, Made], kind: str, inputs: dict[str, Any], code: str
) -> None:
    project = made["project"]
    with pytest.raises(ProviderError, match=code) as raised:
        project.plugin.create(kind, projectId=project.id, **inputs)
    assert "short" not in str(raised.value)
