"""Stack prod once, ten and fifty times in one program: does what an update takes grow with the number of layers?

The program is the project's own, run so many times (`bench/programs/scaled.py`), on the engine with plugins that make
nothing. Checkpoints are off (`PULUMI_SKIP_CHECKPOINTS`), but for one update of one layer: a state in files is written
whole at every step, so that time grows with the square of the number of resources, whatever the program does.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.cloud_engine import PROJECT, CloudEngine, EngineError, Ran, cloud_engine
from bench.echo.process import serving
from bench.figures import Figure, Result, number
from bench.session import Session

__all__ = ["LAYERS", "Measured", "figures", "growth", "measure"]

LAYERS = (1, 10, 50)
LIMIT_S = 900.0
"""A step that takes longer is ended; one that would, by what it took with fewer layers, is not begun."""

_PROGRAM = PROJECT / "bench" / "programs" / "scaled.py"
_FAST = {"PULUMI_SKIP_CHECKPOINTS": "true"}
_RUNS_OF_ONE = 3
_LINEAR = 1.25
"""Up to so many times as much for each layer as with the fewest is called linear: memory and caches cost something."""

_STEPS: Mapping[str, Callable[[CloudEngine], Ran]] = {
    "first preview": lambda engine: engine.preview(patience_s=LIMIT_S),
    "first up": lambda engine: engine.up(patience_s=LIMIT_S),
    "up, nothing to change": lambda engine: engine.up(patience_s=LIMIT_S),
    "preview, nothing to change": lambda engine: engine.preview(patience_s=LIMIT_S),
    "the same with policies": lambda engine: engine.preview(policies=True, patience_s=LIMIT_S),
}
_PLAIN, _JUDGED = "preview, nothing to change", "the same with policies"
_POLICIES = "policies alone: the difference"


@dataclasses.dataclass
class Measured:
    """What was measured so far: layers → step → runs, and what was not measured and why."""

    runs: dict[int, dict[str, list[Ran]]] = dataclasses.field(default_factory=dict)
    left_out: list[str] = dataclasses.field(default_factory=list)

    def foreseen_s(self, step: str, layers: int) -> float:
        """What a step should take at least with so many layers, by what it took with fewer; 0 before any."""
        known = [(count, steps[step][-1].seconds) for count, steps in self.runs.items() if steps.get(step)]
        return max((seconds / count for count, seconds in known), default=0.0) * layers


def measure(session: Session) -> Result:
    """Every step with each number of layers, fewest first."""
    session.close_stacks()
    measured = Measured()
    with serving() as plugins:
        folder = session.scratch()
        for layers in LAYERS:
            for number_of_run in range(min(_RUNS_OF_ONE, session.options.runs) if layers == 1 else 1):
                _run(session, measured, layers, folder / f"{layers}-{number_of_run}", plugins)
        checkpointed = _checkpointed(session, folder / "checkpoints", plugins)
    notes = [*growth(measured.runs), *measured.left_out]
    settings = {"layers": list(LAYERS), "limit_s": LIMIT_S, **_FAST}
    return Result(name="scale", settings=settings, figures=[*figures(measured.runs), *checkpointed], notes=notes)


def _run(session: Session, measured: Measured, layers: int, folder: Path, plugins: str) -> None:
    """Do all steps with a new stack; stop at the first that fails, since each needs the one before."""
    engine = cloud_engine(folder, _PROGRAM, plugins).with_variables(BENCH_LAYERS=str(layers), **_FAST)
    found = measured.runs.setdefault(layers, {})
    for step, act in _STEPS.items():
        foreseen = measured.foreseen_s(step, layers)
        if foreseen > LIMIT_S:
            measured.left_out.append(
                f"{layers} layers: {step} and what comes after it were not begun: {foreseen:.0f} s foreseen, "
                f"{LIMIT_S:.0f} s allowed"
            )
            return
        try:
            ran = act(engine)
        except EngineError as error:
            measured.left_out.append(f"{layers} layers: {step} failed: {str(error)[-400:]}")
            session.say(f"scale: {measured.left_out[-1]}")
            return
        found.setdefault(step, []).append(ran)
        session.say(f"scale: {layers} layers: {step}: {ran.seconds:.1f} s, {sum(ran.changes.values())} resources")


def _checkpointed(session: Session, folder: Path, plugins: str) -> list[Figure]:
    """One update with checkpoints, as everybody has them."""
    engine = cloud_engine(folder, _PROGRAM, plugins).with_variables(BENCH_LAYERS="1")
    try:
        ran = engine.up(patience_s=LIMIT_S)
    except EngineError as error:
        session.say(f"scale: one layer with checkpoints failed: {error}")
        return []
    session.say(f"scale: one layer, first up with checkpoints: {ran.seconds:.1f} s")
    return [Figure(case="1 layer", what="first up, with checkpoints", unit="s", runs=(ran.seconds,))]


def figures(runs: Mapping[int, Mapping[str, Sequence[Ran]]]) -> list[Figure]:
    """Seconds of each step, and seconds for each layer."""
    made = []
    for layers, steps in runs.items():
        case = f"{layers} layer{'' if layers == 1 else 's'}"
        for step, taken in [*steps.items(), *_policies_alone(steps)]:
            seconds = tuple(ran.seconds for ran in taken)
            for_each = number(sum(seconds) / len(seconds) / layers)
            made.append(Figure(case=case, what=step, unit="s", runs=seconds, compare=f"{for_each} s for each layer"))
            used = tuple(ran.processor_s for ran in taken)
            made.append(Figure(case=case, what=step, unit="s of processor", runs=used, detail=True))
        if counts := [sum(ran.changes.values()) for ran in steps.get("first up", ())]:
            made.append(Figure(case=case, what="resources", unit="", runs=tuple(map(float, counts)), detail=True))
    return made


def _policies_alone(steps: Mapping[str, Sequence[Ran]]) -> list[tuple[str, list[Ran]]]:
    pairs = list(zip(steps.get(_PLAIN, ()), steps.get(_JUDGED, ()), strict=False))
    alone = [
        Ran(
            seconds=judged.seconds - plain.seconds,
            processor_s=judged.processor_s - plain.processor_s,
            changes={},
            said="",
        )
        for plain, judged in pairs
    ]
    return [(_POLICIES, alone)] if alone else []


def growth(runs: Mapping[int, Mapping[str, Sequence[Ran]]]) -> list[str]:
    """For each step, how processor time for one layer grows with the number of layers; it says where not linearly."""
    said = []
    for step in _STEPS:
        known = {
            layers: min(ran.processor_s for ran in steps[step]) / layers
            for layers, steps in runs.items()
            if steps.get(step)
        }
        if len(known) > 1:
            first, last = min(known), max(known)
            times = known[last] / known[first]
            verdict = "linear" if times <= _LINEAR else "NOT linear"
            said.append(
                f"{step}: {verdict}: {number(known[first])} s of processor for a layer with {first}, "
                f"{number(known[last])} s with {last}, {number(times)} times as much"
            )
    return said
