"""What the engine is told of the rules, in its own words."""

from typing import Any, Final

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel, Severity

from policies.decode import encode
from policies.rule import ResourceRule, Rule
from policies.ruleset import RuleSet

__all__ = ["ADVISORY", "MANDATORY", "analyzer_info", "level_of", "number_of", "severity_of"]

ADVISORY: Final = analyzer_pb2.ADVISORY
MANDATORY: Final = analyzer_pb2.MANDATORY
_NUMBERS: Final = {
    EnforcementLevel.ADVISORY: analyzer_pb2.ADVISORY,
    EnforcementLevel.MANDATORY: analyzer_pb2.MANDATORY,
    EnforcementLevel.REMEDIATE: analyzer_pb2.REMEDIATE,
    EnforcementLevel.DISABLED: analyzer_pb2.DISABLED,
}
_LEVELS: Final[dict[int, EnforcementLevel]] = {number: level for level, number in _NUMBERS.items()}
_SEVERITIES: Final = {
    Severity.LOW: analyzer_pb2.POLICY_SEVERITY_LOW,
    Severity.MEDIUM: analyzer_pb2.POLICY_SEVERITY_MEDIUM,
    Severity.HIGH: analyzer_pb2.POLICY_SEVERITY_HIGH,
    Severity.CRITICAL: analyzer_pb2.POLICY_SEVERITY_CRITICAL,
}


def level_of(number: int) -> EnforcementLevel:
    """Return the level that a number of the protocol means."""
    return _LEVELS[number]


def number_of(level: EnforcementLevel, *, reporting: bool = False) -> Any:
    """Return the protocol's number of a level. What is reported after a remediation was not mended: it is mandatory."""
    if reporting and level is EnforcementLevel.REMEDIATE:
        return MANDATORY
    return _NUMBERS[level]


def severity_of(rule: Rule) -> Any:
    """Return the protocol's number of a rule's severity."""
    return _SEVERITIES[rule.severity]


def analyzer_info(name: str, version: str, pack: RuleSet) -> Any:
    """Describe the pack. The environment's levels and limits are the initial configuration, which the engine checks."""
    answer = analyzer_pb2.AnalyzerInfo(
        name=name,
        version=version,
        supportsConfig=True,
        policies=[_policy(rule) for rule in pack.rules],
    )
    for rule in pack.rules:
        # The level is always given: the protocol cannot leave it out, and its zero means advisory.
        config = analyzer_pb2.PolicyConfig(enforcementLevel=number_of(pack.environment.level(rule)))
        for limit, value in pack.environment.values(rule).items():
            config.properties.fields[limit].CopyFrom(encode(value))
        answer.initialConfig[rule.id].CopyFrom(config)
    return answer


def _policy(rule: Rule) -> Any:
    kind = analyzer_pb2.POLICY_TYPE_RESOURCE if isinstance(rule, ResourceRule) else analyzer_pb2.POLICY_TYPE_STACK
    policy = analyzer_pb2.PolicyInfo(
        name=rule.id,
        description=rule.title,
        enforcementLevel=number_of(rule.level),
        policy_type=kind,
        severity=severity_of(rule),
        tags=["database", rule.topic],
        remediation_steps=rule.fix,
        url=rule.link,
        framework=analyzer_pb2.PolicyComplianceFramework(
            name="Fashion Wallet Infrastructure Specification",
            version="1.0",
            reference=", ".join(rule.spec),
            specification="; ".join(rule.frameworks),
        ),
    )
    for limit in rule.limits:
        schema = {**limit.schema, "default": limit.default, "description": limit.meaning}
        policy.configSchema.properties.fields[limit.name].CopyFrom(encode(schema))
    return policy
