"""What the program of a stack imports of the SDKs, as JSON.

`python -m bench.sdk_modules cloud|local` declares the program without an engine, and says what was loaded;
`python -m bench.sdk_modules MODULE...` imports these modules only, and says what that took. Each is to run in a process
of its own, since a module is imported once.

pulumi_aws and pulumi_kubernetes put every package of theirs into `sys.modules` and load it when it is first used: only
those that were loaded count.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import runpy
import sys
import tempfile
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
import pulumi
import yaml
from pulumi.runtime.mocks import MockCallArgs, MockResourceArgs, Mocks

from bench.echo.outputs import answer, computed

__all__ = ["SDKS", "cost", "loaded", "program_of"]

SDKS = ("pulumi_aws", "pulumi_kubernetes", "pulumi_mongodbatlas")
_PROJECT = Path(__file__).resolve().parents[1]
_STACKS = {"cloud": "prod", "local": "dev"}
_CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


class _Recorder(Mocks):
    """Answers as the plugins of the benchmark do, and keeps the types."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Make nothing."""
        if args.custom:
            self.tokens.add(args.typ)
        return args.name, {**computed(args.typ, args.name), **args.inputs}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer."""
        return answer(args.token, args.args), []


def loaded(sdk: str) -> list[str]:
    """The packages of an SDK that were loaded, without the SDK's name: `rds`, `core.v1`."""
    prefix = f"{sdk}."
    return sorted(
        name.removeprefix(prefix)
        for name, module in sys.modules.items()
        if name.startswith(prefix) and hasattr(module, "__path__") and type(module) is types.ModuleType
    )


def _everything(sdk: str) -> int:
    folder = Path(importlib.util.find_spec(sdk).origin or "").parent  # type: ignore[union-attr]  # it is installed
    return sum(1 for _ in folder.rglob("__init__.py")) - 1


def cost(modules: Sequence[str]) -> dict[str, dict[str, float]]:
    """What importing takes: seconds and memory, by SDK, in the order given."""
    found: dict[str, dict[str, float]] = {}
    for name in modules:
        before, started = _resident_mib(), time.perf_counter()
        # A package that is to load late loads when something in it is looked for.
        getattr(importlib.import_module(name), "__all__", None)
        one = found.setdefault(name.partition(".")[0], {"seconds": 0.0, "mib": 0.0})
        one["seconds"] += time.perf_counter() - started
        one["mib"] += _resident_mib() - before
    return found


def _resident_mib() -> float:
    # Not the maximum of getrusage: a process begins with that of whoever started it.
    return psutil.Process().memory_info().rss / (1 << 20)


def _declare(stack: str) -> set[str]:
    """Run the project's program for a stack and return the types that it registered."""
    config = yaml.safe_load((_PROJECT / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8"))["config"]
    os.environ["PULUMI_CONFIG"] = json.dumps(
        {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    )
    recorder = _Recorder()
    pulumi.runtime.set_mocks(recorder, project="fashion-wallet", stack=stack)
    with tempfile.TemporaryDirectory(prefix="fw-bench-") as home:
        os.environ["FASHION_WALLET_HOME"] = home
        (Path(home) / "certificates").mkdir()
        (Path(home) / "certificates" / "rds-global-bundle.pem").write_text(_CERTIFICATE, encoding="ascii")

        @pulumi.runtime.test  # type: ignore[untyped-decorator]  # the SDK has no type for it
        def program() -> None:
            runpy.run_path(str(_PROJECT / "__main__.py"))

        program()
    return recorder.tokens


def program_of(substrate: str) -> dict[str, Any]:
    """Declare the program, and say what it loaded and which types it has."""
    tokens = _declare(_STACKS[substrate])
    return {
        "tokens": sorted(tokens),
        "imported": [sdk for sdk in SDKS if sdk in sys.modules],
        "packages": {sdk: {"loaded": loaded(sdk), "all": _everything(sdk)} for sdk in SDKS},
    }


if __name__ == "__main__":
    words = sys.argv[1:]
    print(json.dumps(program_of(words[0]) if words[0] in _STACKS else cost(words)))
