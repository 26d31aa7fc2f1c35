"""MongoDB in the layer: its members, what lies inside, who may do what, and how clients are told to connect."""

import json
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.mongodb import documents
from components.mongodb.access import ROLES, USERS
from components.mongodb.access_reference import page
from components.mongodb.contents import index_resource
from components.mongodb.uris import connection_uri
from localproc.mongod import ORGANIZATIONAL_UNIT
from settings import MongodbPoolSettings
from tests.component.graph import DIRECTORY, Graph, layer


def _layer(**mongodb: Any) -> Graph:
    return layer(json.dumps({"mongodb": mongodb}))


def _set(graph: Graph) -> dict[str, Any]:
    return graph.one("MongoReplicaSet", "mongodb").inputs


@pytest.mark.parametrize(
    "settings,names",
    [
        ({}, ["mongodb-1", "mongodb-2", "mongodb-3"]),
        ({"members": 5}, [f"mongodb-{number}" for number in range(1, 6)]),
        ({"members": 2, "arbiter": True}, ["mongodb-1", "mongodb-2", "mongodb-arbiter"]),
    ],
)
def test_the_members_are_as_many_as_the_settings_say(settings: dict[str, Any], names: list[str]) -> None:
    graph = _layer(**settings)
    assert sorted(graph.of("MongodMember")) == names
    assert [member["name"] for member in _set(graph)["members"]] == names
    assert {node.inputs["arbiter"] for name, node in graph.of("MongodMember").items() if "arbiter" not in name} == {
        False
    }
    for member in _set(graph)["members"]:
        mongod = graph.one("MongodMember", member["name"]).inputs
        assert (mongod["port"], mongod["arbiter"]) == (member["port"], member["arbiter"])


def test_members_know_each_other_by_their_certificates_and_nobody_else_has_that_unit() -> None:
    graph = layer()
    units = {
        name: node.inputs.get("organizationalUnit")
        for name, node in graph.of("Certificate").items()
        if node.inputs.get("organizationalUnit")
    }
    assert units == {f"mongodb-{number}-certificate": ORGANIZATIONAL_UNIT for number in (1, 2, 3)}


def test_priorities_reach_the_members_they_name() -> None:
    members = _set(_layer(priorities={"mongodb-2": 5, "mongodb-3": 0}))["members"]
    assert {member["name"]: member["priority"] for member in members} == {
        "mongodb-1": 1,
        "mongodb-2": 5,
        "mongodb-3": 0,
    }


def test_a_members_change_of_settings_reaches_the_set_which_restarts_it() -> None:
    assert _set(layer())["settingsDigests"] == [f"digest of mongodb-{number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    "settings,size",
    [({}, 990), ({"oplogRetentionH": 48, "oplogWriteMibPerH": 100}, 4800)],
)
def test_the_oplog_holds_the_wanted_hours(settings: dict[str, int], size: int) -> None:
    graph = _layer(**settings)
    sizes = {node.inputs["oplogSizeMib"] for node in graph.of("MongodMember").values()}
    assert sizes == {_set(graph)["oplogSizeMib"]} == {size}


def test_the_connections_a_member_takes_follow_from_the_pools() -> None:
    for settings, connections in (({}, 900), ({"pool": {"maxPoolSize": 10}}, 180), ({"maxConnections": 2000}, 2000)):
        found = {node.inputs["maxConnections"] for node in _layer(**settings).of("MongodMember").values()}
        assert found == {connections}


def test_every_collection_and_index_of_the_definitions_is_declared() -> None:
    graph = layer()
    definitions = documents.load()
    assert set(graph.of("MongoCollection")) == {one.name for one in definitions}
    indexes = {index_resource(one.name, index) for one in definitions for index in one.indexes}
    assert set(graph.of("MongoIndex")) == indexes
    assert len(indexes) == sum(len(one.indexes) for one in definitions)
    assert {"designs-text", "designs-userId_1_status_1_createdAt_-1"} <= indexes
    designs = graph.one("MongoCollection", "designs").inputs
    assert (designs["validationLevel"], designs["validationAction"]) == ("moderate", "error")
    assert designs["database"] == "fashion-wallet-main"
    compound = graph.one("MongoIndex", "designs-userId_1_status_1_createdAt_-1").inputs
    assert compound["keys"] == [
        {"field": "userId", "order": 1},
        {"field": "status", "order": 1},
        {"field": "createdAt", "order": -1},
    ]
    assert graph.one("MongoIndex", "sessions-expiresAt_1").inputs["expireAfterSeconds"] == 0


def test_what_lies_inside_comes_after_the_set_and_goes_with_it() -> None:
    graph = layer()
    server = graph.one("MongoReplicaSet", "mongodb").urn
    for kind in ("MongoCollection", "MongoIndex", "MongoRole", "MongoUser", "MongoDataKey"):
        for node in graph.of(kind).values():
            assert "MongoReplicaSet:mongodb" in graph.ancestors(node), node.name
            assert node.deleted_with == server, node.name
            assert node.inputs["certificateKeyFile"] == f"{DIRECTORY}/admin.pem"
            assert "@" not in node.inputs["uri"], "the administrator has no password"


def test_a_collection_may_be_dropped_only_where_the_settings_name_it() -> None:
    graph = layer('{"allowDataLoss": ["MongoCollection:sessions"]}')
    allowed = {name for name, node in graph.of("MongoCollection").items() if node.inputs["allowDrop"]}
    assert allowed == {"sessions"}
    assert graph.one("MongoDataKey", "personal").inputs["allowDrop"] is False


def test_no_role_may_do_more_than_work_with_documents_of_known_collections() -> None:
    collections = {one.name for one in documents.load()}
    harmless = {
        "find",
        "insert",
        "update",
        "remove",
        "changeStream",
        "collStats",
        "indexStats",
        "listIndexes",
        "listCollections",
        "dbStats",
    }
    for role in ROLES:
        for access in role.access:
            assert set(access.actions) <= harmless, role.name
            if access.key_vault:
                assert (access.collection, access.actions) == ("__keyVault", ("find",))
            elif access.collection:
                assert access.collection in collections
            else:
                assert set(access.actions) <= {"listCollections", "dbStats"}, "on the database this is every collection"


def test_each_service_writes_its_own_collections_and_the_shared_ones_only() -> None:
    by_name = {role.name: role for role in ROLES}

    def writes(name: str) -> set[str]:
        role = by_name[name]
        own = {access.collection for access in role.access if "insert" in access.actions}
        return own.union(*(writes(included) for included in role.includes))

    shared = {"user-preferences", "sessions", "refused-writes"}
    assert writes("avatar_service") == {"avatars", *shared}
    assert writes("catalog_service") == {"catalog-items", *shared}
    assert writes("design_service") == {"designs", *shared}
    assert writes("app_readonly") == set()


def test_every_user_has_the_role_of_the_table_and_a_secret_password() -> None:
    graph = layer()
    assert set(graph.of("MongoUser")) == {f"mongodb-user-{user.name}" for user in USERS}
    for user in USERS:
        node = graph.one("MongoUser", f"mongodb-user-{user.name}")
        assert node.inputs["roles"] == [{"role": user.role, "database": "admin"}]
        assert node.plain["password"] is None
        assert node.inputs["password"] == graph.one("Role", f"postgres-role-{user.name}").inputs["password"]


def test_the_page_of_access_is_up_to_date() -> None:
    root = documents.FOLDER.parent
    assert (root / "docs" / "reference" / "mongodb-access.md").read_text(encoding="utf-8") == page()


def test_the_uri_has_every_option_of_the_specification() -> None:
    parts = urlsplit(str(layer().outputs["mongodb"]["uri"]).replace("127.0.0.1:15470,127.0.0.1:15471,", ""))
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert parts.path == "/fashion-wallet-main"
    assert options == {
        "replicaSet": "mongodb",
        "authSource": "admin",
        "authMechanism": "SCRAM-SHA-256",
        "tls": "true",
        "tlsCAFile": f"{DIRECTORY}/ca.crt",
        "w": "majority",
        "journal": "true",
        "wTimeoutMS": "5000",
        "readConcernLevel": "majority",
        "readPreference": "primaryPreferred",
        "retryWrites": "true",
        "retryReads": "true",
        "maxPoolSize": "100",
        "minPoolSize": "10",
        "maxIdleTimeMS": "30000",
        "serverSelectionTimeoutMS": "5000",
        "socketTimeoutMS": "45000",
        "connectTimeoutMS": "10000",
    }


@given(user=st.text(min_size=1), password=st.text(min_size=1), database=st.text(min_size=1))
def test_a_uri_may_hold_any_user_password_and_database(user: str, password: str, database: str) -> None:
    uri = connection_uri(
        user=user,
        password=password,
        hosts=["127.0.0.1:1", "127.0.0.1:2"],
        replica_set="mongodb",
        database=database,
        ca_file="/a folder/ca.crt",
        pool=MongodbPoolSettings(),
    )
    login, _, rest = uri.removeprefix("mongodb://").partition("@")
    assert [unquote(part) for part in login.split(":")] == [user, password]
    hosts, _, more = rest.partition("/")
    assert hosts == "127.0.0.1:1,127.0.0.1:2"
    assert unquote(more.partition("?")[0]) == database
    assert parse_qs(more.partition("?")[2])["tlsCAFile"] == ["/a folder/ca.crt"]


def test_the_master_key_of_encrypted_fields_is_a_secret_of_96_bytes() -> None:
    graph = layer()
    made = graph.one("RandomPassword", "fashion-wallet-field-encryption")
    assert made.inputs["length"] * 6 == 96 * 8
    key = graph.one("MongoDataKey", "personal")
    assert key.plain["localMasterKey"] is None
    assert key.inputs["kmsProvider"] == "local"
    assert graph.outputs["mongodb"]["field_encryption"]["key_vault"] == "encryption.__keyVault"
