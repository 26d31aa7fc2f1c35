"""The pack for one stack: its rules, the levels and limits in force, its exemptions."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel

from policies.environment import STRICTEST, Environment, environment_of
from policies.errors import ConfigurationError
from policies.exemptions import Exemption, read_exemptions
from policies.message import REFERENCE
from policies.registry import RULES
from policies.resources import Exempted
from policies.rule import EXEMPTIONS, Limits, Resource, ResourceRule, Rule, StackRule

__all__ = ["RuleSet", "rules_for"]


class RuleSet:
    """Rules with the levels and limits in force."""

    def __init__(
        self,
        rules: Sequence[Rule],
        *,
        environment: Environment = STRICTEST,
        exemptions: Sequence[Exemption] = (),
        today: dt.date,
    ) -> None:
        """Hold the rules; every one is in force as the environment says until `configure` says otherwise."""
        self.environment = environment
        self.exemptions = exemptions
        self.today = today
        self.used: set[Exemption] = set()
        """The exemptions that something was exempted by."""
        self.rules = tuple(rules)
        self._levels = {rule.id: environment.level(rule) for rule in self.rules}
        self._limits = {rule.id: Limits(environment.values(rule), today) for rule in self.rules}
        self._by_type: dict[str, tuple[list[ResourceRule], list[analyzer_pb2.PolicyNotApplicable]]] = {}
        self._never_mending: list[analyzer_pb2.PolicyNotApplicable] | None = None

    def configure(self, given: Mapping[str, tuple[EnforcementLevel, Mapping[str, Any]]]) -> None:
        """Take levels and limits by the rules' ids. The engine checks types; it lets a misspelt name pass.

        Raises:
            ConfigurationError: a limit or a rule is named that there is not, or a level that the rule cannot have.
        """
        rules = {rule.id: rule for rule in self.rules}
        for rule_id, (level, values) in given.items():
            if rule_id not in rules:
                known = ", ".join(sorted(rules))
                raise ConfigurationError(
                    f"policy configuration: {rule_id} is no rule; allowed: {known}; fix the name or remove it"
                )
            _check(rules[rule_id], level, values)
            self._levels[rule_id] = level
            self._limits[rule_id] = Limits({**self._limits[rule_id].values, **values}, self.today)
        self._by_type.clear()
        self._never_mending = None

    def level(self, rule: Rule) -> EnforcementLevel:
        """Return the level in force of a rule."""
        return self._levels[rule.id]

    def limits(self, rule: Rule) -> Limits:
        """Return the limits in force of a rule."""
        return self._limits[rule.id]

    def judging(self, resource_type: str) -> tuple[list[ResourceRule], list[analyzer_pb2.PolicyNotApplicable]]:
        """Return the rules that judge resources of a type, and the notes about those that do not."""
        found = self._by_type.get(resource_type)
        if found is None:
            rules = [rule for rule in self._enabled() if isinstance(rule, ResourceRule)]
            found = self._by_type[resource_type] = (
                [rule for rule in rules if rule.applies_to(resource_type)],
                [
                    analyzer_pb2.PolicyNotApplicable(policy_name=rule.id, reason=f"it does not judge {resource_type}")
                    for rule in rules
                    if not rule.applies_to(resource_type)
                ],
            )
        return found

    @property
    def stack_rules(self) -> list[StackRule]:
        """The rules about the stack; those about exemptions come last, when all others have used theirs."""
        rules = [rule for rule in self._enabled() if isinstance(rule, StackRule)]
        return sorted(rules, key=lambda rule: rule.topic == EXEMPTIONS)

    def notes(self) -> Iterator[Exempted]:
        """Yield what the rules about exemptions look at."""
        known = {rule.id for rule in self.rules}
        for one in self.exemptions:
            yield Exempted(
                rule=one.rule,
                resource=one.resource,
                says=one.says(),
                over=one.is_over(self.today),
                known=one.rule in known,
                used=partial(self.used.__contains__, one),
            )

    def mending(self, resource_type: str) -> Iterator[ResourceRule]:
        """Yield the rules that mend resources of a type by themselves."""
        for rule in self.judging(resource_type)[0]:
            if self.level(rule) is EnforcementLevel.REMEDIATE and rule.remedy is not None:
                yield rule

    @property
    def never_mending(self) -> list[analyzer_pb2.PolicyNotApplicable]:
        """The notes about the rules that mend nothing at their level; the engine counts the others as passed."""
        if self._never_mending is None:
            self._never_mending = [
                analyzer_pb2.PolicyNotApplicable(policy_name=rule.id, reason="its level is not remediate")
                for rule in self.rules
                if self.level(rule) is not EnforcementLevel.REMEDIATE
            ]
        return self._never_mending

    def exemption(self, rule: Rule, resource: Resource | None) -> Exemption | None:
        """Return the exemption that covers a finding, and note that it is used."""
        for one in self.exemptions:
            if one.covers(rule.id, resource):
                self.used.add(one)
                return None if one.is_over(self.today) else one
        return None

    def _enabled(self) -> Iterator[Rule]:
        return (rule for rule in self.rules if self.level(rule) is not EnforcementLevel.DISABLED)


def _check(rule: Rule, level: EnforcementLevel, values: Mapping[str, Any]) -> None:
    misspelt = sorted(set(values) - set(rule.defaults))
    if misspelt:
        allowed = ", ".join(sorted(rule.defaults)) or "none, this rule has only a level"
        raise ConfigurationError(
            f"policy configuration: {rule.id}.{misspelt[0]} is no setting of this rule; allowed: {allowed}; "
            f"fix the name or remove it (see {REFERENCE}#{rule.id})"
        )
    if level is EnforcementLevel.REMEDIATE and not (isinstance(rule, ResourceRule) and rule.remedy):
        raise ConfigurationError(
            f"policy configuration: {rule.id} has no remediation; allowed: mandatory, advisory, disabled; "
            f"fix the level (see {REFERENCE}#{rule.id})"
        )


def rules_for(stack: str) -> RuleSet:
    """Return the rules for a stack: what its environment is held to, and the exemptions that hold for it.

    Raises:
        ConfigurationError: a file of environments or exemptions is wrong.
    """
    today = dt.datetime.now(dt.UTC).date()
    exemptions = [one for one in read_exemptions(today) if one.holds(stack)]
    environment = environment_of(stack, RULES) if stack else STRICTEST
    return RuleSet(RULES, environment=environment, exemptions=exemptions, today=today)
