"""What a step shows: one line when it ends, its elapsed time while it runs."""

import contextlib
import shutil
import time
from collections.abc import Iterator, Mapping
from typing import TextIO

__all__ = ["Screen", "Step", "clock"]

_TERMINAL_TICK_S = 0.5
_PLAIN_TICK_S = 30.0
_TENTHS_BELOW_S = 10.0


def clock(seconds: float) -> str:
    """A duration for people: `0.4 s`, `12 s`, `3 min 05 s`."""
    if seconds < _TENTHS_BELOW_S:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


class Step:
    """One step that is under way. `note` is shown in brackets when it ends."""

    def __init__(self, screen: "Screen", name: str) -> None:
        self.name = name
        self.note = ""
        self._screen = screen
        self._started = time.monotonic()
        self._next_tick = self._started + (_TERMINAL_TICK_S if screen.terminal else _PLAIN_TICK_S)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the step began."""
        return time.monotonic() - self._started

    def tick(self, doing: str) -> None:
        """Show that the step is alive; called as often as the caller likes."""
        now = time.monotonic()
        if now < self._next_tick:
            return
        self._next_tick = now + (_TERMINAL_TICK_S if self._screen.terminal else _PLAIN_TICK_S)
        self._screen.progress(f"{self.name}: {doing}, {clock(now - self._started)}")

    def say(self, text: str) -> None:
        """Show a line that stays."""
        self._screen.line(f"  {self.name}: {text}")


class Screen:
    """Lines on standard output: in colour and with a moving last line on a terminal only."""

    def __init__(self, stream: TextIO, environ: Mapping[str, str]) -> None:
        self._stream = stream
        self.terminal = stream.isatty() and environ.get("TERM") != "dumb"
        self._colour = self.terminal and not environ.get("NO_COLOR")
        encoding = (getattr(stream, "encoding", None) or "ascii").lower().replace("-", "")
        self._unicode = encoding.startswith("utf")

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[Step]:
        """Run a step and show its end: `✓ engine 0.1 s (already there)`."""
        step = Step(self, name)
        try:
            yield step
        except BaseException:
            self.line(f"{self._mark('✗', 'failed:', '31')} {name} {clock(step.elapsed_s)}")
            raise
        note = f" ({step.note})" if step.note else ""
        self.line(f"{self._mark('✓', 'ok:', '32')} {name} {clock(step.elapsed_s)}{note}")

    def line(self, text: str = "") -> None:
        """Print a line, over a moving one if there is."""
        self._stream.write(("\r\x1b[K" if self.terminal else "") + text + "\n")
        self._stream.flush()

    def progress(self, text: str) -> None:
        """Show what goes on: over the last line on a terminal, as a line of its own elsewhere."""
        if not self.terminal:
            self.line(f"  {text}")
            return
        width = shutil.get_terminal_size().columns - 1
        self._stream.write("\r\x1b[K" + f"  {text}"[:width])
        self._stream.flush()

    def bold(self, text: str) -> str:
        """A heading, bold where colour is allowed."""
        return f"\x1b[1m{text}\x1b[0m" if self._colour else text

    def _mark(self, sign: str, word: str, colour: str) -> str:
        shown = sign if self._unicode else word
        return f"\x1b[{colour}m{shown}\x1b[0m" if self._colour else shown
