"""What the data guard says of a change, and the order of upgrades that it keeps."""

from typing import Any

import pytest

from plugins.base.resource import Context
from plugins.walletdb.guard import DataGuard, consequences, premature, shrunk

FIX = "Set replicaEngineVersion first."


def upgrade(version: str, **replicas: str) -> dict[str, Any]:
    return {"Instance:primary": {"version": version, "replicas": replicas, "fix": FIX}}


def test_a_changed_setting_is_told_with_what_it_does() -> None:
    before = {"rds.instanceClass": {"value": "db.r6g.large", "effect": "old text"}}
    after = {"rds.instanceClass": {"value": "db.r6g.xlarge", "effect": "one fail-over; no data is lost"}}
    assert consequences(before, after) == [
        "rds.instanceClass: db.r6g.large → db.r6g.xlarge: one fail-over; no data is lost"
    ]


@pytest.mark.parametrize(
    "before",
    [{}, {"rds.instanceClass": {"value": "db.r6g.xlarge", "effect": "another text"}}],
    ids=["first deployment", "same value"],
)
def test_nothing_is_told_where_nothing_changed(before: dict[str, Any]) -> None:
    assert consequences(before, {"rds.instanceClass": {"value": "db.r6g.xlarge", "effect": "…"}}) == []


def test_the_check_tells_the_user() -> None:
    told: list[str] = []
    context = Context(sink=lambda _severity, text, _ephemeral: told.append(text))
    olds = {"stateful": {}, "watched": {"retention": {"value": 30, "effect": ""}}}
    news = {"stateful": {}, "watched": {"retention": {"value": 35, "effect": "kept longer"}}}
    assert DataGuard().check(olds, news, context)[1] == []
    assert told == ["retention: 30 → 35: kept longer"]


@pytest.mark.parametrize(
    "before,after,refused",
    [
        (upgrade("17.4", a="17.4"), upgrade("17.5", a="17.5"), True),
        (upgrade("17.4", a="17.5"), upgrade("17.5", a="17.5"), False),
        (upgrade("17.4", a="17.5", b="17.4"), upgrade("17.5", a="17.5", b="17.5"), True),
        (upgrade("17.9", a="17.9"), upgrade("17.10", a="17.10"), True),
        (upgrade("17.4", a="17.4"), upgrade("17.4", a="17.5"), False),
        (upgrade("17.4"), upgrade("17.5"), False),
        (upgrade("17.4", gone="17.4"), upgrade("17.5"), False),
        (upgrade("17.5", a="17.5"), upgrade("17.4", a="17.4"), False),
        ({}, upgrade("17.5", a="17.5"), False),
    ],
    ids=[
        "both at once",
        "replica first",
        "one replica behind",
        "numbers, not texts",
        "replica alone",
        "no replica",
        "replica that goes",
        "backwards is the server's business",
        "first deployment",
    ],
)
def test_replicas_are_upgraded_first(before: dict[str, Any], after: dict[str, Any], *, refused: bool) -> None:
    reasons = premature(before, after)
    assert bool(reasons) is refused
    if refused:
        assert FIX in reasons[0]
        assert "Instance:primary would go from" in reasons[0]


def test_a_premature_upgrade_fails_the_preview() -> None:
    olds = {"stateful": {}, "upgrades": upgrade("17.4", a="17.4")}
    news = {"stateful": {}, "upgrades": upgrade("17.5", a="17.5")}
    failures = DataGuard().check(olds, news, Context())[1]
    assert [failure.property for failure in failures] == [""]
    assert "a (17.4)" in failures[0].reason


@pytest.mark.parametrize(
    "before,after,refused", [({"size": 100}, {"size": 99}, 1), ({"size": 100}, {"size": 100}, 0), ({}, {"size": 1}, 0)]
)
def test_a_size_never_shrinks(before: dict[str, int], after: dict[str, int], refused: int) -> None:
    assert len(shrunk(before, after)) == refused
    failures = DataGuard().check({"stateful": {}, "floors": before}, {"stateful": {}, "floors": after}, Context())[1]
    assert [failure.property for failure in failures] == [""] * refused
    if refused:
        assert "got 99, and it was 100" in failures[0].reason
