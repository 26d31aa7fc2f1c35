"""What the engine is told of the pack and of each rule, which it shows and checks configuration against."""

import pytest
from google.protobuf import empty_pb2, json_format
from pulumi.runtime.proto import analyzer_pb2

from policies.info import level_of, number_of
from policies.registry import RULES
from policies.rule import ResourceRule, Rule
from policies.servicer import NAME, VERSION
from tests.policies.world import whole_pack

INFO = whole_pack().GetAnalyzerInfo(empty_pb2.Empty())
TOLD = list(zip(INFO.policies, RULES, strict=True))
SEVERITIES = {"low": 1, "medium": 2, "high": 3, "critical": 4}


def test_the_pack_says_who_it_is_and_that_it_takes_configuration() -> None:
    assert (INFO.name, INFO.version, INFO.supportsConfig) == (NAME, VERSION, True)
    assert [one.name for one in INFO.policies] == [rule.id for rule in RULES]


@pytest.mark.parametrize("told,rule", TOLD, ids=[rule.id for rule in RULES])
def test_a_rule_is_told_as_it_is(told: analyzer_pb2.PolicyInfo, rule: Rule) -> None:
    judges_one = isinstance(rule, ResourceRule)
    kind = analyzer_pb2.POLICY_TYPE_RESOURCE if judges_one else analyzer_pb2.POLICY_TYPE_STACK
    assert (told.name, told.description, told.policy_type) == (rule.id, rule.title, kind)
    assert (told.remediation_steps, told.url, list(told.tags)) == (rule.fix, rule.link, ["database", rule.topic])
    assert told.severity == SEVERITIES[rule.severity.value]
    assert level_of(told.enforcementLevel) is rule.level
    assert told.framework.name == "Fashion Wallet Infrastructure Specification"
    assert told.framework.reference.split(", ") == list(rule.spec)
    assert told.framework.specification == "; ".join(rule.frameworks)


@pytest.mark.parametrize("told,rule", TOLD, ids=[rule.id for rule in RULES])
def test_a_limit_is_told_with_its_schema_default_and_meaning(told: analyzer_pb2.PolicyInfo, rule: Rule) -> None:
    schemas = {name: json_format.MessageToDict(schema) for name, schema in told.configSchema.properties.items()}
    assert schemas == {
        limit.name: {**limit.schema, "default": limit.default, "description": limit.meaning} for limit in rule.limits
    }


def test_what_was_to_be_mended_and_was_not_is_reported_as_mandatory() -> None:
    remediate = level_of(analyzer_pb2.REMEDIATE)
    assert number_of(remediate) == analyzer_pb2.REMEDIATE
    assert number_of(remediate, reporting=True) == analyzer_pb2.MANDATORY
    assert number_of(level_of(analyzer_pb2.ADVISORY), reporting=True) == analyzer_pb2.ADVISORY
