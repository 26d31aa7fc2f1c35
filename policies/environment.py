"""What a stack is held to: levels and limits of `environments/*.toml`, by the stack's name.

One file is one kind of environment. `stacks` says which stacks are of that kind; a stack that no file names is held to
the rules' own levels and limits, which are the strictest. The engine's `--policy-pack-config` comes on top of both.

    stacks = "prod"            # a regular expression for the whole name
    purpose = "production"     # may only be stricter than the specification
    [levels]
    some-rule = "advisory"     # mandatory, advisory, remediate, disabled
    [limits.some-rule]
    minimum = 2
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pulumi_policy import EnforcementLevel

from policies.errors import ConfigurationError
from policies.rule import Limit, ResourceRule, Rule
from policies.schema import problem

__all__ = ["FOLDER", "PURPOSES", "STRICTEST", "Environment", "environment_of", "read_environment"]

FOLDER: Final = Path(__file__).parent / "environments"
PURPOSES: Final = ("production", "development", "throwaway")
_KEYS: Final = ("stacks", "purpose", "levels", "limits")
_SOFTER: Final = frozenset({EnforcementLevel.ADVISORY, EnforcementLevel.DISABLED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """Levels and limits in force for one kind of stack; what is not named is as the rule has it."""

    name: str
    stacks: str = ""
    purpose: str = "production"
    levels: Mapping[str, EnforcementLevel] = field(default_factory=dict)
    limits: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def holds(self, stack: str) -> bool:
        """Whether a stack is of this kind."""
        return re.fullmatch(self.stacks, stack) is not None

    def level(self, rule: Rule) -> EnforcementLevel:
        """Return the level of a rule."""
        return self.levels.get(rule.id, rule.level)

    def values(self, rule: Rule) -> dict[str, Any]:
        """Return the limits of a rule."""
        return {**rule.defaults, **self.limits.get(rule.id, {})}


STRICTEST: Final = Environment(name="strictest")
"""Every rule as it stands: for stacks that no file names."""


def environment_of(stack: str, rules: Sequence[Rule], folder: Path = FOLDER) -> Environment:
    """Return the environment of a stack. Every file is read, so that a mistake in any is found by every stack.

    Raises:
        ConfigurationError: a file is wrong, or two hold for the stack.
    """
    environments = [read_environment(path, rules) for path in sorted(folder.glob("*.toml"))]
    found = [environment for environment in environments if environment.holds(stack)]
    if len(found) > 1:
        names = " and ".join(f"environments/{one.name}.toml ({one.stacks})" for one in found)
        raise ConfigurationError(
            f"policies: stack {stack} is named by {names}; allowed: one file; fix: narrow `stacks` of one"
        )
    return found[0] if found else STRICTEST


def read_environment(path: Path, rules: Sequence[Rule]) -> Environment:
    """Read and check one file.

    Raises:
        ConfigurationError: it is no TOML, names what there is not, or is weaker than its purpose allows.
    """
    where = f"policies/environments/{path.name}"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{where}: is no TOML ({error}); fix the line it names") from None
    for key in content:
        _known(where, key, _KEYS)
    purpose, stacks = content.get("purpose"), content.get("stacks")
    if purpose not in PURPOSES:
        raise _wrong(f"{where}: purpose", purpose, " or ".join(PURPOSES), "say what these stacks are for")
    if not isinstance(stacks, str) or not stacks or not _is_pattern(stacks):
        raise _wrong(f"{where}: stacks", stacks, "a regular expression for names of stacks", 'say stacks = "prod"')
    by_id = {rule.id: rule for rule in rules}
    levels = {
        rule_id: _level(f"{where}: levels.{rule_id}", _rule(f"{where}: levels", rule_id, by_id), value, purpose)
        for rule_id, value in _table(where, "levels", content).items()
    }
    limits = {
        rule_id: _limits(f"{where}: limits.{rule_id}", _rule(f"{where}: limits", rule_id, by_id), value, purpose)
        for rule_id, value in _table(where, "limits", content).items()
    }
    return Environment(name=path.stem, stacks=stacks, purpose=purpose, levels=levels, limits=limits)


def _table(where: str, key: str, content: Mapping[str, Any]) -> dict[str, Any]:
    value = content.get(key, {})
    if not isinstance(value, dict):
        raise _wrong(f"{where}: {key}", value, "a table by the rules' ids", f"write [{key}]")
    return value


def _rule(where: str, rule_id: str, by_id: Mapping[str, Rule]) -> Rule:
    if rule_id not in by_id:
        _known(where, rule_id, sorted(by_id))
    return by_id[rule_id]


def _level(where: str, rule: Rule, value: Any, purpose: str) -> EnforcementLevel:
    names = {level.value: level for level in EnforcementLevel}
    level = names.get(value) if isinstance(value, str) else None
    if level is None:
        raise _wrong(where, value, " or ".join(names), "correct the level")
    if level is EnforcementLevel.REMEDIATE and not (isinstance(rule, ResourceRule) and rule.remedy):
        raise _wrong(where, value, "mandatory, advisory or disabled", "this rule has no remediation that is safe")
    if purpose == "production" and level in _SOFTER and rule.level is not EnforcementLevel.ADVISORY:
        raise _wrong(
            where, value, "mandatory (purpose is production)", "write an exemption, which has a reason and an end"
        )
    return level


def _limits(where: str, rule: Rule, given: Any, purpose: str) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise _wrong(where, given, "a table of limits", f"write [limits.{rule.id}]")
    by_name = {limit.name: limit for limit in rule.limits}
    for name, value in given.items():
        _known(where, name, sorted(by_name) or ["none, this rule has only a level"])
        _limit(f"{where}.{name}", by_name[name], value, purpose)
    return given


def _limit(where: str, limit: Limit, value: Any, purpose: str) -> None:
    wrong = problem(limit.schema, value)
    if wrong:
        raise _wrong(where, value, wrong, "correct the value")
    if purpose == "production" and limit.is_weaker(value):
        raise _wrong(
            where,
            value,
            f"{limit.default} or stricter (the specification's value, purpose is production)",
            "remove it, or write an exemption, which has a reason and an end",
        )


def _known(where: str, name: str, allowed: Sequence[str]) -> None:
    if name not in allowed:
        raise _wrong(where, name, ", ".join(allowed), "correct the name or remove it")


def _wrong(where: str, got: Any, allowed: str, fix: str) -> ConfigurationError:
    return ConfigurationError(f"{where}: got {got!r}; allowed: {allowed}; fix: {fix}")


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
