"""What the parts of one run share: how often to measure, where to say what goes on, and the throw-away stacks."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.fixtures.live_stack import LiveStack, live_stack

__all__ = ["PATRONI_DEFAULTS", "Options", "Session"]

PATRONI_DEFAULTS: Mapping[str, object] = {
    "postgres.patroni.ttlS": 30,
    "postgres.patroni.loopWaitS": 10,
    "postgres.patroni.retryTimeoutS": 10,
}
"""Patroni's own time-outs (https://patroni.readthedocs.io/en/latest/dynamic_configuration.html), as the baseline."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Options:
    """How much to measure.

    Attributes:
        runs: Runs of each measurement.
        baseline_runs: Runs of each event with Patroni's default time-outs, which take a minute each.
        seconds: Length of each load by pgbench.
        clients: Concurrent clients of pgbench.
    """

    runs: int
    baseline_runs: int
    seconds: int
    clients: int


class Session(contextlib.ExitStack):
    """A run of the benchmarks. Stacks come up when a part first asks for them and go when the session ends."""

    def __init__(self, options: Options) -> None:
        super().__init__()
        self.options = options
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._log = self.enter_context(tempfile.NamedTemporaryFile("w", prefix="fw-bench-", suffix=".log"))
        return self

    def say(self, text: str) -> None:
        """A line of progress, on standard error: standard output is for tables and JSON."""
        minutes, seconds = divmod(round(time.monotonic() - self._started), 60)
        print(f"[{minutes:2d}:{seconds:02d}] {text}", file=sys.stderr, flush=True)

    @functools.cached_property
    def stack(self) -> LiveStack:
        """A stack with the project's own settings: a primary, two replicas, one of them synchronous."""
        return self._bring_up("the project's settings", {})

    @functools.cached_property
    def baseline(self) -> LiveStack:
        """The same with Patroni's default time-outs; who asks for it stops its warden."""
        return self._bring_up("Patroni's default time-outs", PATRONI_DEFAULTS)

    def close_stacks(self) -> None:
        """Remove the stacks now: what is measured next must not share the machine with them."""
        self._stacks.close()
        for name in ("stack", "baseline", "_stacks"):
            self.__dict__.pop(name, None)

    def scratch(self) -> Path:
        """A folder that the servers' user can walk into, removed at the end."""
        return Path(self.enter_context(tempfile.TemporaryDirectory(prefix="fw-bench-", dir="/tmp")))

    @functools.cached_property
    def _stacks(self) -> contextlib.ExitStack:
        return self.enter_context(contextlib.ExitStack())

    def _bring_up(self, description: str, settings: Mapping[str, object]) -> LiveStack:
        self.say(f"bringing up a stack with {description}")
        live = self._stacks.enter_context(live_stack("bench", settings))
        # The engine's words would mix with the tables.
        with contextlib.redirect_stdout(self._log):
            live.up()
        return live
