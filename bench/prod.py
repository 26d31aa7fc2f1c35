"""A preview of stack prod beside one of a bare program that registers the same resources, and what it imports.

Both run on the same engine with the same plugins, which make nothing (`bench/echo`), in turns; who goes first changes
from run to run. What the bare program is says `bench/bare.py`.
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.bare import Call, calls, generic
from bench.cloud_engine import PROJECT, CloudEngine, Ran, cloud_engine
from bench.echo.process import serving
from bench.figures import Figure, Result
from bench.session import Session

__all__ = ["BARE", "PROGRAM", "figures", "measure"]

PROGRAM = PROJECT / "__main__.py"
BARE = PROJECT / "bench" / "programs" / "bare.py"
RUNS = 5
"""At most so many runs of each program in each case."""

_IMPORT_LIMIT_S = 300
_TARGET = "target 1.3 or less"
_PROD, _BARE, _FLOOR = "stack prod", "bare program", "floor: no SDK, no classes"
_CONDITIONS = (
    "in all, plugins run already and make nothing; checkpoints play no part in a preview",
    "processor time is that of engine, program and policies, and depends less on what else the machine does",
)
_EMPTY, _SAME = "first preview", "preview, nothing to change"
_WITH, _WITHOUT = "with policies", "without policies"


@dataclasses.dataclass(frozen=True)
class _Way:
    """A program in a state: nothing there yet, or all as it should be."""

    engines: Mapping[str, CloudEngine]


def measure(session: Session) -> Result:
    """Preview prod and the bare program in turns, before and after an update, without and with policies."""
    session.close_stacks()
    runs = min(RUNS, session.options.runs)
    with serving() as plugins:
        session.say("prod: an update of prod whose state says what the bare program must register")
        ways, notes = _prepare(session.scratch(), plugins)
        found: dict[tuple[str, str], dict[str, list[Ran]]] = {}
        for state, way in ways.items():
            for policies in (False, True):
                case = (state, _WITH if policies else _WITHOUT)
                found[case] = _in_turns(session, way, case, runs, policies=policies)
        session.say("prod: what is imported")
        imports, loaded = _imports(runs)
    return Result(name="prod", settings={"runs": runs}, figures=[*figures(found), *imports], notes=[*notes, *loaded])


def _prepare(scratch: Path, plugins: str) -> tuple[dict[str, _Way], list[str]]:
    """Stacks of the three programs, one time with nothing in them and one time brought up."""
    fast = {"PULUMI_SKIP_CHECKPOINTS": "true"}
    prod = cloud_engine(scratch / "prod-up", PROGRAM, plugins).with_variables(**fast)
    prod.up()
    resources = prod.resources()
    found = calls(resources)
    ways: dict[str, dict[str, CloudEngine]] = {
        _EMPTY: {_PROD: cloud_engine(scratch / "prod-new", PROGRAM, plugins)},
        _SAME: {_PROD: prod},
    }
    for name, listed in ((_BARE, found), (_FLOOR, generic(found, resources))):
        file = scratch / f"{'bare' if name == _BARE else 'floor'}.json"
        file.write_text(json.dumps([dataclasses.asdict(call) for call in listed]), encoding="utf-8")
        for state, kind in ((_EMPTY, "new"), (_SAME, "up")):
            made = cloud_engine(scratch / f"{file.stem}-{kind}", BARE, plugins)
            made = made.with_variables(BENCH_CALLS=str(file), **fast)
            if kind == "up":
                made.up()
            ways[state][name] = made
    notes = [_what(len(resources), found), *_CONDITIONS]
    return {state: _Way(engines) for state, engines in ways.items()}, notes


def _what(resources: int, found: Sequence[Call]) -> str:
    classes = sum(bool(call.module) for call in found)
    return (
        f"prod registers {resources} resources; the bare program the {len(found)} of them that are no components: "
        f"{classes} by the SDKs' own classes, {len(found) - classes} (the project's plugin, explicit providers) by "
        "pulumi.CustomResource and ProviderResource, inputs as literals, no references"
    )


def _in_turns(session: Session, way: _Way, case: tuple[str, str], runs: int, *, policies: bool) -> dict[str, list[Ran]]:
    """Preview each program once a run; a round before, which is not counted, warms caches."""
    found: dict[str, list[Ran]] = {name: [] for name in way.engines}
    for number in range(runs + 1):
        order = list(way.engines) if number % 2 else list(reversed(list(way.engines)))
        for name in order:
            if policies and name == _FLOOR:
                continue
            ran = way.engines[name].preview(policies=policies)
            if number:
                found[name].append(ran)
        said = ", ".join(f"{name} {taken[-1].seconds:.1f} s" for name, taken in found.items() if taken)
        if said:
            session.say(f"prod: {', '.join(case)}: {said}")
    return found


def figures(found: Mapping[tuple[str, str], Mapping[str, Sequence[Ran]]]) -> list[Figure]:
    """Seconds and processor time of each program, and prod's as a multiple of the bare program's, run by run."""
    made = []
    for (state, policies), by_program in found.items():
        case = f"{state}, {policies}"
        for unit, pick in (("s", _seconds), ("s of processor", _processor)):
            detail = unit != "s"
            for program, taken in by_program.items():
                if taken:
                    values = tuple(pick(ran) for ran in taken)
                    made.append(Figure(case=case, what=program, unit=unit, runs=values, detail=detail))
            ratios = tuple(
                pick(mine) / pick(bare) for mine, bare in zip(by_program[_PROD], by_program[_BARE], strict=True)
            )
            what = "prod / bare" if unit == "s" else "prod / bare, processor time"
            made.append(Figure(case=case, what=what, unit="", runs=ratios, compare=_TARGET))
    for state in dict.fromkeys(state for state, _ in found):
        mine = (found[state, _WITH][_PROD], found[state, _WITHOUT][_PROD])
        for what, pick in (("share of the policies", _seconds), ("their share of processor time", _processor)):
            shares = tuple(1 - pick(without) / pick(judged) for judged, without in zip(*mine, strict=True))
            made.append(Figure(case=state, what=what, unit="", runs=shares))
    return made


def _seconds(ran: Ran) -> float:
    return ran.seconds


def _processor(ran: Ran) -> float:
    return ran.processor_s


def _said(*words: str) -> dict[str, Any]:
    """What `bench.sdk_modules` says."""
    command = [sys.executable, "-W", "ignore", "-m", "bench.sdk_modules", *words]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True, timeout=_IMPORT_LIMIT_S)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def _imports(runs: int) -> tuple[list[Figure], list[str]]:
    """What the program loads of each SDK, and what that costs."""
    packages = _said("cloud")["packages"]
    modules = [name for sdk, found in packages.items() for name in (sdk, *(f"{sdk}.{one}" for one in found["loaded"]))]
    # What all programs of Pulumi need comes first, so that no SDK pays for it.
    costs = [_said("pulumi", *modules) for _ in range(runs)]
    made = []
    for sdk in packages:
        for what, key, unit in (("time", "seconds", "s"), ("memory", "mib", "MiB")):
            values = tuple(cost[sdk][key] for cost in costs)
            made.append(Figure(case=f"import of what is used of {sdk}", what=what, unit=unit, runs=values))
    notes = [
        f"{sdk}: {len(found['loaded'])} of {found['all']} packages loaded ({', '.join(found['loaded'])})"
        if found["loaded"]
        else f"{sdk}: one package, loaded whole"
        for sdk, found in packages.items()
    ]
    return made, notes
