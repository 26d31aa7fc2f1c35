"""The pack as a whole: ids, files, metadata, imports, and that each rule has cases."""

import ast
import re
import sys
from importlib import import_module
from pathlib import Path

import pytest

import policies
from policies.registry import RULES
from policies.rule import Limit, Rule

PACK = Path(policies.__file__).parent
RULE_FILES = sorted(path for path in (PACK / "rules").glob("*.py") if path.name != "__init__.py")
CASES = Path(__file__).parent / "cases"
LIMITS = [pytest.param(rule, limit, id=f"{rule.id}.{limit.name}") for rule in RULES for limit in rule.limits]
BY_ID = [pytest.param(rule, id=rule.id) for rule in RULES]


def test_ids_are_unique_and_sorted() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))


def test_every_rule_file_is_registered_under_its_own_name() -> None:
    assert [path.stem for path in RULE_FILES] == [rule.id.replace("-", "_") for rule in RULES]


@pytest.mark.parametrize("rule", BY_ID)
def test_every_rule_has_cases_that_fire_and_that_do_not(rule: Rule) -> None:
    cases = import_module(f"tests.policies.cases.{rule.id.replace('-', '_')}")
    assert cases.FIRES
    assert cases.PASSES
    assert cases.CANNOT_TELL
    assert cases.SAYS


def test_every_file_of_cases_belongs_to_a_rule() -> None:
    assert {path.stem for path in CASES.glob("*.py")} == {path.stem for path in RULE_FILES}


@pytest.mark.parametrize("rule", BY_ID)
def test_every_rule_says_what_why_and_how(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", rule.id)
    assert rule.title.endswith(".")
    assert not rule.reason.endswith(".")
    assert not rule.fix.endswith(".")
    assert rule.spec
    assert all(re.fullmatch(r"\d+(\.\d+)*", section) for section in rule.spec)
    assert rule.link.startswith("https://")


@pytest.mark.parametrize("rule,limit", LIMITS)
def test_every_default_satisfies_its_own_schema(rule: Rule, limit: Limit) -> None:
    assert limit.meaning.endswith(".")
    assert problems(limit.schema, limit.default) == []


def problems(schema: object, value: object) -> list[str]:
    """Check a value against the part of JSON Schema that the limits use; the engine checks the rest."""
    assert isinstance(schema, dict)
    known = {"type", "minimum", "maximum", "minItems", "minLength", "items", "additionalProperties", "enum", "format"}
    found = [f"unknown keyword {key}" for key in schema.keys() - known - {"pattern"}]
    types = {"array": list, "object": dict, "integer": int, "string": str}
    if not isinstance(value, types[schema["type"]]):
        found.append(f"{value!r} is no {schema['type']}")
    if isinstance(value, int) and not schema["minimum"] <= value <= schema["maximum"]:
        found.append(f"{value} is out of range")
    if isinstance(value, str):
        enum = schema.get("enum", [value])
        found += [] if value in enum and re.search(schema.get("pattern", ""), value) else [f"{value!r} is not allowed"]
    if isinstance(value, list):
        found += [] if len(value) >= schema.get("minItems", 0) else ["too few"]
        found += [problem for one in value for problem in problems(schema["items"], one)]
    if isinstance(value, dict):
        found += [problem for one in value.values() for problem in problems(schema["additionalProperties"], one)]
    return found


@pytest.mark.parametrize("path", sorted(PACK.rglob("*.py")), ids=lambda path: str(path.relative_to(PACK)))
def test_the_pack_imports_the_standard_library_and_pulumi_policy_only(path: Path) -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or "."]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported - sys.stdlib_module_names <= {"policies", "pulumi_policy"}


def test_no_file_hides_a_module_of_the_standard_library() -> None:
    """The pack runs with its own folder first on the path."""
    assert not {path.stem for path in PACK.iterdir()} & sys.stdlib_module_names


def test_only_the_entry_point_starts_the_pack() -> None:
    calling = [path.name for path in PACK.rglob("*.py") if "PolicyPack(" in path.read_text(encoding="utf-8")]
    assert calling == ["__main__.py"]
