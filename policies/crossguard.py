"""Turns the rules into policies the engine can run. Nothing else here or in `rules/` knows how the engine calls."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi_policy import (
    Policy,
    PolicyComplianceFramework,
    PolicyConfigSchema,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)
from pulumi_policy.proxy import UnknownValueError

from policies import message
from policies.rule import Finding, Limits, NotApplicableError, Resource, ResourceRule, Rule, Stack, StackRule
from policies.values import plain

__all__ = ["CannotTellError", "ConfigurationError", "policy_of"]


class CannotTellError(UnknownValueError):
    """What a rule cannot judge at preview.

    `pulumi_policy` reports this error as advisory and goes on, whatever the rule's level; it prints `message`.
    """

    def __init__(self, text: str) -> None:
        Exception.__init__(self, text)
        self.message = text


class ConfigurationError(ValueError):
    """The configuration of the pack names a setting that the rule does not have. It stops the preview."""


def policy_of(rule: Rule) -> Policy:
    """Make the policy of a rule."""
    common: dict[str, Any] = {
        "name": rule.id,
        "description": rule.title,
        "enforcement_level": rule.level,
        "severity": rule.severity,
        "config_schema": _schema(rule),
        "framework": PolicyComplianceFramework(
            name="Fashion Wallet Infrastructure Specification",
            version="1.0",
            reference=", ".join(rule.spec),
            specification="; ".join(rule.frameworks),
        ),
        "tags": ["database"],
        "remediation_steps": rule.fix,
        "url": rule.link,
    }
    if isinstance(rule, ResourceRule):
        return ResourceValidationPolicy(validate=_resource_validation(rule), **common)
    if isinstance(rule, StackRule):
        return StackValidationPolicy(validate=_stack_validation(rule), **common)
    raise TypeError(f"rule {rule.id} is a {type(rule).__name__}; allowed: ResourceRule, StackRule")


def _schema(rule: Rule) -> PolicyConfigSchema:
    return PolicyConfigSchema(
        {limit.name: {**limit.schema, "default": limit.default, "description": limit.meaning} for limit in rule.limits}
    )


def _resource_validation(rule: ResourceRule) -> Any:
    def validate(args: ResourceValidationArgs, report: ReportViolation) -> None:
        if not rule.applies_to(args.resource_type):
            args.not_applicable()
        resource = Resource(type=args.resource_type, name=args.name, urn=args.urn, properties=plain(args.props))
        _run(rule, args, report, lambda limits: rule.check(resource, limits))

    return validate


def _stack_validation(rule: StackRule) -> Any:
    def validate(args: StackValidationArgs, report: ReportViolation) -> None:
        stack = Stack([_resource(resource) for resource in args.resources])
        _run(rule, args, report, lambda limits: rule.check(stack, limits))

    return validate


def _resource(resource: PolicyResource) -> Resource:
    return Resource(type=resource.resource_type, name=resource.name, urn=resource.urn, properties=plain(resource.props))


def _run(rule: Rule, args: ResourceValidationArgs | StackValidationArgs, report: ReportViolation, check: Any) -> None:
    """Report what a rule finds. Violations come first: the error that stands for the unknown ones ends the rule."""
    limits = Limits(_configured(rule, args.get_config()))
    unknown: list[Finding] = []
    try:
        findings: Iterable[Finding] = check(limits)
        for finding in findings:
            if finding.cannot_tell:
                unknown.append(finding)
            else:
                report(message.violation(rule, finding), finding.resource.urn if finding.resource else None)
    except NotApplicableError as error:
        args.not_applicable(str(error))
    if unknown:
        raise CannotTellError(message.cannot_tell(unknown))


def _configured(rule: Rule, given: Mapping[str, Any]) -> dict[str, Any]:
    """Merge the configuration over the defaults. The engine checks types; it lets a misspelt name pass."""
    misspelt = sorted(set(given) - set(rule.defaults))
    if misspelt:
        allowed = ", ".join(sorted(rule.defaults)) or "none, this rule has only a level"
        raise ConfigurationError(
            f"policy configuration: {rule.id}.{misspelt[0]} is no setting of this rule; allowed: {allowed}; "
            f"fix the name or remove it (see {message.REFERENCE}#{rule.id})"
        )
    return {**rule.defaults, **plain(given)}
