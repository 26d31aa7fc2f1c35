"""The time-series cluster and the jobs of dumps, as the engine runs them."""

import json
from pathlib import Path
from typing import Any

import pulumi

from tests.fixtures.timescale import declare

parameters: dict[str, Any] = json.loads(Path("parameters.json").read_text(encoding="utf-8"))
for name, value in declare(**parameters).items():
    pulumi.export(name, value)
