"""What the stand-in could not do as the operator would: kept in a file, for the rehearsal's report."""

import json
from pathlib import Path

__all__ = ["Notes"]


class Notes:
    """Lines without repetition, written as soon as there is a new one."""

    def __init__(self, folder: Path) -> None:
        """Write an empty list, so that a reader need not tell none from not begun."""
        self._path = folder / "kept" / "operator.json"
        self._path.parent.mkdir(exist_ok=True)
        self._lines: list[str] = []
        self._write()

    @property
    def lines(self) -> tuple[str, ...]:
        """What was noted."""
        return tuple(self._lines)

    def add(self, line: str) -> None:
        """Note a line once."""
        if line not in self._lines:
            self._lines.append(line)
            self._write()

    def _write(self) -> None:
        text = json.dumps({"not_verified": self._lines}, indent=2) + "\n"
        partial = self._path.with_suffix(".tmp")
        partial.write_text(text, encoding="utf-8")
        partial.replace(self._path)  # whoever reads never sees half a file
