"""The report for people: what stops the update first, then what only tells."""

from collections import Counter
from collections.abc import Iterator, Sequence

from policies.report.findings import CANNOT_TELL, KINDS, Finding, Run
from policies.rule import Rule

__all__ = ["table"]

_NAMED = 3
"""So many resources of a rule are named where nobody need act."""
_HEADS = {
    "violation": "Violations (these stop the update)",
    "advice": "Advice",
    "exempt": "Exempt for now (policies/exemptions.toml)",
    "cannot tell": "Cannot be told before `pulumi up`, which judges again",
}


def table(run: Run, rules: Sequence[Rule]) -> str:
    """Return the report as text, one block a stack."""
    lines = [line for stack in run.stacks for line in _stack(run, stack, rules)] or ["No stack was judged."]
    if not run.ended:
        lines += ["", "The engine's events have no end: the run was cut off, and rules may not have been asked."]
    return "\n".join(lines) + "\n"


def _stack(run: Run, stack: str, rules: Sequence[Rule]) -> Iterator[str]:
    findings = [one for one in run.findings if one.stack == stack]
    judged = len(run.resources.get(stack, ()))
    counts = Counter(one.kind for one in findings)
    mended = [one for one in run.mended if one[0] == stack]
    yield f"Stack {stack}: {len(rules)} rules, {judged} resources; " + ", ".join(
        [*(f"{counts[kind]} {kind}" for kind in KINDS), f"{len(mended)} mended"]
    )
    for kind in KINDS:
        chosen = [one for one in findings if one.kind == kind]
        if chosen:
            yield ""
            yield _HEADS[kind]
            yield from _by_rule(chosen) if kind == CANNOT_TELL else _rows(chosen)
    if mended:
        yield ""
        yield "Mended by their rules"
        yield from (f"  {rule}: {urn.rpartition('::')[2]}" for _, rule, urn in mended)
    yield ""


def _by_rule(findings: list[Finding]) -> Iterator[str]:
    """Yield a line for each rule: nobody need act, and a first preview of a cloud has hundreds of values to come."""
    resources: dict[tuple[str, str], dict[str, None]] = {}
    for one in findings:
        resources.setdefault((one.severity, one.rule), {})[one.resource] = None
    severity = max(len(one.severity) for one in findings)
    rule = max(len(one.rule) for one in findings)
    for (level, name), named in resources.items():
        first, more = list(named)[:_NAMED], len(named) - _NAMED
        yield f"  {level:<{severity}}  {name:<{rule}}  {', '.join(first)}{f' and {more} more' if more > 0 else ''}"


def _rows(findings: list[Finding]) -> Iterator[str]:
    """Yield a line for each finding, in columns, and below it what to do; a rule says that once."""
    severity = max(len(one.severity) for one in findings)
    rule = max(len(one.rule) for one in findings)
    last = ""
    for one in findings:
        first, *more = one.text.split("\n")
        yield f"  {one.severity:<{severity}}  {one.rule:<{rule}}  {first}"
        yield from (f"{'':{severity + rule + 6}}{line}" for line in more)
        if one.exemption:
            yield f"{'':{severity + rule + 6}}{one.exemption}"
        elif one.fix and one.fix != last:
            yield f"{'':{severity + rule + 6}}fix: {one.fix}"
        last = one.fix
