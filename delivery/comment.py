"""The comment on a pull request: what would be lost first and loud, then the rest."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from delivery.changes import ACTIONS, Change
from delivery.fitting import LIMIT, Section, fitted
from delivery.markdown import block, code, details, row, table
from delivery.preview import Finding, Preview
from delivery.properties import PropertyChange

__all__ = ["MARKER", "Report", "change_rows", "comment", "errors_section", "loss_row", "losses", "policies_sections"]

MARKER: Final = "<!-- fashion-wallet: previews -->"
"""By this line the comment is found again, so that there is one."""

VERBS: Final = {
    "replace": "replaced",
    "delete": "deleted",
    "create": "created",
    "update": "changed",
    "import": "imported",
}
_HEADLINE: Final = ACTIONS
_PROPERTIES_SHOWN: Final = 40
_NAMES_CHARACTERS: Final = 20_000
_SIGNS: Final = {"replace": "±", "delete": "-", "create": "+", "update": "~", "import": "↓"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One stack's part of the comment.

    Attributes:
        stack: The stack's name.
        preview: What its preview says; None where there is none.
        missing: Why there is none.
        findings: What policies say, from a report of its own; else the preview's.
    """

    stack: str
    preview: Preview | None
    missing: str = ""
    findings: tuple[Finding, ...] = field(default=())


def comment(reports: Sequence[Report], *, commit: str = "", run_url: str = "", limit: int = LIMIT) -> str:
    """Make the comment's Markdown.

    Args:
        reports: One for each stack.
        commit: The commit that was previewed.
        run_url: Where logs, saved plans and full reports are.
        limit: Characters that it may have.
    """
    sections = [_plain([MARKER, "## What this change does to the databases", ""])]
    sections += [section for report in reports for section in _loud(report, run_url)]
    sections.append(_overview(reports))
    for report in reports:
        sections += _stack(report, run_url)
    where = f"[The run]({run_url}) has logs, saved plans and full reports." if _is_url(run_url) else ""
    made = f"Made from commit {code(commit[:12])}." if commit else ""
    if made or where:
        sections.append(_plain(["", f"<sub>{made} {where}</sub>"]))
    return fitted(sections, limit) + "\n"


def losses(preview: Preview) -> list[Change]:
    """What would be replaced or deleted with data in it."""
    return [change for change in preview.changes if change.holds]


def loss_row(change: Change) -> str:
    """One line about it."""
    because = [prop.path for prop in change.properties if prop.replaces]
    why = f"because of {', '.join(map(code, because[:3]))}{' …' if len(because) > 3 else ''}" if because else ""  # noqa: PLR2004
    return row(
        [
            f"**{VERBS[change.action].upper()}**",
            code(change.guard_id),
            code(change.component),
            change.holds,
            " ".join(filter(None, [why, change.note and f"({change.note})"])),
        ]
    )


def _loud(report: Report, run_url: str) -> list[Section]:
    """What would be lost. It comes first and is cut last; a name is always there, whatever else has to go."""
    preview = report.preview
    if preview is None:
        return []
    lost = losses(preview)
    found = {change.guard_id for change in lost}
    others = [one for one in preview.lost if one not in found]
    if not lost and not others:
        return []
    names = [change.guard_id for change in lost] + others
    one = len(names) == 1
    told = f"{len(names)} resource{'' if one else 's'} with data in {'it' if one else 'them'}"
    head = [
        "> [!CAUTION]",
        f"> **Stack {code(report.stack)}: this would lose data.** {told} would be replaced or deleted.",
        "",
    ]
    rows = [loss_row(change) for change in lost]
    rows += [
        row(["**LOST**", code(one), "", "what the data guard knows by this id", "it goes, or begins anew"])
        for one in others
    ]

    def around(lines: list[str]) -> list[str]:
        return [*head, *table(["", "resource", "in", "what is lost", "why"], lines), ""]

    def cut(left: int) -> str:
        return row(
            ["**and**", _named(names[-left:]), "", f"{left} more, without details for want of room", _link(run_url)]
        )

    return [Section(around=around, rows=tuple(rows), cut=cut, priority=-1)]


def _named(names: Sequence[str]) -> str:
    """Names alone, as many as there can be room for at all."""
    said, size = [], 0
    for index, name in enumerate(names):
        said.append(code(name))
        size += len(said[-1]) + 1
        if size > _NAMES_CHARACTERS:
            return f"{' '.join(said)} **and {len(names) - index - 1} more**"
    return " ".join(said)


def _overview(reports: Sequence[Report]) -> Section:
    rows = []
    for report in reports:
        preview = report.preview
        if preview is None:
            rows.append(row([code(report.stack), f"⚠️ **no preview**: {code(report.missing)}", *[""] * 7]))
            continue
        count = Counter(change.action for change in preview.changes)
        findings = report.findings or preview.findings
        stops = sum(finding.level == "mandatory" for finding in findings)
        asked = preview.rules or report.findings
        policies = f"❌ **{stops} violated**" if stops else f"✅ {preview.rules or ''}" if asked else "not asked"
        lost = len(losses(preview))
        rows.append(
            row(
                [
                    code(report.stack),
                    _verdict(preview, stops),
                    *(f"**{count[action]}**" if count[action] else "0" for action in _HEADLINE[:4]),
                    str(preview.unchanged),
                    f"🛑 **{lost}**" if lost else "none",
                    policies,
                ]
            )
        )
    heads = ["stack", "", *(VERBS[action] for action in _HEADLINE[:4]), "unchanged", "data lost", "policies"]
    return _plain([*table(heads, rows), ""])


def _verdict(preview: Preview, stops: int) -> str:
    if not preview.ended:
        return "⚠️ **the preview broke off**"
    if stops:
        return "❌ refused by policies"
    if preview.errors or preview.failed:
        return "❌ **failed**"
    return "✅" if preview.changes else "✅ nothing to do"


def _stack(report: Report, run_url: str) -> list[Section]:
    preview = report.preview
    if preview is None:
        return []
    nothing = [] if preview.changes or preview.errors or preview.failed else ["Nothing would change.", ""]
    sections = [_plain([f"### Stack {code(report.stack)}", "", *nothing])]
    sections += errors_section(preview)
    if preview.notes:
        sections.append(
            _rows("**What changed settings do to the data**", [f"- {code(one)}" for one in preview.notes], run_url, 1)
        )
    sections += policies_sections(report.findings or preview.findings, run_url)
    sections += _drifted(preview)
    for component, changes in _by_component(preview.changes).items():
        sections.append(_component(component, changes, run_url))
    if preview.warnings:
        said = [f"- {code(one)}" for one in preview.warnings]
        sections.append(_folded(f"{len(said)} warning{'s' * (len(said) != 1)}", said, run_url, 5))
    return sections


def errors_section(preview: Preview) -> list[Section]:
    """What went wrong, in the engine's words; long texts lose their beginning, where traces are."""
    longest = 1500
    texts = [text if len(text) <= longest else f"…{text[-longest:]}" for text in preview.errors]
    return (
        [
            Section(
                around=lambda lines: ["**Errors**", "", *lines, ""],
                rows=tuple(f"{block(text)}\n" for text in texts),
                cut=lambda left: f"*{left} more errors are left out here.*",
                priority=0,
            )
        ]
        if texts
        else []
    )


def policies_sections(findings: Sequence[Finding], run_url: str) -> list[Section]:
    """Violations open, advice folded."""
    violations = [finding for finding in findings if finding.level == "mandatory"]
    advice = [finding for finding in findings if finding.level != "mandatory"]
    heads = ["severity", "rule", "resource", "what was found, and how to mend it"]
    sections = []
    if violations:
        sections.append(
            Section(
                around=lambda rows: [f"**Policies: {len(violations)} violated**", "", *table(heads, rows), ""],
                rows=tuple(map(_finding_row, violations)),
                cut=lambda left: row(["", f"{left} more", "", _link(run_url)]),
                priority=2,
            )
        )
    if advice:
        sections.append(
            Section(
                around=lambda rows: details(f"Policies: {len(advice)} pieces of advice", table(heads, rows)),
                rows=tuple(map(_finding_row, advice)),
                cut=lambda left: row(["", f"{left} more", "", _link(run_url)]),
                priority=4,
            )
        )
    return sections


def _finding_row(finding: Finding) -> str:
    # The pack's text: the rule's title, what was found, then lines that begin with Why, Fix and See.
    lines = [line for line in finding.message.splitlines() if line.strip()]
    told = [line for line in lines[1:] if not line.startswith(("Why: ", "See: "))] or lines
    resource = finding.urn.split("::", 3)[3] if finding.urn.count("::") > 2 else finding.urn  # noqa: PLR2004
    return row([code(finding.severity), code(finding.policy), code(resource), "<br>".join(map(code, told))])


def _drifted(preview: Preview) -> list[Section]:
    """What somebody changed meanwhile: an update undoes that too, and a reviewer should know."""
    if not preview.drift:
        return []
    title = f"{len(preview.drift)} found other than recorded, whatever this change does: an update undoes that"
    heads = ["", "type", "name", "what differs", "recorded", "found"]
    return [
        Section(
            around=lambda rows: details(title, table(heads, rows), opened=True),
            rows=tuple(line for change in preview.drift for line in change_rows(change)),
            cut=lambda left: row(["", f"{left} more lines", "", "", "", ""]),
            priority=3,
        )
    ]


def _by_component(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by component: those with the most dangerous first."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.component, []).append(change)
    return found


def _component(name: str, changes: Sequence[Change], run_url: str) -> Section:
    count = Counter(change.action for change in changes)
    counted = ", ".join(f"{count[action]} {VERBS[action]}" for action in ACTIONS if count[action])
    return Section(
        around=lambda rows: details(
            f"{code(name)}: {counted}",
            table(["", "type", "name", "what changes", "is", "will be"], rows),
            opened=bool(count["replace"] or count["delete"]),
        ),
        rows=tuple(line for change in changes for line in change_rows(change)),
        cut=lambda left: row(["", f"{left} more lines are left out: GitHub takes no more", "", _link(run_url), "", ""]),
        priority=3,
    )


def change_rows(change: Change) -> list[str]:
    """A line for each property that differs, or one where there is none to show."""
    sign = f"**{_SIGNS[change.action]}** {VERBS[change.action]}"
    first = [sign, code(change.type), code(change.name)]
    if not change.properties:
        return [row([*first, change.note, "", ""])]
    lines = []
    for index, prop in enumerate(change.properties[:_PROPERTIES_SHOWN]):
        lines.append(row([*(first if index == 0 else ["", "", ""]), *_property(prop)]))
    left = len(change.properties) - _PROPERTIES_SHOWN
    if left > 0:
        lines.append(row(["", "", "", f"{left} more properties", "", ""]))
    return lines


def _property(prop: PropertyChange) -> list[str]:
    path = f"**{code(prop.path)}** replaces it" if prop.replaces else code(prop.path)
    return [path, code(prop.old) or "*unset*", code(prop.new) or "*unset*"]


def _rows(title: str, lines: Sequence[str], run_url: str, priority: int) -> Section:
    return Section(
        around=lambda rows: [title, "", *rows, ""],
        rows=tuple(lines),
        cut=lambda left: f"- {left} more; {_link(run_url)}",
        priority=priority,
    )


def _folded(title: str, lines: Sequence[str], run_url: str, priority: int) -> Section:
    return Section(
        around=lambda rows: details(title, rows),
        rows=tuple(lines),
        cut=lambda left: f"- {left} more; {_link(run_url)}",
        priority=priority,
    )


def _plain(lines: list[str]) -> Section:
    return Section(around=lambda _rows: lines)


def _is_url(text: str) -> bool:
    return text.startswith("https://") and not any(mark in text for mark in "()<>[]\"' \n|")


def _link(run_url: str) -> str:
    return f"[see the run]({run_url})" if _is_url(run_url) else "see the files that make plan wrote"
