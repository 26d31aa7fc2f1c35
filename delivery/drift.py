"""The issue about drift: what differs from what was recorded, and what an update would do about it."""

import re
from dataclasses import dataclass
from typing import Final

from delivery.changes import Change
from delivery.comment import change_rows, errors_section, policies_sections
from delivery.fitting import LIMIT, Section, fitted
from delivery.markdown import code, details, row, table
from delivery.preview import Preview

__all__ = ["Issue", "issue", "marker"]

_HEADS: Final = ["", "type", "name", "what differs", "recorded", "found"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Issue:
    """What is to be said in the tracker.

    Attributes:
        title: One line; plain text.
        body: Markdown, with the marker by which the issue is found again.
        verdict: `clean`, `drift`, `refused` (by policies), `undeployed` (only the program went on) or
            `unknown` (the preview failed).
    """

    title: str
    body: str
    verdict: str

    @property
    def clean(self) -> bool:
        """Whether there is nothing to say."""
        return self.verdict == "clean"


def marker(stack: str) -> str:
    """The line by which the stack's one issue is found again."""
    return f"<!-- fashion-wallet: drift of {re.sub(r'[^A-Za-z0-9_.]', '-', stack)} -->"


def issue(preview: Preview | None, stack: str, *, run_url: str = "", limit: int = LIMIT) -> Issue:
    """Make the issue's text from a preview that began with a refresh.

    Args:
        preview: What it says; None where there is none, which is worth an issue too.
        stack: The stack's name.
        run_url: Where the logs are.
        limit: Characters that the body may have.
    """
    verdict = _verdict(preview)
    count = len(preview.drift) if preview else 0
    things = f"{count} resource{'s' * (count != 1)}"
    title = {
        "clean": f"Stack {stack} is as declared",
        "drift": f"Stack {stack} has drifted: {things}",
        "refused": f"Stack {stack} violates policies",
        "undeployed": f"Stack {stack} lags behind the program",
        "unknown": f"Stack {stack}: nobody knows whether it has drifted",
    }[verdict]
    sections = [Section(around=lambda _rows: [marker(stack), _opening(verdict, stack, run_url), ""])]
    if preview is not None:
        sections += errors_section(preview)
        sections += _drifted(preview)
        sections += policies_sections(preview.findings, run_url)
        sections += _update(preview)
    sections.append(Section(around=lambda _rows: _advice(verdict, stack)))
    return Issue(title=title, body=fitted(sections, limit) + "\n", verdict=verdict)


def _verdict(preview: Preview | None) -> str:
    if preview is None or not preview.ended:
        return "unknown"
    if preview.drift:
        return "drift"
    if preview.violations:
        return "refused"
    if preview.errors or (preview.failed and not preview.changes):
        return "unknown"
    return "undeployed" if preview.changes else "clean"


def _opening(verdict: str, stack: str, run_url: str) -> str:
    logs = f" [The run]({run_url}) has its log." if run_url.startswith("https://") else ""
    said = {
        "clean": "Reality, recorded state and program agree.",
        "drift": "Somebody or something changed what the program declares. **An update would undo that.**",
        "refused": "Nothing drifted, but policies refuse what is there: an exemption expired, say, or a date passed.",
        "undeployed": "Reality is as recorded, but an update of the program was not made, or did not come to its end.",
        "unknown": "The nightly comparison did not come to its end, so drift would go unseen.",
    }[verdict]
    return f"{said} Stack: {code(stack)}.{logs}"


def _drifted(preview: Preview) -> list[Section]:
    if not preview.drift:
        return []
    worst = [change for change in preview.drift if change.action == "delete"]
    sections = []
    if worst:
        sections.append(
            Section(
                around=lambda rows: ["> [!CAUTION]", "> **These are gone:**", *rows, ""],
                rows=tuple(f"> - {_gone(change)}" for change in worst),
                cut=lambda left: f"> - and {left} more",
                priority=-1,
            )
        )
    rows = [line for change in preview.drift if change.action != "delete" for line in change_rows(change)]
    if rows:
        sections.append(
            Section(
                around=lambda rows: ["**What differs**", "", *table(_HEADS, rows), ""],
                rows=tuple(rows),
                cut=lambda left: row(["", f"{left} more lines", "", "", "", ""]),
                priority=1,
            )
        )
    return sections


def _gone(change: Change) -> str:
    held = f" — **it held data: {change.holds}**" if change.holds else ""
    return f"{code(change.guard_id)} in {code(change.component)}{held}"


def _update(preview: Preview) -> list[Section]:
    if not preview.changes:
        return []
    title = f"What an update would do: {len(preview.changes)} resource{'s' * (len(preview.changes) != 1)}"
    heads = ["", "type", "name", "what changes", "is", "will be"]
    return [
        Section(
            around=lambda rows: details(title, table(heads, rows)),
            rows=tuple(line for change in preview.changes for line in change_rows(change)),
            cut=lambda left: row(["", f"{left} more lines", "", "", "", ""]),
            priority=2,
        )
    ]


def _advice(verdict: str, stack: str) -> list[str]:
    if verdict == "clean":
        return []
    ways = {
        "drift": [
            "- If it was meant: declare it in the program, so that the next update keeps it.",
            "- If it was not: find out who did it, then run the deployment, which undoes it.",
        ],
        "refused": ["- Mend what the table says, or renew the exemption."],
        "undeployed": ["- Approve the waiting deployment, or find out why the last one failed."],
        "unknown": ["- Read the errors above and the log; then run the workflow again."],
    }[verdict]
    return [*ways, f"- The same on your machine: {code(f'make drift STACK={stack}')}.", "", "It is closed by itself."]
