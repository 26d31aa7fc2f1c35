"""The MongoDB client for services, without a server: options, URIs, events, and what is never shown."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pymongo import monitoring

import walletdb
from components.mongodb.uris import connection_uri
from settings.mongodb import MongodbPoolSettings
from tests.fixtures.event_loop import run_async
from walletdb.services.errors import (
    MongoServiceError,
    MongoSettingsError,
)
from walletdb.services.mongo import MongoService
from walletdb.services.mongo_events import CommandLog, PoolStats, PoolWatch
from walletdb.services.mongo_options import MongoOptions, MongoUri
from walletdb.services.mongo_refusals import RefusedWrites
from walletdb.services.transactions import TransactionOptions

SECRET = "geheim-4711"
LOCAL = f"mongodb://user:{SECRET}@127.0.0.1:27017/db"
PROJECT = Path(__file__).resolve().parents[2]

# Options.


def test_defaults_are_those_of_the_specification() -> None:
    """Section 4.1.1, name by name as the driver takes them."""
    assert {name: value for name, value in MongoOptions().for_driver().items() if name != "tz_aware"} == {
        "maxPoolSize": 100,
        "minPoolSize": 10,
        "maxIdleTimeMS": 30_000,
        "waitQueueTimeoutMS": 10_000,
        "serverSelectionTimeoutMS": 5_000,
        "socketTimeoutMS": 45_000,
        "connectTimeoutMS": 10_000,
        "retryWrites": True,
        "retryReads": True,
        "w": "majority",
        "journal": True,
        "wTimeoutMS": 5_000,
        "readPreference": "primaryPreferred",
        "readConcernLevel": "majority",
    }


@pytest.mark.parametrize(
    "field, value",
    [
        ("max_pool_size", 0),
        ("min_pool_size", -1),
        ("min_pool_size", 101),
        ("socket_timeout_ms", 0),
        ("slow_query_ms", -5),
        ("w", 0),
        ("w", True),
        ("w", "most"),
        ("read_preference", "fastest"),
        ("read_concern_level", "snapshot"),
    ],
)
def test_options_that_cannot_work_are_refused_with_value_and_limit(field: str, value: object) -> None:
    with pytest.raises(MongoSettingsError, match=field) as refused:
        MongoOptions(**{field: value})
    assert refused.value.got == repr(value)
    assert refused.value.allowed


@pytest.mark.parametrize("field, value", [("read_concern", "local"), ("time_limit_ms", 0), ("max_commit_time_ms", -1)])
def test_transaction_options_that_cannot_work_are_refused(field: str, value: object) -> None:
    with pytest.raises(MongoSettingsError, match=field):
        TransactionOptions(**{field: value})


# URIs.


def test_what_a_uri_states_takes_the_place_of_a_default_and_shows() -> None:
    service = MongoService(f"{LOCAL}?maxPoolSize=50&maxIdleTimeMS=1500&w=2&readPreference=primary&appName=x")
    assert (service.options.max_pool_size, service.options.max_idle_time_ms) == (50, 1500)
    assert (service.options.w, service.options.read_preference, service.options.app_name) == (2, "primary", "x")
    assert service.options.socket_timeout_ms == MongoOptions().socket_timeout_ms


def test_the_stacks_own_uris_state_what_the_defaults_are(tmp_path: Path) -> None:
    authority = tmp_path / "ca.crt"
    authority.write_text("")
    uri = connection_uri(
        user="design_service",
        password=f"{SECRET}/@:?&%",
        hosts=["127.0.0.1:1", "db.example:2"],
        replica_set="mongodb",
        database="fashion-wallet-main",
        ca_file=str(authority),
        pool=MongodbPoolSettings(),
    )
    service = MongoService(uri, MongoOptions())
    assert MongoService(uri).options == service.options
    assert (service.database, MongoUri.parse(uri).tls) == ("fashion-wallet-main", True)


def test_a_uri_that_disagrees_with_given_options_is_refused_with_both_values() -> None:
    with pytest.raises(MongoSettingsError, match="disagree") as refused:
        MongoService(f"{LOCAL}?maxPoolSize=50", MongoOptions(max_pool_size=20))
    assert "50" in refused.value.got
    assert "20" in refused.value.got
    agreed = MongoService(f"{LOCAL}?maxPoolSize=20&w=majority&journal=true", MongoOptions(max_pool_size=20))
    assert agreed.options.max_pool_size == 20


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8:1", "localhost", "[::1]:27018", "%2Ftmp%2Fmongodb.sock"])
def test_this_machine_may_be_reached_without_tls(host: str) -> None:
    assert not MongoUri.parse(f"mongodb://u:p@{host}/").tls


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://u:p@db.example/",
        "mongodb://u:p@127.0.0.1,10.0.0.7/",
        "mongodb://u:p@[2001:db8::1]/?tls=false",
        "mongodb+srv://u:p@cluster.example.net/?tls=false",
        "mongodb://u:p@localhost.example/",
    ],
)
def test_clear_text_over_a_network_is_refused(uri: str) -> None:
    with pytest.raises(MongoSettingsError, match="in clear"):
        MongoService(uri)


def test_tls_is_taken_over_a_network_and_implied_by_srv() -> None:
    assert MongoUri.parse("mongodb://u:p@db.example/?tls=true").tls
    assert MongoUri.parse("mongodb+srv://u:p@cluster.example.net/db?srvMaxHosts=2").database == "db"
    assert MongoUri.parse("mongodb+srv://u:p@cluster.example.net/").tls


@pytest.mark.parametrize("option", ["tlsInsecure", "tlsAllowInvalidCertificates", "tlsAllowInvalidHostnames"])
def test_a_server_must_be_verified_also_on_this_machine(option: str) -> None:
    with pytest.raises(MongoSettingsError, match="verification"):
        MongoService(f"mongodb://127.0.0.1/?tls=true&{option}=true")


@pytest.mark.parametrize(
    "uri, named",
    [
        (f"postgres://u:{SECRET}@h/", "begins"),
        (f"mongodb://u:{SECRET}/x@127.0.0.1/", "credentials"),
        (f"mongodb://u:x?{SECRET}@127.0.0.1/", "option"),
        (f"mongodb://u:x?{SECRET}=1@127.0.0.1/", "option"),
        (f"mongodb://u:{SECRET}%@127.0.0.1/", "credentials"),
        (f"mongodb://u:{SECRET}@127.0.0.1:99999/", "hosts"),
        (f"mongodb://u:{SECRET}@127.0.0.1/?maxPolSize=3", "maxPolSize"),
        (f"mongodb://u:{SECRET}@127.0.0.1/?maxPoolSize=many", "maxPoolSize"),
        (f"mongodb://u:{SECRET}@127.0.0.1/?tls=true&tlsCAFile=/nowhere/ca.crt", "tlsCAFile"),
        (f"mongodb://u:{SECRET}@127.0.0.1/?tls=true&ssl=false", "combination"),
    ],
)
def test_an_unusable_uri_is_refused_without_showing_it(uri: str, named: str) -> None:
    with pytest.raises(MongoSettingsError, match="cannot be used") as refused:
        MongoService(uri)
    assert named in str(refused.value)
    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


def test_no_secret_shows_in_any_representation() -> None:
    service = MongoService(LOCAL)
    shown = f"{service!r} {service.options!r} {MongoUri.parse(LOCAL)!r} {service}"
    assert SECRET not in shown
    assert "127.0.0.1:27017/db" in shown


def test_the_database_is_the_callers_then_the_uris_then_the_specifications() -> None:
    assert MongoService(LOCAL, database="other").database == "other"
    assert MongoService(LOCAL).database == "db"
    assert MongoService("mongodb://127.0.0.1/").database == "fashion-wallet-main"


def test_a_service_that_is_not_open_says_so_and_is_not_healthy() -> None:
    service = MongoService(LOCAL)
    with pytest.raises(MongoServiceError, match="not open"):
        service.get_collection("designs")
    assert run_async(service.health_check()) is False
    assert "not open" in run_async(service.check()).reason


def test_the_package_gives_its_names_and_loads_no_driver_before_they_are_asked_for() -> None:
    assert walletdb.MongoService is MongoService
    assert {"FieldEncryption", "MongoService", "TransactionOptions"} <= set(dir(walletdb))
    with pytest.raises(AttributeError, match="no attribute 'Nonsense'"):
        getattr(walletdb, "Nonsense")  # noqa: B009 - a type checker would refuse the plain name
    code = "import sys, walletdb; sys.exit(any('pymongo' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False).returncode == 0


# Events.

ADDRESS = ("127.0.0.1", 27017)


def test_pools_are_counted() -> None:
    watch = PoolWatch()

    async def events() -> PoolStats:
        watch.connection_created(monitoring.ConnectionCreatedEvent(ADDRESS, 1))
        for waited_s in (0.25, 0.75):
            watch.connection_check_out_started(monitoring.ConnectionCheckOutStartedEvent(ADDRESS))
            watch.connection_checked_out(monitoring.ConnectionCheckedOutEvent(ADDRESS, 1, waited_s))
        watch.connection_checked_in(monitoring.ConnectionCheckedInEvent(ADDRESS, 1))
        watch.connection_check_out_started(monitoring.ConnectionCheckOutStartedEvent(ADDRESS))
        waiting = watch.stats()
        watch.connection_check_out_failed(monitoring.ConnectionCheckOutFailedEvent(ADDRESS, "timeout", 2.0))
        watch.connection_closed(monitoring.ConnectionClosedEvent(ADDRESS, 1, "idle"))
        return waiting

    waiting, stats = run_async(events()), watch.stats()
    assert (waiting.connections_open, waiting.connections_in_use, waiting.waiting) == (1, 1, 1)
    assert (stats.connections_open, stats.connections_closed, stats.waiting) == (0, 1, 0)
    assert (stats.check_outs, stats.check_outs_failed) == (2, 1)
    assert (stats.wait_total_ms, stats.wait_mean_ms, stats.wait_longest_ms) == (1000, 500, 2000)


def test_who_is_cancelled_while_waiting_waits_no_more() -> None:
    watch = PoolWatch()

    async def wait() -> None:
        watch.connection_check_out_started(monitoring.ConnectionCheckOutStartedEvent(ADDRESS))
        await asyncio.sleep(60)

    async def whole() -> tuple[int, int]:
        task = asyncio.create_task(wait())
        await asyncio.sleep(0)
        before = watch.stats().waiting
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return before, watch.stats().waiting

    assert run_async(whole()) == (1, 0)


def _ended(log: CommandLog, command: dict[str, Any], took_ms: int, failure: dict[str, Any] | None = None) -> None:
    name = next(iter(command))
    log.started(monitoring.CommandStartedEvent(command, "db", 7, ADDRESS, 7))
    took = dt.timedelta(milliseconds=took_ms)
    if failure is None:
        log.succeeded(monitoring.CommandSucceededEvent(took, {"ok": 1}, name, 7, ADDRESS, 7, database_name="db"))
    else:
        log.failed(monitoring.CommandFailedEvent(took, failure, name, 7, ADDRESS, 7, database_name="db"))


def test_slow_commands_are_logged_by_their_fields_and_without_values(caplog: pytest.LogCaptureFixture) -> None:
    log = CommandLog(200)
    with caplog.at_level(logging.WARNING, "walletdb.services.mongo"):
        _ended(log, {"find": "designs", "filter": {"userId": SECRET, "status": SECRET}}, 250)
        _ended(log, {"update": "avatars", "updates": [{"q": {"name": SECRET}, "u": {"$set": {"x": SECRET}}}]}, 900)
        _ended(log, {"insert": "avatars", "documents": [{"x": SECRET}]}, 300, {"codeName": "Dup", "errmsg": SECRET})
        _ended(log, {"find": "designs", "filter": {"fast": 1}}, 199)
        _ended(log, {"hello": 1}, 9000)
    first, second, third = caplog.messages
    assert first == "slow command: find db.designs {userId, status} took 250 ms on 127.0.0.1:27017"
    assert "update db.avatars {name} took 900 ms" in second
    assert third.endswith("failed Dup")
    assert SECRET not in caplog.text
    assert log.slow == 3
    assert log._running == {}


def _write(refused: RefusedWrites, command: dict[str, Any], reply: dict[str, Any], *, database: str = "db") -> None:
    name, took = next(iter(command)), dt.timedelta(milliseconds=1)
    refused.started(monitoring.CommandStartedEvent(command, database, 7, ADDRESS, 7))
    if reply.get("ok"):
        ended = monitoring.CommandSucceededEvent(took, reply, name, 7, ADDRESS, 7, database_name=database)
        refused.succeeded(ended)
    else:
        refused.failed(monitoring.CommandFailedEvent(took, reply, name, 7, ADDRESS, 7, database_name=database))


def test_documents_that_validators_refuse_are_counted_by_collection() -> None:
    refused = RefusedWrites("db")
    errors = [{"index": 0, "code": 121}, {"index": 1, "code": 11000}, {"index": 2, "code": 121}]
    _write(refused, {"insert": "designs", "documents": []}, {"ok": 1, "n": 1})
    _write(refused, {"insert": "designs", "documents": []}, {"ok": 1, "n": 0, "writeErrors": errors})
    _write(refused, {"update": "avatars", "updates": []}, {"ok": 1, "n": 0, "writeErrors": errors[:1]})
    _write(refused, {"findAndModify": "avatars"}, {"ok": 0, "code": 121})
    _write(refused, {"findAndModify": "avatars"}, {"ok": 0, "code": 11000})
    _write(refused, {"insert": "designs"}, {"ok": 1, "n": 0, "writeErrors": errors}, database="another")
    _write(refused, {"delete": "designs"}, {"ok": 0, "code": 121})
    _write(refused, {"update": "refused-writes"}, {"ok": 1, "n": 0, "writeErrors": errors})
    assert refused.counts == {"designs": 2, "avatars": 2}
    assert refused._running == {}
