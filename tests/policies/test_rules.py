"""Every rule against its table in `cases/`: broken in one field, exactly that rule fires."""

from collections.abc import Callable
from importlib import import_module

import pytest

from policies.registry import RULES
from tests.policies.world import Analyzer, Verdict, World

_LONGEST_ID = 120
Judge = Callable[[str, str, object], Verdict]


def table(name: str) -> list[object]:
    """Return a table of all rules as parameters: the rule's id, then the row."""
    modules = [(rule.id, import_module(f"tests.policies.cases.{rule.id.replace('-', '_')}")) for rule in RULES]
    rows = [(rule_id, *row) for rule_id, module in modules for row in getattr(module, name, [])]
    return [pytest.param(*row, id=_id(row)) for row in rows]


def _id(row: tuple[object, ...]) -> str:
    return "-".join(str(cell).replace(" ", "_") for cell in row[:4])[:_LONGEST_ID]


def test_the_compliant_stack_has_no_finding(pack: Analyzer) -> None:
    assert World().judge(pack).messages == []


@pytest.mark.parametrize("rule,resource,path,value", table("FIRES"))
def test_one_field_broken_makes_exactly_its_rule_fire(
    judge: Judge, rule: str, resource: str, path: str, value: object
) -> None:
    verdict = judge(resource, path, value)
    assert verdict.violations == {rule}
    assert verdict.nowhere == set()
    assert not any("None" in one or "the rule broke" in one for one in verdict.messages)


@pytest.mark.parametrize("rule,resource,path,value", table("PASSES"))
def test_allowed_values_make_no_rule_fire(judge: Judge, rule: str, resource: str, path: str, value: object) -> None:
    assert judge(resource, path, value).messages == []


@pytest.mark.parametrize("rule,resource,path,value", table("CANNOT_TELL"))
def test_unknown_values_are_reported_as_such(judge: Judge, rule: str, resource: str, path: str, value: object) -> None:
    verdict = judge(resource, path, value)
    assert verdict.violations == set()
    assert rule in verdict.cannot_tell


@pytest.mark.parametrize("rule,resource,path,value,text", table("SAYS"))
def test_messages_name_resource_value_and_limit(
    judge: Judge, rule: str, resource: str, path: str, value: object, text: str
) -> None:
    message = "\n".join(judge(resource, path, value).messages)
    assert text in message
    assert f"See: docs/reference/policies.md#{rule}" in message
    assert "\nWhy: " in message
    assert "\nFix: " in message
