"""`python -m bench`: measure the parts that are asked for, write `bench/results/<part>.json`, print tables."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import failover, mongodb, policies, pooler, prod, replication, scale, up
from bench.figures import Result, table
from bench.machine import conditions
from bench.session import Options, Session

__all__ = ["PARTS", "main", "parse"]

RESULTS = Path(__file__).parent / "results"

PARTS: Mapping[str, tuple[str, Callable[[Session], Result]]] = {
    "up": ("first make up by phase, a second one, preview, nothing to cluster ready", up.measure),
    "replication": ("replication lag under pgbench", replication.measure),
    "pooler": ("pgbench through PgBouncer against direct", pooler.measure),
    "failover": ("write outage and lost rows of seven failures, beside Patroni's default time-outs", failover.measure),
    "mongodb": ("MongoService against PyMongo alone, failures of a primary, nothing to ready", mongodb.measure),
    "prod": ("preview of prod beside a bare program with the same resources", prod.measure),
    "scale": ("prod 1, 10 and 50 times in one program: preview, up, no-op up, policies", scale.measure),
    "policies": ("the policy pack: start, judgements a second, share of a preview", policies.measure),
}
"""In the order of measuring: failures come after what they could disturb; what needs no server comes last."""

_EXAMPLES = """
examples:
  make bench                                         everything, about 90 minutes
  make bench ARGS="failover --runs 5"                one part
  make bench ARGS="pooler replication --seconds 30"  two parts, longer loads
  make bench ARGS="prod scale policies"              program and engine, without any server
  .venv/bin/python -m bench --show                   what was measured last
  .venv/bin/python -m bench up --json                JSON on standard output instead of tables

The stacks are throw-away ones with folders and ports of their own; a running dev stack is not touched. The load
stays on loopback. What each figure means is in docs/reference/benchmarks.md.
"""


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line. A wrong word ends the program with code 2 and says what is allowed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measure the database layer on this machine.",
        epilog="parts:\n" + "\n".join(f"  {name:<12} {text}" for name, (text, _) in PARTS.items()) + "\n" + _EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument("--runs", type=_count, default=5, help="runs of each measurement (default: %(default)s)")
    parser.add_argument(
        "--baseline-runs",
        type=_count,
        default=3,
        help="runs of each failure with Patroni's default time-outs (default: %(default)s)",
    )
    parser.add_argument("--seconds", type=_count, default=8, help="length of a load by pgbench (default: %(default)s)")
    parser.add_argument("--clients", type=_count, default=8, help="clients of pgbench (default: %(default)s)")
    parser.add_argument("--note", default="", help="what else the machine is doing, kept with the results")
    parser.add_argument(
        "--results", type=Path, default=RESULTS, help="folder of the JSON files (default: bench/results)"
    )
    parser.add_argument("--show", action="store_true", help="measure nothing, show the results that are there")
    parser.add_argument("--json", action="store_true", help="JSON instead of tables on standard output")
    options = parser.parse_args(arguments)
    if unknown := [part for part in options.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)}; parts are {', '.join(PARTS)}")
    return options


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        message = f"{text} is less than 1"
        raise argparse.ArgumentTypeError(message)
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and show. 0 when every part gave a result, 1 when one failed; the others are measured all the same."""
    asked = parse(arguments)
    chosen = [name for name in PARTS if name in asked.parts or not asked.parts]
    found = _kept(asked.results, chosen) if asked.show else _measured(asked, chosen)
    if asked.json:
        print(json.dumps(list(found.values()), indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(_shown(content) for content in found.values()))
    if missing := [name for name in chosen if name not in found]:
        print(f"{'never measured' if asked.show else 'failed'}: {', '.join(missing)}", file=sys.stderr)
        return 1
    return 0


def _measured(asked: argparse.Namespace, chosen: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Measure the parts and write their files; a part that failed is left out."""
    options = Options(runs=asked.runs, baseline_runs=asked.baseline_runs, seconds=asked.seconds, clients=asked.clients)
    # Ended by a signal, the stacks must go all the same; a shell's background jobs ignore Ctrl-C, but not this.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    found: dict[str, dict[str, Any]] = {}
    asked.results.mkdir(parents=True, exist_ok=True)
    with Session(options) as session:
        circumstances = conditions(asked.note)
        for name in chosen:
            session.say(f"{name}: {PARTS[name][0]}")
            try:
                result = PARTS[name][1](session)
            except Exception:  # noqa: BLE001 - whatever one part runs into, the others are still worth measuring
                session.say(f"{name} failed:\n{traceback.format_exc()}")
                continue
            found[name] = result.as_json(circumstances)
            path = _file(asked.results, name)
            path.write_text(json.dumps(found[name], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
            session.say(f"{name}: written to {path}")
    return found


def _kept(folder: Path, chosen: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The results of earlier runs."""
    there = [name for name in chosen if _file(folder, name).exists()]
    return {name: json.loads(_file(folder, name).read_text(encoding="utf-8")) for name in there}


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.json"


def _shown(content: Mapping[str, Any]) -> str:
    """The table under a line that says when and on what it was measured."""
    machine, before = content["machine"], content["before"]
    conditions_line = (
        f"measured {content['measured_at']}, {machine['cores']} cores, {machine['system']}, PostgreSQL "
        f"{content['versions']['postgresql']}, load before {before['load_average_1min']}"
    )
    note = f" ({content['note']})" if content["note"] else ""
    return f"{table(Result.from_json(content))}\n{conditions_line}{note}"


if __name__ == "__main__":
    sys.exit(main())
