"""Atlas's settings: what is refused, each with the reason, and the rules, one case a row of their tables."""

import itertools
import json
from typing import Any

import pytest
from pydantic import ValidationError

from settings import MongodbSettings
from settings.cloud.atlas import AtlasSettings
from settings.cloud.atlas_rules import ATLAS_MONGODB_RULES, ATLAS_RULES, AtlasInUse
from settings.cloud.atlas_tiers import MAJORS, RESERVED_BY_ATLAS, TIERS, smallest_tier_for
from settings.derived import needed_mongodb_connections
from settings.mongodb import MongodbPoolSettings
from settings.rules import broken_rules

ORGANIZATION = "5f0c9f0e5d57b1a2c3d4e5f6"


def _atlas(**changes: Any) -> AtlasSettings:
    return AtlasSettings(organization_id=ORGANIZATION, **changes)


def _use(mongodb: MongodbSettings | None = None, **atlas: Any) -> AtlasInUse:
    return AtlasInUse(atlas=_atlas(**atlas), mongodb=mongodb or MongodbSettings())


BROKEN = {
    "instanceSize": _use(MongodbSettings(pool=MongodbPoolSettings(max_pool_size=400))),
    "diskSizeGb": _use(disk_size_gb=513),
    "maximumInstanceSize": _use(instance_size="M40", maximum_instance_size="M30"),
}
BROKEN_MONGODB = {
    "members": _use(MongodbSettings(members=2, arbiter=True)),
    "maxConnections": _use(MongodbSettings(max_connections=2000)),
    "parameters": _use(MongodbSettings(parameters={"transactionLifetimeLimitSeconds": "30"})),
    "priorities": _use(MongodbSettings(priorities={"mongodb-1": 2})),
}


@pytest.mark.parametrize("key", [rule.key for rule in ATLAS_RULES])
def test_a_broken_rule_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN[key], ATLAS_RULES, "fashion-wallet:cloud.atlas.")
    assert problem.path == f"fashion-wallet:cloud.atlas.{key}"


@pytest.mark.parametrize("key", [rule.key for rule in ATLAS_MONGODB_RULES])
def test_a_broken_rule_about_what_is_the_same_everywhere_names_its_key(key: str) -> None:
    (problem,) = broken_rules(BROKEN_MONGODB[key], ATLAS_MONGODB_RULES, "fashion-wallet:mongodb.")
    assert problem.path == f"fashion-wallet:mongodb.{key}"


def test_the_defaults_break_no_rule() -> None:
    assert not list(broken_rules(_use(), (*ATLAS_RULES, *ATLAS_MONGODB_RULES), ""))


def test_too_many_connections_are_refused_with_both_numbers_and_the_size_that_takes_them() -> None:
    (problem,) = broken_rules(BROKEN["instanceSize"], ATLAS_RULES, "")
    assert "3300 connections" in problem.cause
    assert "M30 takes 3000" in problem.cause
    assert "set instanceSize to M40 or larger" in problem.fix


def test_the_smallest_size_that_autoscaling_may_reach_counts() -> None:
    use = _use(
        MongodbSettings(pool=MongodbPoolSettings(max_pool_size=400)),
        instance_size="M40",
        minimum_instance_size="M30",
        maximum_instance_size="M50",
    )
    (problem,) = broken_rules(use, ATLAS_RULES, "")
    assert problem.got == "'M30'"
    assert "set minimumInstanceSize to M40" in problem.fix


@pytest.mark.parametrize(
    "bounds",
    [
        {"minimum_instance_size": "M20"},
        {"minimum_instance_size": "M40", "maximum_instance_size": "M50"},
        {"maximum_instance_size": "R40"},
        {"maximum_instance_size": "M20"},
    ],
)
def test_bounds_that_do_not_enclose_the_size_are_refused(bounds: dict[str, str]) -> None:
    keys = [problem.path for problem in broken_rules(_use(**bounds), ATLAS_RULES, "")]
    assert "maximumInstanceSize" in keys


@pytest.mark.parametrize("name", ["M0", "M2", "M5", "m5", "FLEX"])
def test_a_shared_size_is_refused_with_what_it_does_not_have(name: str) -> None:
    with pytest.raises(ValidationError) as raised:
        _atlas(instance_size=name)
    assert f"{name.upper()} clusters do not have continuous backups" in str(raised.value)


@pytest.mark.parametrize(
    "field,value,reason",
    [
        ("instance_size", "M15", "is no size of a dedicated cluster"),
        ("mongodb_major", "6.0", "is no major version that Atlas supports"),
        ("mongodb_major", 8.0, "is no text"),
        ("access_cidrs", ("0.0.0.0/0",), "lets in the whole internet"),
        ("access_cidrs", ("8.0.0.0/15",), "wider than /16"),
        ("access_cidrs", ("10.1.2.3/8",), "is no IPv4 network"),
        ("access_cidrs", ("10.0.0.0/8", "10.1.0.0/16"), "overlap"),
        ("alert_emails", ("nobody",), "is no e-mail address"),
        ("audit_filter", "{", "is no JSON"),
        ("audit_filter", "[]", "is JSON, but no object"),
        ("organization_id", "fashion", "pattern"),
        ("maintenance_hour", 24, "less than or equal to 23"),
        ("disk_size_gb", 9, "greater than or equal to 10"),
    ],
)
def test_a_wrong_value_is_refused_with_the_reason(field: str, value: object, reason: str) -> None:
    with pytest.raises(ValidationError) as raised:
        AtlasSettings.model_validate({"organization_id": ORGANIZATION, field: value})
    assert reason in str(raised.value)


@pytest.mark.parametrize("cidrs", [("10.0.0.0/8",), ("8.8.0.0/16", "192.168.1.0/24"), ()])
def test_networks_of_ones_own_are_taken(cidrs: tuple[str, ...]) -> None:
    assert _atlas(access_cidrs=cidrs).access_cidrs == cidrs


def test_the_audit_filter_has_one_spelling() -> None:
    assert _atlas(audit_filter='{ "atype" : "dropDatabase" }').audit_filter == '{"atype":"dropDatabase"}'
    default = json.loads(_atlas().audit_filter)
    assert json.dumps(default, separators=(",", ":")) == _atlas().audit_filter


def test_the_tables_are_in_order_and_hold_what_the_defaults_need() -> None:
    for kind in "MR":
        sizes = [size for size in TIERS.values() if size.kind == kind]
        assert sizes == sorted(sizes, key=lambda size: size.order)
        for smaller, larger in itertools.pairwise(sizes):
            assert smaller.connections <= larger.connections
            assert smaller.largest_disk_gb <= larger.largest_disk_gb
            assert smaller.memory_gb < larger.memory_gb
    needed = needed_mongodb_connections(MongodbSettings())
    fitting = smallest_tier_for(needed, "M")
    assert fitting is not None
    assert fitting.connections - RESERVED_BY_ATLAS >= needed
    assert smallest_tier_for(10**6, "M") is None
    assert _atlas().mongodb_major in MAJORS
