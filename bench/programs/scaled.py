"""A Pulumi program that is the project's, `BENCH_LAYERS` times over: each layer's resources and outputs have a prefix.

Production code knows nothing of the prefix. It is put in front of a name where the SDK takes it.
"""

import os
import runpy
from pathlib import Path
from typing import Any

import pulumi

PROGRAM = Path(__file__).resolve().parents[2] / "__main__.py"

prefix = ""
make, export = pulumi.Resource.__init__, pulumi.export


def named(self: pulumi.Resource, kind: str, name: str, *rest: Any, **options: Any) -> None:  # noqa: ANN401 - the SDK's
    """Make a resource whose name has the layer's prefix."""
    make(self, kind, f"{prefix}{name}", *rest, **options)


pulumi.Resource.__init__ = named  # type: ignore[method-assign, assignment]  # on purpose, here only
pulumi.export = lambda name, value: export(f"{prefix}{name}", value)
for number in range(int(os.environ["BENCH_LAYERS"])):
    prefix = f"l{number:02d}-" if number else ""
    runpy.run_path(str(PROGRAM), run_name="__main__")
