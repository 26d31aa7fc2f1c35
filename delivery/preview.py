"""A preview as data: what would change, what the guard and the policies say, what went wrong.

Read from what the engine prints: the events of `pulumi preview --json` with
PULUMI_ENABLE_STREAMING_JSON_PREVIEW=true, one a line, as `python -m delivery record` keeps them; or the one document
that the same command prints without it, which says nothing of policies.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from delivery.changes import Change, changes_of
from delivery.errors import DeliveryError
from delivery.steps import Step
from delivery.values import scrubbed

__all__ = ["Finding", "Preview", "read", "read_findings"]

_LARGEST_BYTES: Final = 256 << 20
_GUARD: Final = "::walletdb:index:DataGuard::"
_MARKS: Final = ("Why", "Fix", "See", "Exemption")
_NO_NEWS: Final = ("preview failed", "using pulumi-resource-", "using pulumi-language-")


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that a policy says.

    Attributes:
        policy: The rule's id.
        level: `mandatory`, `advisory` or whatever else the pack has.
        severity: `critical` to `low`; empty where the pack says none.
        urn: The resource; empty where it is about the stack.
        message: The pack's text: the rule's title, what was found, why, how to mend it, where to read more.
    """

    policy: str
    level: str
    severity: str
    urn: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """What one preview of one stack says.

    Attributes:
        stack: The stack's name.
        changes: What an update would do, without what stays as it is.
        drift: What was found to differ from what was recorded: by a refresh, or by a provider without one.
        unchanged: How many resources stay as they are.
        lost: Ids of the data guard that would be gone.
        notes: The data guard's lines: `key: old → new: effect`.
        findings: What policies say.
        rules: How many rules were asked; 0 where the engine's output does not say.
        errors: Messages of errors.
        warnings: Messages of warnings.
        failed: Whether the engine says that it failed, for whatever reason.
        ended: Whether the engine came to its end.
    """

    stack: str
    changes: tuple[Change, ...] = ()
    drift: tuple[Change, ...] = ()
    unchanged: int = 0
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    rules: int = 0
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    failed: bool = False
    ended: bool = True

    @property
    def violations(self) -> tuple[Finding, ...]:
        """What stops an update."""
        return tuple(finding for finding in self.findings if finding.level == "mandatory")


@dataclass(slots=True)
class _Reading:
    """What is gathered while events are read."""

    steps: list[Step] = field(default_factory=list)
    found: list[Step] = field(default_factory=list)  # by a refresh
    diagnostics: list[Mapping[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    rules: set[str] = field(default_factory=set)
    unchanged: int = 0
    failed: bool = False
    ended: bool = False


def read(path: Path, stack: str = "") -> Preview:
    """Read the engine's output from a file.

    Args:
        path: The file.
        stack: The stack's name where the output has none in it: a stack without resources.

    Raises:
        DeliveryError: There is no such file, or it is not what the engine prints.
    """
    text = _text(path)
    reading = _Reading()
    document = _document(text)
    if document is None:
        for event in _events(text, path):
            _take(reading, event)
    else:
        _take_document(reading, document)
    if not (reading.steps or reading.diagnostics or reading.ended):
        raise DeliveryError(f"{path} has nothing in it that the engine prints", "make it with: make plan")
    named = next((step.stack for step in (*reading.steps, *reading.found)), stack)
    return _preview(reading, named or stack)


def read_findings(path: Path, stack: str) -> tuple[Finding, ...]:
    """Read what policies say of a stack from a report: the engine's events, or the JSON of the policies' own report.

    Raises:
        DeliveryError: There is no such file, or it is neither.
    """
    text = _text(path)
    document = _document(text)
    if document is None:
        reading = _Reading()
        for event in _events(text, path):
            _take(reading, event)
        return _sorted(reading.findings)
    rows = document.get("findings")
    if not isinstance(rows, list):
        raise DeliveryError(
            f"{path} is no policy report: it has no `findings`",
            "give --policy what `python -m policies.report --format json` wrote, or a file of make plan",
        )
    return _sorted(_row(row) for row in rows if row.get("stack") in {None, "", stack})


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise DeliveryError(
                f"{path} has {path.stat().st_size} bytes; allowed are {_LARGEST_BYTES}", "look at it by hand"
            )
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise DeliveryError(f"{path} cannot be read: {error.strerror}", "make it with: make plan") from error


def _document(text: str) -> Mapping[str, Any] | None:
    """The one document of a plain `preview --json` or of a report; None where the text is events, one a line.

    The engine prints what it has to say of plugins before the document.
    """
    for start in (0, text.find("\n{") + 1):
        try:
            found = json.JSONDecoder().raw_decode(text, start)[0]
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and "sequence" not in found:
            return found
    return None


def _events(text: str, path: Path) -> Iterator[Mapping[str, Any]]:
    """The events of a stream; a last line that a killed engine wrote half of is passed over."""
    lines = [line for line in text.splitlines() if line.startswith("{")]
    for number, line in enumerate(lines):
        try:
            event = json.loads(line)
        except (ValueError, RecursionError) as error:
            if number == len(lines) - 1:
                return
            raise DeliveryError(f"{path} has a line that is no JSON: {line[:60]!r}", "make it anew") from error
        yield event


def _take(reading: _Reading, event: Mapping[str, Any]) -> None:
    if diagnostic := event.get("diagnosticEvent"):
        reading.diagnostics.append(diagnostic)
    elif policy := event.get("policyEvent"):
        reading.findings.append(_finding(policy))
    elif passed := event.get("policyAnalyzeSummaryEvent") or event.get("policyAnalyzeStackSummaryEvent"):
        reading.rules.update([*(passed.get("passed") or ()), *(passed.get("failed") or ())])
    elif mended := event.get("policyRemediationEvent"):
        text = f"mended by the policy {mended.get('policyName')}"
        reading.diagnostics.append({"severity": "warning", "urn": mended.get("resourceUrn"), "message": text})
    elif summary := event.get("summaryEvent"):
        reading.ended = True
        reading.failed = summary.get("result") == "failed"
        reading.unchanged = int((summary.get("resourceChanges") or {}).get("same", 0))
    elif outcome := event.get("resOutputsEvent"):
        step = Step.of_event(outcome["metadata"])
        if step.operation == "refresh":
            reading.found.append(step)
    elif begun := event.get("resourcePreEvent"):
        step = Step.of_event(begun["metadata"])
        if step.operation != "refresh":
            reading.steps.append(step)


def _take_document(reading: _Reading, document: Mapping[str, Any]) -> None:
    for entry in document.get("steps") or ():
        step = Step.of_document(entry)
        (reading.found if step.operation == "refresh" else reading.steps).append(step)
    reading.diagnostics.extend(document.get("diagnostics") or ())
    reading.ended = "changeSummary" in document
    reading.failed = any(one.get("severity") == "error" for one in reading.diagnostics)
    reading.unchanged = int((document.get("changeSummary") or {}).get("same", 0))


def _preview(reading: _Reading, stack: str) -> Preview:
    lost: list[str] = []
    for step in reading.steps:
        if _GUARD in step.urn:
            lost += [str(one) for one in (step.new or {}).get("lost") or ()]
    changes = changes_of(reading.steps)
    drift = [change for change in changes_of(reading.found) if change.properties or change.action == "delete"]
    seen = {change.urn for change in drift}
    drift += [change for change in changes if change.found and change.urn not in seen]
    return Preview(
        stack=stack,
        changes=changes,
        drift=tuple(drift),
        unchanged=reading.unchanged,
        lost=tuple(dict.fromkeys(lost)),
        notes=_said(reading.diagnostics, "info", about=_GUARD),
        findings=_sorted(reading.findings),
        rules=len(reading.rules),
        errors=_said(reading.diagnostics, "error"),
        warnings=_said(reading.diagnostics, "warning"),
        failed=reading.failed,
        ended=reading.ended,
    )


def _said(diagnostics: Iterable[Mapping[str, Any]], severity: str, about: str = "") -> tuple[str, ...]:
    """Messages of one severity, each once, with the resource where it is about one."""
    found: dict[str, None] = {}
    for diagnostic in diagnostics:
        urn = str(diagnostic.get("urn") or "")
        if diagnostic.get("severity") != severity or about not in urn:
            continue
        text = str(diagnostic.get("message") or "").strip().removeprefix(f"{severity}: ")
        if text and not text.startswith(_NO_NEWS):
            name = "" if about or not urn or "pulumi:pulumi:Stack::" in urn else f"{urn.rpartition('::')[2]}: "
            found.setdefault(scrubbed(name + text))
    return tuple(found)


_SEVERITIES: Final = ("critical", "high", "medium", "low")


def _sorted(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Violations first, the worst of them first."""

    def order(finding: Finding) -> tuple[bool, int, str, str]:
        known = finding.severity in _SEVERITIES
        weight = _SEVERITIES.index(finding.severity) if known else len(_SEVERITIES)
        return finding.level != "mandatory", weight, finding.policy, finding.urn

    return tuple(sorted(dict.fromkeys(findings), key=order))


def _finding(event: Mapping[str, Any]) -> Finding:
    """A finding from an event."""
    return Finding(
        policy=str(event.get("policyName", "")),
        level=str(event.get("enforcementLevel", "")),
        severity=str(event.get("severity") or ""),
        urn=str(event.get("resourceUrn") or ""),
        message=scrubbed(str(event.get("message", "")).strip()),
    )


def _row(row: Mapping[str, Any]) -> Finding:
    """A finding from a row of the policies' own report."""
    lines = [
        row.get("title"),
        row.get("text"),
        *(f"{mark}: {row.get(mark.lower())}" for mark in _MARKS if row.get(mark.lower())),
    ]
    return Finding(
        policy=str(row.get("rule", "")),
        level="mandatory" if row.get("kind") == "violation" else "advisory",
        severity=str(row.get("severity") or ""),
        urn=str(row.get("urn") or ""),
        message=scrubbed("\n".join(str(line) for line in lines if line)),
    )
