"""Single values for eyes, and the table they are put into; shared by the parts of the report."""

from __future__ import annotations

import dataclasses

from walletdb.report_tls import Tls

__all__ = ["UNKNOWN", "Section", "age", "milliseconds", "number", "size", "tls"]

UNKNOWN = "?"
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
_UNIT_STEP = 1024


@dataclasses.dataclass(frozen=True, slots=True)
class Section:
    """A titled table; `columns` may be empty where the rows speak for themselves."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tls(found: Tls | None) -> str:
    """Version and cipher."""
    return f"{found.version} {found.cipher.removeprefix('TLS_')}" if found else "-"


def number(value: float | None) -> str:
    """A number without zeros at its end."""
    return UNKNOWN if value is None else f"{value:g}"


def milliseconds(value: float | None) -> str:
    """A short time."""
    return "-" if value is None else f"{value:.1f} ms"


def size(value: float | None) -> str:
    """Bytes in the largest unit that leaves a whole part."""
    if value is None:
        return UNKNOWN
    for unit in _UNITS:
        if value < _UNIT_STEP or unit == _UNITS[-1]:
            break
        value /= _UNIT_STEP
    return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"


def age(seconds: int | None) -> str:
    """Hours, minutes and seconds."""
    if seconds is None:
        return "-"
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}"
