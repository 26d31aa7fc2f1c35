"""The reports: what they read of the engine's events, and what each format says of it."""

import io
import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from policies.registry import RULES
from policies.report import __main__ as command
from policies.report.findings import EventError, read_events
from policies.report.table import table

URN = "urn:pulumi:dev::fashion-wallet::fashionwallet:index:Host$walletdb:index:PgBouncer::pgbouncer"
TLS = (
    "Servers speak TLS 1.3 and nothing older.\nPgBouncer pgbouncer: minimumTlsVersion is TLSv1.2; allowed: TLSv1.3.\n"
    "Why: older versions allow weak ciphers\nFix: set minimumVersion to TLSv1.3\nSee: docs/reference/policies.md#x\n"
)
CANNOT = (
    "T.\nPgBouncer pgbouncer: cannot tell until `pulumi up`, which checks again, whether a is allowed: its value is not"
)


def policy(message: str, level: str = "mandatory", rule: str = "walletdb-require-tls-1-3", urn: str = URN) -> Any:
    event = {
        "resourceUrn": urn,
        "message": message,
        "policyName": rule,
        "enforcementLevel": level,
        "severity": "critical",
    }
    return {"policyEvent": event}


def lines(*events: dict[str, Any], ended: bool = True) -> list[str]:
    all_events = [{"policyLoadEvent": {}}, *events, *([{"summaryEvent": {"result": "failed"}}] if ended else [])]
    return [json.dumps({"sequence": number, "timestamp": 1, **event}) for number, event in enumerate(all_events)]


SUMMARY = {"policyAnalyzeSummaryEvent": {"resourceUrn": URN, "passed": ["walletdb-listen-on-loopback"]}}
MENDED = {"policyRemediationEvent": {"resourceUrn": URN, "policyName": "resource-require-tags", "after": {"a": "b"}}}
EXEMPT = policy(f"{TLS}Exemption: exempt until 2026-03-31 by me: because (policies/exemptions.toml)\n", "advisory")
ADVICE = policy("Tidy up.\nDataGuard guard: allow is x; allowed: y.", "advisory", "dataguard-forbid-stale-allowance")
UNKNOWN = policy(CANNOT, "advisory", "walletdb-listen-on-loopback")
ALL = (SUMMARY, policy(TLS), policy(TLS), EXEMPT, ADVICE, UNKNOWN, MENDED, MENDED)


def test_findings_are_read_with_their_kind_and_each_once() -> None:
    run = read_events(lines(*ALL), "x")
    assert [(one.kind, one.rule) for one in run.findings] == [
        ("violation", "walletdb-require-tls-1-3"),
        ("advice", "dataguard-forbid-stale-allowance"),
        ("exempt", "walletdb-require-tls-1-3"),
        ("cannot tell", "walletdb-listen-on-loopback"),
    ]
    first = run.findings[0]
    assert (first.stack, first.resource, first.severity) == ("dev", "PgBouncer pgbouncer", "critical")
    assert first.text == "PgBouncer pgbouncer: minimumTlsVersion is TLSv1.2; allowed: TLSv1.3."
    assert (first.why, first.fix) == ("older versions allow weak ciphers", "set minimumVersion to TLSv1.3")
    assert run.mended == [("dev", "resource-require-tags", URN)]
    assert run.ended


def test_a_finding_about_the_whole_stack_says_so() -> None:
    for urn in ("", "urn:pulumi:dev::fashion-wallet::pulumi:pulumi:Stack::fashion-wallet-dev"):
        (finding,) = read_events(lines(SUMMARY, policy(TLS, urn=urn)), "x").findings
        assert (finding.resource, finding.stack) == ("stack", "dev")


@pytest.mark.parametrize(
    "text,message",
    [
        (
            "",
            "x: no events; allowed: what `pulumi preview --json` prints with PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true",
        ),
        ("\n\n", "x: no events"),
        ("error: no stack\n", "x, line 1: got 'error: no stack'; allowed: an event of the engine as JSON, one a line;"),
        ('{"steps": []}', "x, line 1: got '{\"steps\": []}'; allowed"),
        ("[]", "x, line 1: got '[]'"),
    ],
)
def test_what_is_no_list_of_events_is_refused(text: str, message: str) -> None:
    with pytest.raises(EventError) as caught:
        read_events(text.split("\n"), "x")
    assert message in str(caught.value)


def test_what_cannot_be_told_is_a_line_for_each_rule() -> None:
    text = "T.\nBucket x: cannot tell until `pulumi up`, which checks again"
    urns = [f"urn:pulumi:dev::fashion-wallet::aws:s3/bucket:Bucket::{name}" for name in ("a", "b", "c", "d", "e")]
    said = [policy(text, rule=name, urn=urn) for name, some in (("one", urns), ("two", urns[:3])) for urn in some]
    rows = table(read_events(lines(*said, SUMMARY), "x"), RULES).splitlines()
    start = rows.index("Cannot be told before `pulumi up`, which judges again") + 1
    assert rows[start:] == [
        "  critical  one  Bucket a, Bucket b, Bucket c and 2 more",
        "  critical  two  Bucket a, Bucket b, Bucket c",
        "",
    ]


@pytest.fixture
def report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str, events: list[str] | None = None) -> tuple[int, str]:
        path = tmp_path / "events.jsonl"
        path.write_text("\n".join(events or lines(*ALL)), encoding="utf-8")
        code = command.main([*arguments, str(path)])
        return code, capsys.readouterr().out

    return run


def test_the_table_has_what_stops_the_update_first(report: Any) -> None:
    code, text = report()
    assert code == 1
    assert (
        f"Stack dev: {len(RULES)} rules, 1 resources; 1 violation, 1 advice, 1 exempt, 1 cannot tell, 1 mended" in text
    )
    heads = ["Violations (these stop", "Advice", "Exempt for now", "Cannot be told before", "Mended by their rules"]
    assert sorted(heads, key=text.index) == heads
    assert "fix: set minimumVersion to TLSv1.3" in text
    assert "exempt until 2026-03-31 by me: because" in text


def test_a_stack_without_a_finding_passes(report: Any) -> None:
    code, text = report(events=lines(SUMMARY))
    assert code == 0
    assert "0 violation, 0 advice, 0 exempt, 0 cannot tell, 0 mended" in text
    code, text = report("--stack", "prod", events=lines())
    assert (code, text.split(":")[0]) == (0, "Stack prod")


def test_advice_alone_passes_and_a_run_that_was_cut_off_does_not(report: Any) -> None:
    assert report(events=lines(SUMMARY, ADVICE))[0] == 0
    code, text = report(events=lines(SUMMARY, ended=False))
    assert code == 1
    assert "The engine's events have no end: the run was cut off" in text


def test_json_has_counts_and_findings(report: Any) -> None:
    content = json.loads(report("--format", "json")[1])
    assert content["stacks"] == {"dev": {"resources": 1, "violation": 1, "advice": 1, "exempt": 1, "cannot tell": 1}}
    assert content["findings"][0]["resource"] == "PgBouncer pgbouncer"
    assert content["mended"] == [{"stack": "dev", "rule": "resource-require-tags", "urn": URN}]
    assert content["complete"] is True


def test_junit_has_a_case_for_each_rule(report: Any) -> None:
    control = policy(TLS.replace("TLSv1.2", "\x1b[1mTLSv1.2\x00"))
    suite = ET.fromstring(report("--format", "junit", events=lines(SUMMARY, control, UNKNOWN))[1])[0]  # noqa: S314 - our own
    assert suite.attrib == {
        "name": "dev", "tests": str(len(RULES)), "failures": "1", "skipped": str(len(RULES) - 2), "errors": "0",
    }  # fmt: skip
    cases = {case.get("name"): case for case in suite}
    failure = cases["walletdb-require-tls-1-3"].find("failure")
    assert failure is not None
    assert "Fix: set minimumVersion to TLSv1.3" in str(failure.text)
    assert cases["alarm-notify"].find("skipped") is not None
    loopback = cases["walletdb-listen-on-loopback"]
    assert loopback.find("failure") is None
    assert "cannot tell until `pulumi up`" in str(loopback.findtext("system-out"))


def test_sarif_has_rules_levels_places_and_suppressions(report: Any) -> None:
    content = json.loads(report("--format", "sarif")[1])
    run = content["runs"][0]
    assert content["version"] == "2.1.0"
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.id for rule in RULES]
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note", "note"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "Pulumi.dev.yaml"
        assert result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] == URN
    exempt = run["results"][2]
    assert exempt["suppressions"][0]["justification"].startswith("exempt until 2026-03-31 by me: because")
    assert [one for one in run["results"] if "suppressions" in one] == [exempt]


def test_two_stacks_are_one_report_and_a_file_takes_it(tmp_path: Path) -> None:
    for stack in ("dev", "prod"):
        events = [line.replace("urn:pulumi:dev", f"urn:pulumi:{stack}") for line in lines(SUMMARY, policy(TLS))]
        (tmp_path / stack).write_text("\n".join(events), encoding="utf-8")
    output = tmp_path / "report.txt"
    assert command.main([str(tmp_path / "dev"), str(tmp_path / "prod"), "--output", str(output)]) == 1
    text = output.read_text(encoding="utf-8")
    assert text.index("Stack dev: ") < text.index("Stack prod: ")


def test_standard_input_is_read_and_errors_have_a_code_of_their_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines(SUMMARY))))
    assert command.main([]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("error: no stack"))
    assert command.main([]) == 2
    assert command.main([str(tmp_path / "none")]) == 2
    assert "policies.report: standard input, line 1: got" in capsys.readouterr().err
