"""What the MongoDB benchmark makes of its measurements, and where it finds a stack's members."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import mongo_load, mongo_outage
from tests.fixtures.mongo_set import MongoSet
from tests.fixtures.mongo_writer import MongoWriter


def test_ways_are_compared_run_by_run() -> None:
    loads = {
        "MongoService": [mongo_load.Load(per_s=rate, p50_ms=1, p99_ms=2) for rate in (90, 200)],
        "PyMongo alone": [mongo_load.Load(per_s=rate, p50_ms=1, p99_ms=3) for rate in (100, 100)],
    }
    found = {(figure.case, figure.what): figure.runs for figure in mongo_load.figures("insert", loads)}
    assert found["insert", "rate of MongoService / PyMongo alone"] == (0.9, 2.0)
    assert found["insert, PyMongo alone", "latency p99"] == (3, 3)
    assert set(loads) == set(mongo_load.WAYS)


@pytest.mark.parametrize("login", ["operator:gehe%40im@", ""])
def test_the_benchmarks_user_comes_by_the_stacks_own_way(login: str) -> None:
    uri = f"mongodb://{login}127.0.0.1:1,127.0.0.1:2/db?tls=true&tlsCAFile=/x/ca.crt"
    found = mongo_load.with_login(uri, "bench", "pw")
    assert found == "mongodb://bench:pw@127.0.0.1:1,127.0.0.1:2/db?tls=true&tlsCAFile=/x/ca.crt"


def test_every_event_is_measured_in_every_variant_and_held_against_its_own_figure() -> None:
    variants = {(variant.election_timeout_ms, variant.warden) for variant in mongo_outage.VARIANTS}
    assert variants == {(10_000, True), (10_000, False), (2_000, True), (2_000, False)}
    outcome = mongo_outage.Outcome(outage_s=1.5, lost=0, whole_s=4.0, moved=True)
    rows = [mongo_outage.figures(mongo_outage.EVENTS[0], variant, [outcome]) for variant in mongo_outage.VARIANTS]
    assert len({row[0].case for row in rows}) == len(variants)
    assert {row[0].runs for row in rows} == {(1.5,)}
    assert rows[0][0].compare != rows[-1][0].compare
    assert [figure.detail for figure in rows[0]] == [False, False, True, True]


def test_members_are_those_of_the_stacks_own_description(tmp_path: Path) -> None:
    members = [{"name": "mongodb-1", "port": 7001}, {"name": "mongodb-arbiter", "port": 7002}]
    described = {"replica_sets": [{"name": "mongodb", "members": members}]}
    (tmp_path / "walletdb.json").write_text(json.dumps(described), encoding="utf-8")
    found = MongoSet.of(tmp_path)
    assert (found.name, found.ports) == ("mongodb", {"mongodb-1": 7001, "mongodb-arbiter": 7002})


def test_an_outage_is_the_longest_time_between_two_confirmed_writes_from_the_event_on() -> None:
    def refuse(**_options: object) -> None:
        pytest.fail("nothing is connected")

    writer = MongoWriter(refuse, acknowledged=[(1, 0.0), (2, 5.0), (3, 9.5), (4, 10.0), (7, 12.5), (8, 12.6)])
    assert writer.outage_s(10.0) == 2.5
