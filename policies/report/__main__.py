"""Reports what the pack said: `python -m policies.report [--format FORMAT] [--output FILE] [--stack NAME] [EVENTS …]`.

No file means standard input. `--stack` is the stack where no event names one: `policy analyze` without a finding.
The exit code is 1 where a violation stops the update or a run was cut off, 2 where what was read is no list of events.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from policies.registry import RULES
from policies.report.documents import as_json, as_junit, as_sarif
from policies.report.findings import VIOLATION, EventError, Run, read_events
from policies.report.table import table
from policies.rule import Rule

__all__ = ["main"]

_FORMATS: Final[dict[str, Callable[[Run, Sequence[Rule]], str]]] = {
    "table": table,
    "json": as_json,
    "junit": as_junit,
    "sarif": as_sarif,
}


def main(arguments: list[str]) -> int:
    """Read events, write one report, return the exit code."""
    parser = argparse.ArgumentParser(prog="policies.report", description="Report what the policy pack said.")
    parser.add_argument("events", nargs="*", type=Path, help="files of the engine's events; none: standard input")
    parser.add_argument("--format", choices=tuple(_FORMATS), default="table")
    parser.add_argument("--stack", default="", help="the stack's name where no event has it")
    parser.add_argument("--output", type=Path, help="the file to write; none: standard output")
    given = parser.parse_args(arguments)
    try:
        run = _merged(
            [_read(path, given.stack) for path in given.events]
            or [read_events(sys.stdin, "standard input", given.stack)]
        )
    except (EventError, OSError) as error:
        sys.stderr.write(f"policies.report: {error}\n")
        return 2
    text = _FORMATS[given.format](run, RULES)
    if given.output:
        given.output.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 1 if run.of(VIOLATION) or not run.ended else 0


def _read(path: Path, stack: str) -> Run:
    with path.open(encoding="utf-8") as lines:
        return read_events(lines, str(path), stack)


def _merged(runs: list[Run]) -> Run:
    merged = Run(ended=all(run.ended for run in runs))
    for run in runs:
        merged.findings += run.findings
        merged.mended += run.mended
        for stack, passed in run.passed.items():
            merged.passed.setdefault(stack, set()).update(passed)
        for stack, resources in run.resources.items():
            merged.resources.setdefault(stack, set()).update(resources)
    return merged


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
