"""Resources inside MongoDB without a server: what they refuse, what they replace, names, comparison, and claims."""

from __future__ import annotations

import base64
from typing import Any
from unittest import mock

import pytest
from pymongo.errors import AutoReconnect, NotPrimaryError, OperationFailure, ServerSelectionTimeoutError

from localproc.service import RUNNING
from plugins.base.properties import UNKNOWN, Props
from plugins.base.resource import Context
from plugins.walletdb.claims import Claims
from plugins.walletdb.inputs import build
from plugins.walletdb.mongo_objects import MongoIndex
from tests.fixtures.mongo_plugin import MASTER_KEY, MongoPlugin, collection, data_key, index, role, user
from walletdb.errors import MongoError, NoAnswerError
from walletdb.mongodb import connection, data_keys, indexes
from walletdb.mongodb.connection import Connection, described, fault_of_uri

URI = "mongodb://root:secret-word@h:1,i:2/?replicaSet=mongodb"
A: Props = {"keys": [{"field": "a", "order": 1}]}
LIFETIME: Props = {"expireAfterSeconds": 5}
FILTER: Props = {"partialFilter": {"a": 1}}
FTS = {"_fts": "text", "_ftsx": 1}
TEXT: Props = {"keys": [{"field": "t", "order": "text"}]}


@pytest.fixture
def plugin() -> MongoPlugin:
    return MongoPlugin(URI)


# Inputs.


@pytest.mark.parametrize(
    "kind,props,where,said",
    [
        ("MongoCollection", collection("d", validationLevel="lax"), "validationLevel", "'strict'"),
        ("MongoCollection", collection("d", schema=UNKNOWN, allowDorp=True), "allowDorp", "there is no such input"),
        ("MongoCollection", {"database": "d"}, "name", "is missing"),
        ("MongoIndex", index("d"), "keys", "allowed is one key or more"),
        ("MongoIndex", index("d", ("a", 2)), "keys.0.order", "'2dsphere'"),
        ("MongoIndex", index("d", ("a", 1), ("a", -1)), "keys", "got a, a; allowed is each field once"),
        ("MongoIndex", index("d", ("_id", 1)), "keys", "MongoDB keeps that index itself"),
        ("MongoIndex", index("d", ("a", 1), ("b", 1), expireAfterSeconds=0), "expireAfterSeconds", "one key only"),
        ("MongoIndex", index("d", ("a", 1), expireAfterSeconds=-1), "expireAfterSeconds", "got -1; allowed are 0 to"),
        ("MongoIndex", index("d", ("a", 1), weights={"t": 2}), "weights", "got t; allowed are the keys of order text"),
        ("MongoIndex", index("d", ("a", 1), sparse=True, partialFilter={"a": 1}), "sparse", "allows one of them"),
        ("MongoRole", role("d", "r", privileges=[{"database": "d", "collection": "c"}]), "privileges.0.actions", ""),
        ("MongoUser", user("u", ""), "password", "is empty"),
        ("MongoUser", user("u", "p", roles=[{"role": "r", "db": "admin"}]), "roles.0.database", ""),
        ("MongoDataKey", data_key("v", localMasterKey="short"), "localMasterKey", "is not base64url"),
        (
            "MongoDataKey",
            data_key("v", localMasterKey=MASTER_KEY[:64]),
            "localMasterKey",
            "is 48 bytes; allowed are 96",
        ),
        ("MongoDataKey", data_key("v", kmsProvider="gcp"), "kmsProvider", "'aws'"),
        ("MongoDataKey", data_key("v", kmsProvider="aws"), "localMasterKey", "must be empty with kmsProvider aws"),
        ("MongoDataKey", data_key("v", kmsProvider="aws", localMasterKey=""), "awsKeyArn", "needs it"),
        ("MongoDataKey", data_key("v", awsRegion="eu-1"), "awsRegion", "got 'eu-1'; must be empty"),
    ],
)
def test_wrong_inputs_are_refused_by_name(plugin: MongoPlugin, kind: str, props: Props, where: str, said: str) -> None:
    refusals = plugin.refusals(kind, props)
    assert where in refusals, refusals
    assert said in refusals[where]
    assert MASTER_KEY[:64] not in str(refusals)


@pytest.mark.parametrize("uri", ["http://h", "mongodb://", "mongodb://root:se@cret-word@h:x/", ""])
def test_a_wrong_uri_is_refused_without_repeating_it(uri: str) -> None:
    refused = MongoPlugin(uri).refusals("MongoCollection", collection("d"))["uri"]
    assert "is no URI of MongoDB; allowed is mongodb://user:password@host:port" in refused
    assert "cret-word" not in refused
    with pytest.raises(MongoError, match="the given uri is no URI of MongoDB") as error:
        Connection(uri=uri).client()
    assert "cret-word" not in str(error.value)


def test_a_right_uri_is_taken_without_a_look_up() -> None:
    assert fault_of_uri(URI) == ""
    assert fault_of_uri("mongodb+srv://nowhere.invalid/") == ""


def test_unknown_inputs_are_not_judged(plugin: MongoPlugin) -> None:
    for kind, props in (
        ("MongoCollection", collection("d", name=UNKNOWN)),
        ("MongoIndex", index("d", ("a", 1), collection=UNKNOWN)),
        ("MongoUser", {**user("u", "p"), "password": UNKNOWN}),
        ("MongoDataKey", data_key("v", localMasterKey=UNKNOWN)),
    ):
        assert plugin.refusals(kind, {**props, "uri": UNKNOWN}) == {}


def test_optional_inputs_may_be_missing_or_none(plugin: MongoPlugin) -> None:
    missing = plugin.check("MongoIndex", index("d", ("a", 1)))
    none = plugin.check("MongoIndex", index("d", ("a", 1), expireAfterSeconds=None, partialFilter=None, weights=None))
    assert missing == none


@pytest.mark.parametrize(
    "changes,named",
    [
        ({"localMasterKey": base64.urlsafe_b64encode(bytes(96)).decode()}, "localMasterKey"),
        ({"kmsProvider": "aws", "localMasterKey": "", "awsKeyArn": "arn", "awsRegion": "eu-1"}, "kmsProvider"),
    ],
)
def test_the_master_key_of_a_data_key_never_changes(plugin: MongoPlugin, changes: Props, named: str) -> None:
    olds = plugin.check("MongoDataKey", data_key("v"))
    refused = plugin.refusals("MongoDataKey", data_key("v", **changes), olds)
    assert "would become unreadable" in refused[named]
    assert MASTER_KEY not in str(refused)
    assert plugin.refusals("MongoDataKey", data_key("v", "another", **changes), olds) == {}


def test_secrets_are_secret_and_in_no_repr(plugin: MongoPlugin) -> None:
    assert plugin.resource("MongoUser").secrets == {"password"}
    assert plugin.resource("MongoDataKey").secrets == {"localMasterKey"}
    for kind, props in (("MongoUser", user("u", "hidden-word")), ("MongoDataKey", data_key("v"))):
        built = connection_inputs(plugin, kind, props)
        for text in (repr(built), repr(built.spec), str(built.spec)):
            assert not [secret for secret in ("hidden-word", MASTER_KEY, "secret-word") if secret in text]


def connection_inputs(plugin: MongoPlugin, kind: str, props: Props) -> Any:
    return build(plugin.resource(kind).kind, plugin.inputs(props))


# What an update does.


@pytest.mark.parametrize(
    "kind,props,changes,replaces",
    [
        ("MongoCollection", collection("d"), {"name": "x"}, ("name",)),
        ("MongoCollection", collection("d"), {"database": "x"}, ("database",)),
        ("MongoCollection", collection("d"), {"schema": {}, "validationLevel": "moderate", "allowDrop": True}, ()),
        ("MongoRole", role("d", "r"), {"name": "x"}, ("name",)),
        ("MongoRole", role("d", "r"), {"privileges": [], "roles": []}, ()),
        ("MongoUser", user("u", "p"), {"name": "x"}, ("name",)),
        ("MongoUser", user("u", "p"), {"password": "q"}, ()),
        ("MongoDataKey", data_key("v"), {"name": "x"}, ("name",)),
        ("MongoDataKey", data_key("v"), {"allowDrop": True}, ()),
    ],
)
def test_what_an_update_replaces(
    plugin: MongoPlugin, kind: str, props: Props, changes: Props, replaces: tuple[str, ...]
) -> None:
    old = plugin.inputs(props)
    diff = plugin.resource(kind).diff("id", {"status": RUNNING}, old, {**old, **changes}, Context())
    assert (diff.replaces, diff.delete_before_replace) == (replaces, False)
    assert set(diff.changes) == {name for name in changes if old[name] != changes[name]}
    moved = plugin.resource(kind).diff("id", {"status": RUNNING}, old, {**old, "uri": "mongodb://j:3/"}, Context())
    assert (moved.changes, moved.replaces) == (("uri",), ())


@pytest.mark.parametrize(
    "old,new,status,replaces,first",
    [
        (A, TEXT, RUNNING, {"keys"}, False),
        (TEXT, {**TEXT, "weights": {"t": 2}}, RUNNING, {"weights"}, True),
        (TEXT, {"keys": [{"field": "u", "order": "text"}]}, RUNNING, {"keys"}, True),
        (TEXT, {**TEXT, "weights": {"t": 2}, "collection": "other"}, RUNNING, {"weights", "collection"}, False),
        (TEXT, A, RUNNING, {"keys"}, False),
        (A, {**A, "unique": True}, RUNNING, set(), False),
        ({**A, "unique": True}, A, RUNNING, {"unique"}, False),
        (A, {**A, "sparse": True}, RUNNING, {"sparse"}, False),
        (A, {**A, "expireAfterSeconds": 5}, RUNNING, set(), False),
        ({**A, "expireAfterSeconds": 5}, {**A, "expireAfterSeconds": 0}, RUNNING, set(), False),
        ({**A, "expireAfterSeconds": 5}, A, RUNNING, {"expireAfterSeconds"}, True),
        ({**A, **LIFETIME}, {**A, **FILTER}, RUNNING, {"expireAfterSeconds", "partialFilter"}, False),
        (A, {"keys": UNKNOWN}, RUNNING, {"keys"}, False),
        (A, A, "incomplete", set(), False),
        (A, A, "changed: hidden", set(), False),
        (A, A, "changed: prepareUnique", set(), False),
        (A, A, "changed: unique", {"status"}, False),
        ({**A, "unique": True}, {**A, "unique": True}, "changed: unique", set(), False),
        (A, A, "changed: expireAfterSeconds", {"status"}, True),
        (A, A, "changed: expireAfterSeconds, keys", {"status"}, False),
        (A, A, "changed: collation", {"status"}, False),
        (TEXT, TEXT, "changed: weights", {"status"}, True),
    ],
)  # fmt: skip
def test_how_an_index_comes_to_what_is_declared(
    plugin: MongoPlugin, old: Props, new: Props, status: str, replaces: set[str], *, first: bool
) -> None:
    before, after = plugin.inputs(index("d", **old)), plugin.inputs(index("d", **new))
    diff = MongoIndex().diff("id", {**before, "status": status}, before, after, Context())
    assert (set(diff.replaces), diff.delete_before_replace) == (replaces, first)
    if status != RUNNING:
        assert "status" in diff.changes


def test_a_preview_shows_what_stays(plugin: MongoPlugin) -> None:
    inputs = plugin.inputs(index("d", ("a", 1)))
    assert "indexName" not in MongoIndex().preview(None, inputs)
    shown = MongoIndex().preview({**inputs, "indexName": "a_1~2", "status": "changed: hidden"}, inputs)
    assert (shown["indexName"], shown["status"]) == ("a_1~2", RUNNING)


# Indexes as MongoDB writes them.


def spec(*keys: tuple[str, int | str], **options: Any) -> indexes.IndexSpec:
    return indexes.IndexSpec(database="d", collection="c", keys=keys, **options)


@pytest.mark.parametrize(
    "wanted,found,differences",
    [
        (spec(("a", 1)), {"v": 2, "key": {"a": 1}, "name": "a_1"}, ()),
        (spec(("a", 1)), {"key": {"a": 1.0}}, ()),
        (spec(("a", 1), ("b", 1)), {"key": {"b": 1, "a": 1}}, ("keys",)),
        (spec(("a", 1)), {"key": {"a": 1}, "collation": {"locale": "de"}}, ("collation",)),
        (spec(("a", 1)), {"key": {"a": 1}, "hidden": True, "prepareUnique": True}, ("hidden", "prepareUnique")),
        (spec(("a", 1), unique=True), {"key": {"a": 1}, "prepareUnique": True}, ("unique",)),
        (spec(("a", 1), partial_filter={"n": 1}), {"key": {"a": 1}, "partialFilterExpression": {"n": 1}}, ()),
        (spec(("a", 1), expire_after_seconds=0), {"key": {"a": 1}}, ("expireAfterSeconds",)),
        (spec(("t", "text"), ("u", "text")), {"key": FTS, "weights": {"u": 1, "t": 1}}, ()),
        (spec(("t", "text"), weights={"t": 2}), {"key": FTS, "weights": {"t": 1}}, ("weights",)),
        (spec(("a", 1), ("t", "text"), ("b", -1)), {"key": {"a": 1, **FTS, "b": -1}, "weights": {"t": 1}}, ()),
    ],
)  # fmt: skip
def test_an_index_is_compared_in_mongodbs_own_form(
    wanted: indexes.IndexSpec, found: dict[str, Any], differences: tuple[str, ...]
) -> None:
    assert indexes.differences(found, wanted) == differences


def test_names_are_mongodbs_or_the_next_free_one() -> None:
    wanted = spec(("userId", 1), ("status", -1), ("note", "text"))
    assert wanted.default_name == "userId_1_status_-1_note_text"
    assert indexes._free_name(spec(("a", 1)), {}) == "a_1"
    assert indexes._free_name(spec(("a", 1)), {"a_1": {}, "a_1~2": {}, "a_1~4": {}}) == "a_1~3"


def test_what_cannot_be_there_twice_has_one_definition() -> None:
    base = indexes.definition(spec(("a", 1), partial_filter={"x": 1, "y": 2}))
    assert base == indexes.definition(spec(("a", 1), partial_filter={"y": 2, "x": 1}, expire_after_seconds=5))
    for other in (spec(("a", -1)), spec(("a", 1), unique=True), spec(("a", 1), sparse=True), spec(("a", 1))):
        assert indexes.definition(other) != base


# Deletions.


def test_an_object_goes_only_with_the_last_resource_that_declares_it() -> None:
    claims = Claims()
    assert claims.keeper("x", "old") == ""
    claims.declare("x", "old")
    assert claims.keeper("x", "old") == "", "as one that is deleted before its replacement is made"
    claims.declare("x", "new")
    assert claims.keeper("x", "old") == "new"
    assert claims.keeper("y", "old") == ""
    claims.made("y", "same")
    assert claims.keeper("y", "same") == "same", "a deletion left over from an earlier run"


# Errors.


@pytest.mark.parametrize(
    "error,kind,said",
    [
        (ServerSelectionTimeoutError("No servers"), NoAnswerError, "has no primary that can be reached"),
        (AutoReconnect("connection closed"), NoAnswerError, "gave no answer in time"),
        (OperationFailure("Authentication failed.", 18), MongoError, "does not accept root"),
        (OperationFailure("operation exceeded time limit", 50), NoAnswerError, "gave no answer in time"),
        (
            OperationFailure('not authorized on d to execute command { createUser: "u", pwd: "secret-word" }', 13),
            MongoError,
            "root may not do that in MongoDB at h:1,i:2\n  got: not authorized on d to execute command createUser",
        ),
        (OperationFailure("Unrecognized action: fnd", 2), MongoError, "refuses it\n  got: Unrecognized action: fnd"),
    ],
)
def test_errors_of_the_driver_say_what_to_do(error: Any, kind: type[Exception], said: str) -> None:
    with Connection(uri=URI).new_client(connect=False) as client:
        explained = Connection(uri=URI).explained(error, "do it", client)
    assert isinstance(explained, kind)
    assert str(explained).startswith("cannot do it: ")
    assert said in str(explained)
    assert "secret-word" not in str(explained)


def test_an_election_is_waited_for_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "_PAUSE_S", 0.0)
    calls: list[str] = []

    def run(*errors: Exception, patience_s: float = 30.0) -> str:
        left = list(errors)
        calls.clear()

        def work(_client: object) -> str:
            calls.append("call")
            if left:
                raise left.pop(0)
            return "done"

        return Connection(uri=URI).run("do it", work, 30, patience_s=patience_s)

    monkeypatch.setattr(Connection, "client", lambda _self: mock.MagicMock())
    stepped_down = (NotPrimaryError("not primary"), OperationFailure("interrupted", 11602), AutoReconnect("closed"))
    assert run(*stepped_down) == "done"
    assert len(calls) == 4
    for error in (OperationFailure("no", 2), OperationFailure("dup", 11000)):
        with pytest.raises(MongoError):
            run(error)
        assert len(calls) == 1
    with pytest.raises(NoAnswerError):
        run(*stepped_down * 1000, patience_s=0.0)


def test_certificates_are_users_where_the_uri_names_none() -> None:
    certificate = Connection(uri="mongodb://h:1,i:2/?tls=true", ca_file="/ca", certificate_key_file="/admin.pem")
    options = {"authMechanism": "MONGODB-X509", "tlsCAFile": "/ca", "tlsCertificateKeyFile": "/admin.pem", "tls": True}
    assert certificate.options().items() >= options.items()
    assert (certificate.address, certificate.cluster) == ("h:1,i:2", "h:1,i:2")
    assert "authMechanism" not in Connection(uri=URI, certificate_key_file="/admin.pem").options()
    assert "tls" not in Connection(uri=URI).options()
    with pytest.raises(NoAnswerError, match=r"cannot connect to MongoDB at h:1,i:2[\s\S]*caFile /ca,"):
        certificate.client()


def test_hosts_and_users_are_told_without_the_password() -> None:
    found = Connection(uri=URI)
    assert (found.address, found.user, found.cluster) == ("h:1,i:2", "root", "mongodb")
    assert "secret-word" not in repr(found)
    assert described("a\n b " + "x" * 100) == "a b " + "x" * 75 + "…"


def test_a_master_key_is_96_bytes() -> None:
    assert data_keys.fault_of_master_key(MASTER_KEY) == ""
    assert "is 95 bytes" in data_keys.fault_of_master_key(base64.urlsafe_b64encode(bytes(95)).decode())
    assert "is not base64url" in data_keys.fault_of_master_key("é" * 128)
