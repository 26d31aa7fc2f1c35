"""The policy report: what the pack says of every stack, as a table for people and as files for programs.

`dev` is previewed as it is on this machine. `prod` is previewed on the emulated clouds of the rehearsal, from nothing:
that takes no credentials, so that everybody gets the same report. What the pack says of the real `prod` is in the
preview of `make plan`.
"""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tools.setup import commands, files, stack, state
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Screen

__all__ = ["EMULATED", "report"]

EMULATED = "prod"
_FILES = {"json": "policy.json", "junit": "policy.xml", "sarif": "policy.sarif"}
_FAILED = 1


def report(layout: Layout, screen: Screen, stacks: Sequence[str]) -> int:
    """Judge the stacks, print one table and leave the same in `plans/` as JSON, JUnit and SARIF.

    Returns:
        0 where nothing stops an update of any of them, else 1.

    Raises:
        SetupError: No stack could be judged.
    """
    folder = layout.project / "plans"
    folder.mkdir(exist_ok=True)
    for name in _FILES.values():
        files.remove(folder / name)  # one from before must not be taken for this one
    # The engine's events name what secrets there are: they stay in a folder that is its owner's alone, and go.
    with tempfile.TemporaryDirectory(prefix="fw-policy-") as scratch:
        failures = {name: _judge(replace(layout, stack=name), screen, Path(scratch)) for name in stacks}
        events = [str(path) for path in sorted(Path(scratch).glob("*.jsonl"))]
        if not events:
            raise next(failure for failure in failures.values() if failure)
        words = [str(layout.python), "-m", "policies.report", *events]
        for form, name in _FILES.items():
            commands.foreground([*words, "--format", form, "--output", str(folder / name)], cwd=layout.project)
        screen.line()
        code = commands.foreground(words, cwd=layout.project)
    for name, failure in failures.items():
        # A violation fails a preview, and the table has it.
        if failure and not _violations(folder / _FILES["json"], name):
            screen.line(f"\nthe preview of stack {name} failed, so that its report may lack something: {failure.cause}")
            code = code or _FAILED
    screen.line(f"for programs: {', '.join(f'plans/{name}' for name in _FILES.values())}")
    return code


def _judge(layout: Layout, screen: Screen, scratch: Path) -> SetupError | None:
    """Preview a stack and leave the engine's events in `<stack>.jsonl`, also where the preview fails."""
    events = scratch / f"{layout.stack}.jsonl"
    if layout.stack == EMULATED:
        argv = [str(layout.python), "-m", "rehearsal", "--only", "preview", "--events", str(events)]
    else:
        stack.look(layout, screen)
        engine = [str(layout.project / "bin" / "pulumi"), "preview", "-s", layout.stack, "--non-interactive", "--json"]
        argv = [sys.executable, "-m", "delivery", "record", "--to", str(events), "--", *engine]
    try:
        with screen.step(f"policies of {layout.stack}") as step:
            log = layout.logs / f"policy-{layout.stack}.log"
            commands.logged(step, argv, log, doing="previewing", cwd=layout.project)
    except SetupError as failure:
        return failure
    finally:
        state.tidy_settings(layout)
    return None


def _violations(file: Path, stack_name: str) -> int:
    found = json.loads(file.read_text(encoding="utf-8"))["stacks"] if file.exists() else {}
    return int(found.get(stack_name, {}).get("violation", 0))
