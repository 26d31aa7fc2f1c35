"""Reads the engine's events: what the pack found, what it mended, what passed."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from policies.wire import stack_of, type_name

__all__ = ["CANNOT_TELL", "EXEMPT", "KINDS", "VIOLATION", "EventError", "Finding", "Run", "read_events"]

VIOLATION: Final = "violation"
ADVICE: Final = "advice"
EXEMPT: Final = "exempt"
CANNOT_TELL: Final = "cannot tell"
KINDS: Final = (VIOLATION, ADVICE, EXEMPT, CANNOT_TELL)
"""From what stops an update to what only tells."""
_EXEMPTION: Final = "Exemption: "
_UNKNOWN: Final = "cannot tell until `pulumi up`"


class EventError(ValueError):
    """What was read is no list of the engine's events."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that a rule said of a resource (or, without one, of the stack)."""

    stack: str
    kind: str
    rule: str
    severity: str
    urn: str
    title: str
    text: str
    why: str = ""
    fix: str = ""
    see: str = ""
    exemption: str = ""

    @property
    def resource(self) -> str:
        """The resource's type and name, `stack` where it is about the whole."""
        parts = self.urn.split("::")
        if len(parts) < 4 or type_name(parts[2]) == "Stack":  # noqa: PLR2004 - urn:pulumi:stack::project::type::name
            return "stack"
        return f"{type_name(parts[2].rpartition('$')[2])} {parts[3]}"


@dataclass(slots=True, kw_only=True)
class Run:
    """What was said in one run over one stack or several."""

    findings: list[Finding] = field(default_factory=list)
    mended: list[tuple[str, str, str]] = field(default_factory=list)
    """Stack, rule and URN of each remediation."""
    passed: dict[str, set[str]] = field(default_factory=dict)
    """By stack, the rules that had something to judge and no finding at some resource."""
    resources: dict[str, set[str]] = field(default_factory=dict)
    """By stack, the URNs that were judged."""
    ended: bool = True
    """Whether every list of events has its end: a run that was cut off says less than it should."""

    @property
    def stacks(self) -> list[str]:
        """The stacks, by name."""
        return sorted({*self.passed, *self.resources, *(one.stack for one in self.findings)} - {""})

    def of(self, kind: str) -> list[Finding]:
        """Return the findings of a kind."""
        return [one for one in self.findings if one.kind == kind]


def read_events(lines: Iterable[str], source: str, stack: str = "") -> Run:
    """Read events, one a line; what is of no interest is passed over. `stack` is the name where no event has one.

    Raises:
        EventError: a line is no event, or there is none.
    """
    run = Run(ended=False)
    seen: set[tuple[Any, ...]] = set()
    named, count = "", 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        event = _event(line, f"{source}, line {number}")
        count += 1
        named = named or _stack(event)
        _take(run, event, named or stack, seen)
    if not count:
        raise EventError(
            f"{source}: no events; allowed: what `pulumi preview --json` prints with "
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true; fix: look at the engine's own error"
        )
    run.passed.setdefault(named or stack, set())
    run.findings.sort(key=lambda one: (one.stack, KINDS.index(one.kind), one.rule, one.urn))
    return run


def _event(line: str, where: str) -> dict[str, Any]:
    try:
        event = json.loads(line)
    except ValueError:
        event = None
    if not isinstance(event, dict) or "sequence" not in event:
        raise EventError(
            f"{where}: got {line.strip()[:60]!r}; allowed: an event of the engine as JSON, one a line; fix: set "
            "PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true for `preview --json`, and give this only its standard output"
        )
    return event


def _take(run: Run, event: dict[str, Any], stack: str, seen: set[tuple[Any, ...]]) -> None:
    if said := event.get("policyEvent"):
        finding = _finding(said, stack)
        key = (finding.kind, finding.rule, finding.urn, finding.text)
        if key not in seen:  # `up` judges twice, in its preview and before each step
            seen.add(key)
            run.findings.append(finding)
    elif mended := event.get("policyRemediationEvent"):
        one = (stack, str(mended.get("policyName")), str(mended.get("resourceUrn")))
        if one not in run.mended:
            run.mended.append(one)
    elif summary := event.get("policyAnalyzeSummaryEvent") or event.get("policyAnalyzeStackSummaryEvent"):
        run.passed.setdefault(stack, set()).update(summary.get("passed") or ())
        if urn := summary.get("resourceUrn"):
            run.resources.setdefault(stack, set()).add(urn)
    elif "summaryEvent" in event:
        run.ended = True


def _stack(event: dict[str, Any]) -> str:
    """Return the stack's name from the first URN in an event."""
    for content in event.values():
        if isinstance(content, dict):
            metadata = content.get("metadata")
            urn = content.get("resourceUrn") or (metadata.get("urn") if isinstance(metadata, dict) else "")
            if urn:
                return stack_of(str(urn))
    return ""


def _finding(event: dict[str, Any], stack: str) -> Finding:
    urn = str(event.get("resourceUrn") or "")
    title, *lines = str(event.get("message", "")).strip().split("\n")
    marked = {mark: _after(lines, mark) for mark in ("Why: ", "Fix: ", "See: ", _EXEMPTION)}
    text = "\n".join(line for line in lines if not line.startswith(tuple(marked)))
    return Finding(
        stack=stack_of(urn) or stack,
        kind=_kind(event, text, marked[_EXEMPTION]),
        rule=str(event.get("policyName", "")),
        severity=str(event.get("severity") or "medium"),
        urn=urn,
        title=title,
        text=text or title,
        why=marked["Why: "],
        fix=marked["Fix: "],
        see=marked["See: "],
        exemption=marked[_EXEMPTION],
    )


def _kind(event: dict[str, Any], text: str, exemption: str) -> str:
    if exemption:
        return EXEMPT
    if _UNKNOWN in text:
        return CANNOT_TELL
    return VIOLATION if event.get("enforcementLevel") == "mandatory" else ADVICE


def _after(lines: list[str], mark: str) -> str:
    return next((line.removeprefix(mark) for line in lines if line.startswith(mark)), "")
