"""The reports for machines: JSON, JUnit, and SARIF as code hosts read it."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from policies.message import REFERENCE
from policies.report.findings import CANNOT_TELL, EXEMPT, KINDS, VIOLATION, Finding, Run
from policies.rule import Rule

__all__ = ["as_json", "as_junit", "as_sarif"]

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {VIOLATION: "error", "advice": "warning", EXEMPT: "note", CANNOT_TELL: "note"}
_SCORES: Final = {"low": "3.0", "medium": "5.0", "high": "8.0", "critical": "9.5"}
"""How a code host ranks what it shows, by the severity of the rule."""
_XML_UNFIT: Final = {code: None for code in range(32) if code not in (9, 10, 13)}


def as_json(run: Run, rules: Sequence[Rule]) -> str:
    """Return counts, findings and what was mended."""
    content = {
        "complete": run.ended,
        "rules": len(rules),
        "stacks": {
            stack: {
                "resources": len(run.resources.get(stack, ())),
                **{kind: sum(one.stack == stack for one in run.of(kind)) for kind in KINDS},
            }
            for stack in run.stacks
        },
        "findings": [
            {name: getattr(one, name) for name in Finding.__dataclass_fields__} | {"resource": one.resource}
            for one in run.findings
        ],
        "mended": [{"stack": stack, "rule": rule, "urn": urn} for stack, rule, urn in run.mended],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def as_junit(run: Run, rules: Sequence[Rule]) -> str:
    """Return a suite for each stack and a case for each rule: failed, skipped where it judged nothing, or passed."""
    root = ET.Element("testsuites", name="policies")
    for stack in run.stacks:
        suite = ET.SubElement(root, "testsuite", name=stack)
        failures = skipped = 0
        for rule in rules:
            findings = [one for one in run.findings if one.stack == stack and one.rule == rule.id]
            case = ET.SubElement(suite, "testcase", name=rule.id, classname=f"{stack}.{rule.topic}")
            stopping = [one for one in findings if one.kind == VIOLATION]
            if stopping:
                failures += 1
                failure = ET.SubElement(case, "failure", message=_fit(stopping[0].text), type=rule.severity.value)
                failure.text = _fit("\n\n".join(_whole(one) for one in stopping))
            elif not findings and rule.id not in run.passed.get(stack, ()):
                skipped += 1
                ET.SubElement(case, "skipped", message="it had nothing to judge")
            told = [one for one in findings if one.kind != VIOLATION]
            if told:
                ET.SubElement(case, "system-out").text = _fit("\n\n".join(f"{one.kind}: {_whole(one)}" for one in told))
        suite.attrib |= {"tests": str(len(rules)), "failures": str(failures), "skipped": str(skipped), "errors": "0"}
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def as_sarif(run: Run, rules: Sequence[Rule]) -> str:
    """Return the findings for a code host; what is exempt is suppressed there, with the reason."""
    places = {rule.id: index for index, rule in enumerate(rules)}
    driver = {
        "name": "fashion-wallet policies",
        "informationUri": "https://www.pulumi.com/docs/insights/policy/",
        "rules": [_sarif_rule(rule) for rule in rules],
    }
    results = list(_sarif_results(run, places))
    invocation = {"executionSuccessful": run.ended}
    content = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "invocations": [invocation], "results": results}],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title} {rule.reason}."},
        "help": {"text": f"{rule.fix}. See {REFERENCE}#{rule.id}."},
        "helpUri": rule.link,
        "defaultConfiguration": {"level": "error" if rule.level.value == "mandatory" else "warning"},
        "properties": {
            "tags": [rule.topic, *rule.frameworks, *(f"spec {section}" for section in rule.spec)],
            "security-severity": _SCORES[rule.severity.value],
        },
    }


def _sarif_results(run: Run, places: dict[str, int]) -> Iterator[dict[str, Any]]:
    for one in run.findings:
        result: dict[str, Any] = {
            "ruleId": one.rule,
            "level": _LEVELS[one.kind],
            "message": {"text": _whole(one)},
            "locations": [
                {
                    "logicalLocations": [{"fullyQualifiedName": one.urn, "name": one.resource, "kind": "resource"}],
                    "physicalLocation": {
                        "artifactLocation": {"uri": f"Pulumi.{one.stack}.yaml"},
                        "region": {"startLine": 1},
                    },
                }
            ],
            # The text may hold a number that changes every day; rule and resource are what the finding is.
            "partialFingerprints": {"ruleAndResource/v1": _digest(f"{one.rule}\n{one.urn}")},
        }
        if one.rule in places:
            result["ruleIndex"] = places[one.rule]
        if one.kind == EXEMPT:
            result["suppressions"] = [{"kind": "external", "status": "accepted", "justification": one.exemption}]
        yield result


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _whole(one: Finding) -> str:
    parts = [one.text, f"Why: {one.why}" if one.why else "", f"Fix: {one.fix}" if one.fix else "", one.exemption]
    return "\n".join(part for part in parts if part)


def _fit(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return text.translate(_XML_UNFIT)
