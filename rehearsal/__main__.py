"""`python -m rehearsal`: stack prod from nothing to destroy on emulated clouds, step by step, with a report."""

import argparse
import contextlib
import importlib.metadata
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType

import psycopg
import requests
from botocore.exceptions import BotoCoreError, ClientError
from pymongo.errors import PyMongoError

from localproc import mongod_program
from localproc.errors import LocalprocError
from localproc.programs import said_version
from rehearsal.aws_account import AwsAccount
from rehearsal.engine import Engine, copy_events
from rehearsal.environment import clean, engine_variables, forget_clouds
from rehearsal.errors import RehearsalError
from rehearsal.leftovers import notes
from rehearsal.prod_settings import ProdSettings
from rehearsal.rehearsing import Found, Rehearsing
from rehearsal.report import Report, StepResult, unverified
from rehearsal.steps import STEPS, Step, chosen
from rehearsal.verification import lax, verifiers
from rehearsal.world import Scratch, World, scratch, world
from tools.setup.screen import Screen
from tools.setup.screen import Step as Shown

__all__ = ["main", "parse"]

_PROJECT = Path(__file__).resolve().parents[1]
_FAILED, _INTERRUPTED = 1, 130
_FOREIGN = (psycopg.Error, PyMongoError, BotoCoreError, ClientError, requests.RequestException, LocalprocError)
"""What servers and emulators may answer a step; it fails the step, and is no fault of the rehearsal's."""
_EXAMPLES = """
examples:
  make rehearse                                              everything
  make rehearse ARGS="--json rehearsal.json"                 with a report for programs
  make rehearse ARGS="--only drift"                          one step, and those that it needs
  make rehearse ARGS="--only preview --events prod.jsonl"    what the policy pack says, for python -m policies.report
  make rehearse ARGS="--only databases --keep"               folder, state and logs stay; servers end all the same

Nothing is written outside of a folder in /tmp, no cloud is reached, and nothing is left behind. Ctrl-C ends it in
order.
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line. A wrong word ends the program with code 2 and says what is allowed."""
    names = ", ".join(step.name for step in STEPS)
    parser = argparse.ArgumentParser(
        prog="python -m rehearsal",
        description="Bring stack prod up, change it, disturb it and destroy it, over emulators and real local servers.",
        epilog="steps:\n" + "\n".join(f"  {step.name:<12} {step.proves}" for step in STEPS) + "\n" + _EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="+", metavar="STEP", default=[], help=f"these steps (of: {names})")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there")
    parser.add_argument("--events", type=Path, metavar="FILE", help="write the first preview's events there")
    parser.add_argument("--directory", type=Path, metavar="DIR", help="work in this folder, empty or new")
    parser.add_argument("--keep", action="store_true", help="keep the folder: state, settings and logs")
    options = parser.parse_args(arguments)
    try:
        chosen(options.only)
    except RehearsalError as error:
        parser.error(str(error))
    return options


def main(arguments: Sequence[str] | None = None, environ: Mapping[str, str] = os.environ) -> int:
    """Rehearse, and return the exit code."""
    options = parse(arguments)
    screen = Screen(sys.stdout, environ)
    signal.signal(signal.SIGTERM, _interrupt)
    report = Report()
    try:
        with scratch(options.directory, keep=options.keep) as place:
            try:
                _rehearse(place, chosen(options.only), screen, environ, report)
            except RehearsalError as error:
                place.keep_logs = True
                screen.line(f"\nthe rehearsal failed: {error}\n\nlogs are kept in {place.logs}")
                return _FAILED
            except Exception:
                place.keep_logs = True
                raise
            finally:
                if options.json:
                    report.write(options.json)
                if options.events:
                    copy_events(place.logs, "preview", options.events)
    except KeyboardInterrupt:
        screen.line("\nthe rehearsal was interrupted; everything it started has ended")
        return _INTERRUPTED
    except (RehearsalError, OSError) as error:
        screen.line(f"\nthe rehearsal failed: {error}")
        return _FAILED
    for line in report.lines():
        screen.line(line)
    if options.keep:
        screen.line(f"\nkept: {place.folder}")
    return 0


def _rehearse(
    place: Scratch, steps: Sequence[Step], screen: Screen, environ: Mapping[str, str], report: Report
) -> None:
    settings = ProdSettings.copy(_PROJECT, place.folder / "settings")
    with contextlib.ExitStack() as ending:
        up: list[World] = []

        def bring_servers_up(_shown: Shown) -> Found:
            up.append(ending.enter_context(world(place.folder, settings.context, environ)))
            report.machine = _machine(up[0])
            return Found(lines=(", ".join(f"{name} {version}" for name, version in report.machine.items()),))

        _run(screen, report, "servers", "real servers and emulators come up side by side", bring_servers_up)
        report.lax = lax(up[0].servers, settings)
        rehearsing = _prepare(place, up[0], settings, environ)
        for step in steps:

            def rehearse(shown: Shown, step: Step = step) -> Found:
                rehearsing.engine.tick = shown.tick
                return step.run(rehearsing)

            _run(screen, report, step.name, step.proves, rehearse)
            if dead := up[0].processes.dead():
                names = ", ".join(process.name for process in dead)
                raise RehearsalError(f"during step {step.name} these ended: {names}", dead[0].log)
        report.lax = [*report.lax, *notes(place.folder)]
        report.not_verified = unverified(rehearsing.types, verifiers(rehearsing.types))


def _prepare(place: Scratch, up: World, settings: ProdSettings, environ: Mapping[str, str]) -> Rehearsing:
    variables = {**clean(environ), **up.variables, **engine_variables(place.folder)}
    return Rehearsing(
        project=_PROJECT,
        world=up,
        engine=Engine(_PROJECT / "bin" / "pulumi", place.logs, settings.file, variables),
        settings=settings,
        account=AwsAccount(up.aws.url, settings.regions),
    )


def _run(screen: Screen, report: Report, name: str, proves: str, action: Callable[[Shown], Found]) -> None:
    """Run one step, show it, and put what came of it into the report, also where it failed."""
    started = time.monotonic()
    try:
        with screen.step(name) as shown:
            try:
                found = action(shown)
            except _FOREIGN as error:
                raise RehearsalError(f"{type(error).__name__}: {error}") from error
            shown.note = f"{found.resources} resources" if found.resources else ""
    except BaseException as error:
        seconds = time.monotonic() - started
        text = str(error) or type(error).__name__
        report.steps.append(StepResult(name=name, proves=proves, passed=False, seconds=seconds, error=text))
        raise
    seconds = time.monotonic() - started
    report.steps.append(
        StepResult(name=name, proves=proves, passed=True, seconds=seconds, resources=found.resources, found=found.lines)
    )
    screen.line(f"    {proves}")
    for line in found.lines:
        screen.line(f"    - {line}")


def _machine(up: World) -> dict[str, str]:
    return {
        "PostgreSQL": up.servers.postgres_version,
        "mongod": mongod_program.find().version,
        "Kubernetes": up.kubernetes.version().removeprefix("v"),
        "etcd": said_version("etcd", "--version", r"etcd Version: (\S+)"),
        "moto": importlib.metadata.version("moto"),
    }


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    forget_clouds(os.environ)
    sys.exit(main())
