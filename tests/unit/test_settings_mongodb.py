"""The document database's settings: values, the rules between them, and the numbers that follow."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import MongodbPoolSettings, MongodbSettings, SettingsError
from settings.derived import mongodb_connections, needed_mongodb_connections, oplog_size_mib
from settings.ports import port
from settings.reader import parse
from settings.rules import MONGODB_RULES, broken_rules

BROKEN = {
    "arbiter": MongodbSettings(members=2),
    "priorities": MongodbSettings(priorities={"mongodb-4": 1}),
    "pool.minPoolSize": MongodbSettings(pool=MongodbPoolSettings(min_pool_size=11, max_pool_size=10)),
    "maxConnections": MongodbSettings(max_connections=899),
    "pool.writeTimeoutMs": MongodbSettings(pool=MongodbPoolSettings(write_timeout_ms=45_000)),
}


@pytest.mark.parametrize("key", [rule.key for rule in MONGODB_RULES])
def test_a_broken_rule_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN[key], MONGODB_RULES, "fashion-wallet:mongodb.")
    assert problem.path == f"fashion-wallet:mongodb.{key}"


@pytest.mark.parametrize(
    "settings",
    [MongodbSettings(), MongodbSettings(members=5), MongodbSettings(members=2, arbiter=True)],
)
def test_three_and_five_members_and_two_with_an_arbiter_are_right(settings: MongodbSettings) -> None:
    assert not list(broken_rules(settings, MONGODB_RULES, ""))


def test_an_arbiter_beside_three_members_is_refused() -> None:
    (problem,) = broken_rules(MongodbSettings(arbiter=True), MONGODB_RULES, "")
    assert "makes the number of voters even" in str(problem)
    assert "leave it out, or set members to 2" in str(problem)


def test_somebody_must_be_able_to_lead() -> None:
    nobody = MongodbSettings(priorities=dict.fromkeys(("mongodb-1", "mongodb-2", "mongodb-3"), 0))
    (problem,) = broken_rules(nobody, MONGODB_RULES, "")
    assert "leaves nobody who may lead" in str(problem)


def test_too_many_connections_are_refused_with_both_numbers() -> None:
    (problem,) = broken_rules(MongodbSettings(max_connections=500), MONGODB_RULES, "")
    assert "900" in str(problem)
    assert "500" in str(problem)


@given(pool=st.integers(1, 10_000))
def test_a_member_takes_what_all_pools_can_open(pool: int) -> None:
    settings = MongodbSettings(pool=MongodbPoolSettings(min_pool_size=0, max_pool_size=pool))
    assert mongodb_connections(settings) == needed_mongodb_connections(settings) > 2 * pool


@given(hours=st.integers(1, 720), rate=st.integers(1, 100_000))
def test_the_oplog_holds_the_wanted_hours_and_is_never_smaller_than_mongodb_allows(hours: int, rate: int) -> None:
    size = oplog_size_mib(MongodbSettings(oplog_retention_h=hours, oplog_write_mib_per_h=rate))
    assert size >= max(990, hours * rate)


def test_every_member_has_a_port_of_its_own_beside_everybody_elses() -> None:
    members = [port(15400, "mongod", index=index) for index in range(5)]
    assert [*members, port(15400, "arbiter")] == [15470, 15471, 15472, 15473, 15474, 15475]
    with pytest.raises(ValueError, match="allowed are 0 to 4"):
        port(15400, "mongod", index=5)


@pytest.mark.parametrize(
    "section,path,said",
    [
        ({"members": 4}, "mongodb.members", "`2` or `3` or `5`"),
        ({"members": "3"}, "mongodb.members", "`2` or `3` or `5`"),
        ({"database": "Fashion"}, "mongodb.database", "small letters, digits and -"),
        ({"database": "config"}, "mongodb.database", "choose another name"),
        ({"database": 7}, "mongodb.database", "write a text"),
        ({"priorities": {"postgres-1": 1}}, "mongodb.priorities", "write mongodb-1 to mongodb-5"),
        ({"priorities": {"mongodb-1": -1}}, "mongodb.priorities", "0"),
        ({"electionTimeoutMs": 999}, "mongodb.electionTimeoutMs", "1000 or more"),
        ({"cacheMib": 255}, "mongodb.cacheMib", "256 or more"),
        ({"oplogRetentionH": 0}, "mongodb.oplogRetentionH", "1 or more"),
        ({"parameters": {"enableTestCommands": 1}}, "mongodb.parameters", "can destroy data"),
        ({"parameters": {"ENABLELOCALHOSTAUTHBYPASS": True}}, "mongodb.parameters", "let anybody on the machine in"),
        ({"parameters": {"saslHostName": "x"}}, "mongodb.parameters", "it guards who may connect"),
        ({"parameters": {"no such": 1}}, "mongodb.parameters", "write it as mongod does"),
        ({"parameters": {"ttlMonitorSleepSecs": "a\nb"}}, "mongodb.parameters", "write the value on one line"),
        ({"electionTimeout": 1}, "mongodb.electionTimeout", "did you mean electionTimeoutMs?"),
    ],
)
def test_a_wrong_value_is_refused_with_its_path_and_the_way_out(section: object, path: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse({"fashion-wallet:mongodb": json.dumps(section)})
    assert f"fashion-wallet:{path}" in str(caught.value)
    assert said in str(caught.value)


def test_parameters_arrive_as_mongod_reads_them() -> None:
    given_ = {"ttlMonitorSleepSecs": 1, "notablescan": True, "logLevel": "0", "diagnosticDataCollectionEnabled": False}
    settings = parse({"fashion-wallet:mongodb": json.dumps({"parameters": given_})})
    assert settings.mongodb.parameters == {
        "ttlMonitorSleepSecs": "1",
        "notablescan": "true",
        "logLevel": "0",
        "diagnosticDataCollectionEnabled": "false",
    }
