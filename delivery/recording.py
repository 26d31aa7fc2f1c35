"""Runs the engine and keeps what it prints, without what nobody may keep.

In its stream the engine prints its own debug messages whether they are wanted or not, and those have secrets in clear.
They are dropped before anything is written. What stays as it is shrinks to its name.
"""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Final

from delivery.errors import DeliveryError
from delivery.values import scrubbed

__all__ = ["kept", "record"]

_STREAM: Final = {"PULUMI_ENABLE_STREAMING_JSON_PREVIEW": "true"}
_SIGNALLED: Final = 128
_NO_NEWS: Final = (
    "using pulumi-resource-",
    "using pulumi-language-",
)  # where it found a plugin: a path of this machine
_KEPT: Final[Mapping[str, Sequence[str]]] = {
    "policyEvent": ("resourceUrn", "message", "policyName", "enforcementLevel", "severity"),
    "policyRemediationEvent": ("resourceUrn", "policyName"),
    "policyAnalyzeSummaryEvent": ("resourceUrn", "passed", "failed"),
    "policyAnalyzeStackSummaryEvent": ("passed", "failed"),
    "summaryEvent": ("resourceChanges", "result"),
}


def record(command: Sequence[str], target: Path, say: Callable[[str], None]) -> int:
    """Run the engine's command, keep its events in `target` and say what happens.

    The file is its owner's alone. A signal is handed on, and the engine is waited for.

    Args:
        command: The engine with its words; `--json` among them.
        target: Where events go, one a line.
        say: Takes a line for people.

    Returns:
        The engine's exit code; 128 and the signal's number where it was killed.

    Raises:
        DeliveryError: The engine cannot be started.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        engine = subprocess.Popen(
            command, env={**os.environ, **_STREAM}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
    except OSError as error:
        raise DeliveryError(f"cannot run {command[0]}: {error.strerror}", "make setup") from error

    def hand_on(number: int, _frame: FrameType | None) -> None:
        engine.send_signal(number)

    before = signal.signal(signal.SIGTERM, hand_on)
    try:
        with engine, os.fdopen(_own_file(target), "w", encoding="utf-8") as file:
            for line in _lines(engine):
                _one(line, file.write, say)
        code = engine.wait()
    finally:
        signal.signal(signal.SIGTERM, before)
    return code if code >= 0 else _SIGNALLED - code


def _own_file(target: Path) -> int:
    return os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)


def _lines(engine: "subprocess.Popen[str]") -> Iterator[str]:
    """The engine's lines. Ctrl-C reaches the engine from the terminal; what it still says is read to its end."""
    if engine.stdout is None:
        return
    while True:
        try:
            line = engine.stdout.readline()
        except KeyboardInterrupt:
            continue
        if not line:
            return
        yield line


def _one(line: str, write: Callable[[str], object], say: Callable[[str], None]) -> None:
    try:
        event = json.loads(line)
    except ValueError:
        say(scrubbed(line.rstrip()))
        return
    reduced = kept(event) if isinstance(event, dict) else None
    if reduced is not None:
        write(json.dumps(reduced, ensure_ascii=False, separators=(",", ":")) + "\n")
        if told := _told(reduced):
            say(told)


def kept(event: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What of an event is kept; None for nothing."""
    if diagnostic := event.get("diagnosticEvent"):
        if diagnostic.get("severity") not in {"info", "warning", "error"}:
            return None
        message = scrubbed(str(diagnostic.get("message", "")))
        if message.startswith(_NO_NEWS):
            return None
        return {**_head(event), "diagnosticEvent": {**diagnostic, "message": message}}
    for name, parts in _KEPT.items():
        if found := event.get(name):
            return {**_head(event), name: {part: found[part] for part in parts if part in found}}
    for name in ("resourcePreEvent", "resOutputsEvent"):
        if step := event.get(name):
            return _step(event, name, step["metadata"])
    return None


def _step(event: Mapping[str, Any], name: str, metadata: Mapping[str, Any]) -> Mapping[str, Any] | None:
    operation = metadata.get("op")
    # Of a refresh only its outcome says something, of everything else only what is going to be done.
    if (operation == "refresh") != (name == "resOutputsEvent"):
        return None
    if operation in {"same", "read"} or (operation == "refresh" and not _differs(metadata)):
        parent = (metadata.get("new") or metadata.get("old") or {}).get("parent", "")
        metadata = {"op": operation, "urn": metadata["urn"], "new": {"parent": parent}, "old": {}}
    return {**_head(event), name: {"metadata": metadata}}


def _differs(metadata: Mapping[str, Any]) -> bool:
    return bool(metadata.get("new") is None or metadata.get("diffs") or metadata.get("detailedDiff"))


def _head(event: Mapping[str, Any]) -> dict[str, Any]:
    return {"sequence": event.get("sequence", 0)}


def _told(event: Mapping[str, Any]) -> str:
    """A line for people, as the engine's own display would have it; empty where there is nothing to tell."""
    if diagnostic := event.get("diagnosticEvent"):
        name = str(diagnostic.get("urn") or "").rpartition("::")[2]
        text = str(diagnostic["message"]).strip()
        return f"{diagnostic['severity']}: {name and f'{name}: '}{text}"
    if policy := event.get("policyEvent"):
        return f"policy {policy['policyName']} [{policy['enforcementLevel']}]: {str(policy['message']).strip()}"
    if "summaryEvent" in event:
        counts = event["summaryEvent"].get("resourceChanges") or {}
        return "resources: " + (", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none")
    step = (event.get("resourcePreEvent") or event.get("resOutputsEvent") or {}).get("metadata", {})
    if not step or step["op"] in {"same", "read"} or (step["op"] == "refresh" and not _differs(step)):
        return ""
    kind = str(step["urn"]).split("::")[2].rpartition("$")[2]
    names = ", ".join(step.get("diffs") or ())
    gone = " (gone)" if step["op"] == "refresh" and step.get("new") is None else ""
    return f"{step['op']:<18} {kind} {str(step['urn']).split('::', 3)[3]}{names and f' [{names}]'}{gone}"
