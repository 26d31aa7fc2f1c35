"""The pack as a whole: ids, files, metadata, imports, and that each rule has cases."""

import ast
import re
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

import policies
from policies.registry import RULES
from policies.rule import EXEMPTIONS, Limit, ResourceRule, Rule
from policies.schema import KEYWORDS, problem

PACK = Path(policies.__file__).parent
RULE_FILES = sorted(path for path in (PACK / "rules").glob("*.py") if path.name != "__init__.py")
CASES = Path(__file__).parent / "cases"
LIMITS = [pytest.param(rule, limit, id=f"{rule.id}.{limit.name}") for rule in RULES for limit in rule.limits]
PROTOCOL = {"__main__.py", "decode.py", "info.py", "remedies.py", "ruleset.py", "servicer.py"}
ALWAYS_KNOWN = {
    "any-resource-forbid-credentials",
    "iam-forbid-stored-keys",
    "network-forbid-internet",
    "secret-values-require-mark",
}
"""What these judge, a type, an option, a mark, is known at preview; what is unknown holds nothing."""
BY_ID = [pytest.param(rule, id=rule.id) for rule in RULES]


def test_ids_are_unique_and_sorted() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))


def test_every_rule_file_is_registered_under_its_own_name() -> None:
    assert [path.stem for path in RULE_FILES] == [rule.id.replace("-", "_") for rule in RULES]


@pytest.mark.parametrize("rule", BY_ID)
def test_every_rule_has_cases_that_fire_and_that_do_not(rule: Rule) -> None:
    cases = import_module(f"tests.policies.cases.{rule.id.replace('-', '_')}")
    if rule.topic == EXEMPTIONS:
        return  # they read no property: test_exemptions.py
    assert cases.FIRES
    assert cases.PASSES
    assert cases.CANNOT_TELL or rule.id in ALWAYS_KNOWN
    assert cases.SAYS


@pytest.mark.parametrize(
    "wanted,judged,left",
    [
        ("aws:s3/bucket:Bucket", ["aws:s3/bucket:Bucket"], ["aws:s3/bucket:BucketV2", "aws:s3/bucket:Buck", ""]),
        ("walletdb:*", ["walletdb:index:Etcd", "walletdb:"], ["walletdb", "my:walletdb:index:Etcd"]),
        ("*", ["aws:s3/bucket:Bucket", ""], []),
    ],
)
def test_a_rule_judges_the_types_that_it_names(wanted: str, judged: list[str], left: list[str]) -> None:
    rule = replace(next(one for one in RULES if isinstance(one, ResourceRule)), types=("a:b:C", wanted))
    assert [rule.applies_to(one) for one in (*judged, *left)] == [True] * len(judged) + [False] * len(left)


def test_every_file_of_cases_belongs_to_a_rule() -> None:
    assert {path.stem for path in CASES.glob("*.py")} == {path.stem for path in RULE_FILES}


@pytest.mark.parametrize("rule", BY_ID)
def test_every_rule_says_what_why_and_how(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", rule.id)
    assert rule.title.endswith(".")
    assert not rule.reason.endswith(".")
    assert not rule.fix.endswith(".")
    assert rule.spec
    assert all(re.fullmatch(r"\d+(\.\d+)*", section) for section in rule.spec)
    assert rule.link.startswith("https://")
    assert rule.absent.endswith(".")
    assert rule.example is not None
    assert rule.example.refused != rule.example.taken


@pytest.mark.parametrize("rule,limit", LIMITS)
def test_every_default_satisfies_its_own_schema(rule: Rule, limit: Limit) -> None:
    assert limit.meaning.endswith(".")
    assert unknown_keywords(limit.schema) == set()
    assert problem(limit.schema, limit.default) == ""
    assert not limit.is_weaker(limit.default)


def unknown_keywords(schema: object) -> set[str]:
    assert isinstance(schema, dict)
    inner = [schema[key] for key in ("items", "additionalProperties") if key in schema]
    return set(schema) - KEYWORDS | {word for one in inner for word in unknown_keywords(one)}


@pytest.mark.parametrize("path", sorted(PACK.rglob("*.py")), ids=lambda path: str(path.relative_to(PACK)))
def test_the_pack_imports_the_standard_library_and_pulumi_policy_only(path: Path) -> None:
    """Those files that speak the engine's protocol use what it comes in; pulumi_policy needs the same."""
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
    protocol = {"google", "grpc", "pulumi"} if path.parent == PACK and path.name in PROTOCOL else set()
    assert imported - sys.stdlib_module_names <= {"policies", "pulumi_policy"} | protocol


def test_no_file_hides_a_module_of_the_standard_library() -> None:
    """The pack runs with its own folder first on the path."""
    assert not {path.stem for path in PACK.iterdir()} & sys.stdlib_module_names


def test_only_the_entry_point_serves() -> None:
    calling = [path.name for path in PACK.rglob("*.py") if "grpc.server(" in path.read_text(encoding="utf-8")]
    assert calling == ["__main__.py"]
