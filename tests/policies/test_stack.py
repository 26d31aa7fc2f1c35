"""Who refers to whom in a stack: by known values, and by what unknown ones are made of."""

from typing import Any

import pytest

from policies.arns import region_of
from policies.cloud import KMS_KEY, RDS_INSTANCE
from policies.replicas import other_region, replicas_of, source_of
from policies.resources import Provider, Resource, Stack
from policies.selections import judge_primaries
from policies.values import UNKNOWN, UNSET

ALARM, TOPIC, PROJECT = (
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:sns/topic:Topic",
    "mongodbatlas:index/project:Project",
)
URN = "urn:pulumi:prod::fashion-wallet::{}::{}"


def one(kind: str, name: str, depends: dict[str, list[str]] | None = None, **properties: Any) -> Resource:
    made_of = {
        path: tuple(URN.format(kind, name) for kind, name in map(_split, names))
        for path, names in (depends or {}).items()
    }
    given = {path: value for path, value in properties.items() if value is not UNSET}
    return Resource(type=kind, name=name, urn=URN.format(kind, name), properties=given, depends_on=made_of)


def _split(text: str) -> tuple[str, str]:
    kind, _, name = text.rpartition("/")
    return kind, name


TARGET = one(TOPIC, "alerts", {"arn": [f"{PROJECT}/main"]}, arn="arn:alerts", id="alerts")
HIDDEN = one(TOPIC, "new", {"arn": [f"{PROJECT}/main"]}, arn=UNKNOWN)


@pytest.mark.parametrize(
    "target,value,depends,verdict",
    [
        (TARGET, "arn:alerts", [], True),
        (TARGET, "alerts", [], True),
        (TARGET, "arn:other", [], False),
        (TARGET, "arn:other", [f"{TOPIC}/alerts"], False),
        (TARGET, UNSET, [], False),
        (TARGET, 0, [f"{TOPIC}/alerts"], False),
        (TARGET, UNKNOWN, [], UNKNOWN),
        (TARGET, UNKNOWN, [f"{TOPIC}/alerts"], True),
        (TARGET, UNKNOWN, [f"{PROJECT}/main"], True),
        (TARGET, UNKNOWN, [f"{TOPIC}/new"], False),
        (HIDDEN, "arn:alerts", [], UNKNOWN),
        (HIDDEN, "arn:alerts", [f"{TOPIC}/new"], True),
        (HIDDEN, "arn:alerts", [f"{TOPIC}/alerts"], False),
        (HIDDEN, UNKNOWN, [f"{TOPIC}/alerts"], False),
        (one(TOPIC, "bare"), "arn:alerts", [], UNKNOWN),
    ],
)
def test_a_value_refers_to_a_resource_by_its_outputs(
    target: Resource, value: Any, depends: list[str], verdict: Any
) -> None:
    alarm = one(ALARM, "cpu", {"action": depends} if depends else None, action=value)
    stack = Stack([TARGET, HIDDEN, alarm])
    assert stack.refers(alarm, ("action",), target, "arn", "id") is verdict
    found = [(resource.name, says) for resource, says in stack.referring(ALARM, ("action",), target, "arn", "id")]
    assert found == ([] if verdict is False else [("cpu", verdict)]), "looking up finds what asking each one finds"


PRIMARY = one(RDS_INSTANCE, "primary", identifier="main", arn="arn:main")


@pytest.mark.parametrize(
    "value,depends,known",
    [
        ("main", [], True),
        ("arn:main", [], True),
        ("copy", [], False),
        ("elsewhere", [], False),
        (UNSET, [], False),
        (UNKNOWN, [], UNKNOWN),
        (UNKNOWN, [f"{RDS_INSTANCE}/primary"], True),
        (UNKNOWN, [f"{RDS_INSTANCE}/replica"], False),
        (UNKNOWN, [f"{KMS_KEY}/main", f"{RDS_INSTANCE}/gone"], False),
        ("elsewhere", [f"{RDS_INSTANCE}/primary"], True),
    ],
)
def test_a_replica_s_source_is_another_instance_of_the_stack(value: Any, depends: list[str], known: Any) -> None:
    replica = one(
        RDS_INSTANCE,
        "replica",
        {"replicateSourceDb": depends} if depends else None,
        identifier="copy",
        replicateSourceDb=value,
    )
    stack = Stack([PRIMARY, one(KMS_KEY, "main", arn="arn:key"), replica])
    assert source_of(stack, replica) is known
    if isinstance(value, str) and value in {"main", "arn:main"}:
        assert list(replicas_of(stack, PRIMARY)) == [(replica, True)]


def test_a_source_may_be_an_instance_whose_name_is_not_known_yet() -> None:
    replica = one(RDS_INSTANCE, "replica", identifier="copy", replicateSourceDb="elsewhere")
    assert source_of(Stack([PRIMARY, one(RDS_INSTANCE, "new", identifier=UNKNOWN), replica]), replica) is UNKNOWN
    replica = one(RDS_INSTANCE, "replica", identifier="copy", replicateSourceDb="copy")
    assert source_of(Stack([PRIMARY, one(RDS_INSTANCE, "twin", identifier="copy"), replica]), replica) is True


def test_the_region_is_an_instance_s_own_then_its_provider_s_then_its_arn_s() -> None:
    def at(region: object = UNSET, provider: object = UNSET, arn: object = UNSET) -> Resource:
        given = {name: value for name, value in (("region", region), ("arn", arn)) if value is not UNSET}
        made_by = Provider(name="aws", properties={"region": provider}) if provider is not UNSET else None
        return Resource(type=RDS_INSTANCE, name="a", urn="urn", properties=given, provider=made_by)

    here = at(region="eu-central-1")
    arn = "arn:aws:rds:eu-west-1:123456789012:db:a"
    assert region_of(arn) == "eu-west-1"
    assert other_region(at(region="eu-central-1", provider="eu-west-1", arn=arn), here) is False
    assert other_region(at(provider="eu-west-1"), here) is True
    assert other_region(at(arn=arn), here) is True
    assert other_region(at(), here) is UNKNOWN
    assert other_region(here, at(region=UNKNOWN)) is UNKNOWN


PLAN = "aws:backup/selection:Selection"


@pytest.mark.parametrize(
    "arn,entries,depends,named",
    [
        ("arn:aws:rds:a:1:db:main", ["arn:aws:rds:a:1:db:main"], [], True),
        ("arn:aws:rds:a:1:db:main", ["arn:aws:rds:*:*:db:*"], [], True),
        ("arn:aws:rds:a:1:db:main", ["arn:aws:rds:a:1:db:other"], [], False),
        ("arn:aws:rds:a:1:db:main", ["arn:aws:rds:a:1:db:other"], [f"{RDS_INSTANCE}/main"], False),
        ("arn:aws:rds:a:1:db:main", [UNKNOWN], [], UNKNOWN),
        ("arn:aws:rds:a:1:db:main", [UNKNOWN], [f"{RDS_INSTANCE}/main"], True),
        ("arn:aws:rds:a:1:db:main", UNKNOWN, [f"{RDS_INSTANCE}/main"], True),
        ("arn:aws:rds:a:1:db:main", [UNKNOWN], [f"{RDS_INSTANCE}/other"], False),
        ("arn:aws:rds:a:1:db:main", [], [], False),
        ("arn:aws:rds:a:1:db:main", "*", [], False),
        (UNKNOWN, ["*"], [], True),
        (UNKNOWN, ["arn:aws:rds:a:1:db:main"], [], UNKNOWN),
        (UNKNOWN, ["arn:aws:rds:a:1:db:main"], [f"{RDS_INSTANCE}/main"], True),
        (UNKNOWN, [], [], False),
        (UNSET, ["*"], [], True),
    ],
)
def test_a_selection_names_a_primary_by_arn_pattern_or_what_it_is_made_of(
    arn: Any, entries: Any, depends: list[str], named: Any
) -> None:
    primary = one(RDS_INSTANCE, "main", arn=arn)
    selection = one(PLAN, "daily", {"resources": depends} if depends else None, resources=entries)
    found = list(judge_primaries(Stack([primary, selection]), PLAN, ("resources",), what="its plan", allowed="a plan"))
    assert [finding.cannot_tell for finding in found] == ([] if named is True else [named is UNKNOWN])
    assert all(finding.resource is primary for finding in found)
