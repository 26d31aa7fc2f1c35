"""Remediation: what rules mend by themselves, that nothing else changes, and that it is safe."""

from typing import Any

import pytest
from google.protobuf import json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel

from policies.decode import decode
from policies.environment import Environment
from policies.registry import RULES
from policies.resources import Resource
from policies.rule import ResourceRule
from policies.values import UNKNOWN, UNSET
from tests.policies.cloud_world import AWS
from tests.policies.names import TAGS, secret
from tests.policies.other_clouds import ATLAS
from tests.policies.world import World, _struct, whole_pack

MENDING = {rule.id: rule for rule in RULES if isinstance(rule, ResourceRule) and rule.remedy}
REPLACING = {
    "allocatedStorage", "availabilityZone", "backupTarget", "bucket", "dbName", "dbSubnetGroupName", "engine",
    "identifier", "kmsKeyArn", "kmsKeyId", "multiRegion", "name", "objectLockEnabled", "policy", "replicateSourceDb",
    "snapshotIdentifier", "storageEncrypted", "username", "vpcId",
}  # fmt: skip
"""Properties that a remediation never touches: a change replaces the resource, or gives somebody access."""


def remediating(*rules: str, **limits: dict[str, Any]) -> Environment:
    levels = dict.fromkeys(rules, EnforcementLevel.REMEDIATE)
    return Environment(name="some", purpose="development", levels=levels, limits=limits)


def mended(properties: object, kind: str, environment: Environment) -> tuple[list[str], dict[str, Any], Any]:
    request = analyzer_pb2.AnalyzeRequest(type=kind, name="x", urn="urn", properties=_struct(properties))
    answer = whole_pack(environment=environment).Remediate(request)
    names = [one.policyName for one in answer.remediations]
    last = answer.remediations[-1].properties if names else struct_pb2.Struct()
    return names, decode(last)[0], last


INSTANCE = "aws:rds/instance:Instance"
PRIMARY = AWS[f"{INSTANCE}/postgres-primary"]


@pytest.mark.parametrize("rule", MENDING)
def test_each_remediation_mends_every_case_that_it_can(rule: str) -> None:
    """Unset, and false or true in its place, become right: the mended resource has no finding of the rule any more."""
    kind = MENDING[rule].types[0]
    compliant = (
        next(values for key, values in {**AWS, **ATLAS}.items() if key.startswith(f"{kind}/"))
        if (not kind.startswith("kubernetes:"))
        else {"spec": {"instances": 3}}
    )
    paths = list(MENDING[rule].remedy(_resource(kind, {}), _limits(rule)) or {("tags", "Owner"): "x"})
    environment = remediating(rule, **{"resource-require-tags": {"values": TAGS}})
    for path in paths:
        broken = _with(compliant, path, UNSET)
        names, values, _ = mended(broken, kind, environment)
        assert names == [rule]
        for other in paths:
            assert _at(values, other) is not UNSET
        world_findings = list(MENDING[rule].check(_resource(kind, values), _limits(rule)))
        assert world_findings == []


def _limits(rule: str) -> Any:
    pack = whole_pack(environment=remediating(rule, **{"resource-require-tags": {"values": TAGS}}))
    return pack.pack.limits(MENDING[rule])


def _resource(kind: str, values: dict[str, Any]) -> Any:
    return Resource(type=kind, name="x", urn="urn", properties=values)


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        values = values.get(step, UNSET) if isinstance(values, dict) else UNSET
    return values


def _with(values: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    head, *rest = path
    inner = _with(values.get(head, {}), tuple(rest), value) if rest else value
    return {**values, head: inner}


def test_a_remediation_touches_nothing_that_replaces_a_resource() -> None:
    for rule in MENDING.values():
        touched = rule.remedy(_resource(rule.types[0], {}), _limits(rule.id)) if rule.remedy else {}
        assert not {path[-1] for path in touched} & REPLACING, rule.id
        assert not {path[0] for path in touched} & REPLACING, rule.id


def test_everything_else_stays_as_it_was_secrets_and_unknown_values_too() -> None:
    before = {**PRIMARY, "copyTagsToSnapshot": False, "password": secret("hunter2"), "kmsKeyId": UNKNOWN}
    names, _, wire = mended(before, INSTANCE, remediating("rds-instance-copy-tags-to-snapshots"))
    assert names == ["rds-instance-copy-tags-to-snapshots"]
    expected = json_format.MessageToDict(_struct({**before, "copyTagsToSnapshot": True}))
    assert json_format.MessageToDict(wire) == expected


def test_remediations_follow_one_another() -> None:
    rules = ("rds-instance-copy-tags-to-snapshots", "rds-instance-protect-deletion")
    before = {**PRIMARY, "copyTagsToSnapshot": False, "deletionProtection": False}
    names, values, _ = mended(before, INSTANCE, remediating(*rules))
    assert names == list(rules)
    assert (values["copyTagsToSnapshot"], values["deletionProtection"]) == (True, True)


def test_without_the_level_nothing_is_mended() -> None:
    assert mended({**PRIMARY, "copyTagsToSnapshot": False}, INSTANCE, Environment(name="some"))[0] == []


TAGS_RULE = "resource-require-tags"


def tagged(tags: object) -> tuple[list[str], Any]:
    environment = remediating(TAGS_RULE, **{TAGS_RULE: {"values": {"Owner": "platform", "Project": "other"}}})
    names, values, _ = mended({**PRIMARY, "tags": tags}, INSTANCE, environment)
    return names, values.get("tags")


def test_missing_tags_are_added_and_those_that_are_there_stay() -> None:
    assert tagged({"Project": "mine", "Owner": ""}) == ([TAGS_RULE], {"Project": "mine", "Owner": "platform"})
    assert tagged(UNSET) == ([TAGS_RULE], {"Project": "other", "Owner": "platform"})
    assert tagged(secret({"Project": "mine"})) == ([TAGS_RULE], {"Project": "mine", "Owner": "platform"})
    assert tagged({"Project": "mine", "Owner": "me"}) == ([], None)


@pytest.mark.parametrize("tags", [UNKNOWN, "text", 1, []])
def test_what_is_not_known_or_no_map_is_left_alone(tags: object) -> None:
    assert tagged(tags) == ([], None)


def test_what_is_left_after_a_remediation_is_mandatory() -> None:
    pack = whole_pack(environment=remediating(TAGS_RULE))
    verdict = World().put("Key:fashion-wallet-key-logs", "tags", {}).judge(pack)
    assert verdict.levels == {TAGS_RULE: 1}
