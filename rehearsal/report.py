"""What the rehearsal shows while it goes on, and the file it leaves."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Report", "StepResult", "unverified"]

VERSION = 1


@dataclass(frozen=True, kw_only=True)
class StepResult:
    """What came of one step.

    Attributes:
        name: The step's name.
        proves: What it is there to show.
        passed: Whether it did.
        seconds: How long it took.
        resources: How many resources the engine dealt with.
        found: What was seen, a line each.
        error: Why it failed, empty where it did not.
    """

    name: str
    proves: str
    passed: bool
    seconds: float
    resources: int = 0
    found: tuple[str, ...] = ()
    error: str = ""


@dataclass
class Report:
    """All of a run.

    Attributes:
        steps: Results in the order of the steps.
        not_verified: Resource types of prod that only a stand-in took, with how many resources each has.
        lax: What is known to be checked less here than in production, a line each.
        machine: Versions of what ran.
    """

    steps: list[StepResult] = field(default_factory=list)
    not_verified: Mapping[str, int] = field(default_factory=dict)
    lax: Sequence[str] = ()
    machine: Mapping[str, str] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether every step did, and there was one."""
        return bool(self.steps) and all(step.passed for step in self.steps)

    @property
    def seconds(self) -> float:
        """Of all steps."""
        return sum(step.seconds for step in self.steps)

    def document(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "version": VERSION,
            "passed": self.passed,
            "seconds": round(self.seconds, 1),
            "machine": dict(self.machine),
            "steps": [{**asdict(step), "seconds": round(step.seconds, 2)} for step in self.steps],
            "not_verified_by_anyone_elses_code": dict(self.not_verified),
            "lax": list(self.lax),
        }

    def write(self, path: Path) -> None:
        """Write the JSON file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def lines(self) -> list[str]:
        """The end of what is shown: the sums, and what a green run does not say."""
        lines = ["", f"{len(self.steps)} steps, {self.seconds:.0f} s", "", "not verified by anyone else's code:"]
        width = max(map(len, self.not_verified), default=0)
        lines += [f"  {name:<{width}}  {count}" for name, count in sorted(self.not_verified.items())]
        lines += ["  (none)"] if not self.not_verified else []
        lines += ["", "checked less here than in production:", *(f"  {line}" for line in self.lax)]
        return lines


def unverified(types: Mapping[str, int], known: Mapping[str, str]) -> dict[str, int]:
    """The types that nobody but a stand-in took.

    Args:
        types: Resource type → how many resources of it the stack has.
        known: Resource type → who verifies it; `stand-in` where nobody else does.
    """
    return {name: count for name, count in types.items() if known.get(name) == "stand-in"}
