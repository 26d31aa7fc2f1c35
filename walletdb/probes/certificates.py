"""Certificates: those on this machine's disk, and how long any of them is still good."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from walletdb.errors import ProbeError
from walletdb.report import Certificate
from walletdb.tls import PeerCertificate, parse_certificate

__all__ = ["from_disk", "from_wire"]

_DAY_S = 86400
_RFC_3339 = "%Y-%m-%dT%H:%M:%SZ"


def from_disk(name: str, path: Path, now: dt.datetime) -> Certificate:
    """Read one file; what cannot be read says so in `error`."""
    try:
        seen = parse_certificate(path.read_bytes())
    except OSError as error:
        return _unreadable(name, path, error.strerror or str(error))
    except ProbeError as error:
        return _unreadable(name, path, error.cause)
    return _certificate(name, "disk", str(path), seen, now)


def from_wire(name: str, where: str, seen: PeerCertificate, now: dt.datetime) -> Certificate:
    """One that a server showed at `where` (host:port)."""
    return _certificate(name, "wire", where, seen, now)


def _certificate(name: str, source: str, where: str, seen: PeerCertificate, now: dt.datetime) -> Certificate:
    return Certificate(
        name=name,
        source="wire" if source == "wire" else "disk",
        where=where,
        error=None,
        subject=seen.subject,
        not_before=seen.not_before.strftime(_RFC_3339),
        not_after=seen.not_after.strftime(_RFC_3339),
        days_left=round((seen.not_after - now).total_seconds() / _DAY_S, 2),
        fingerprint=seen.fingerprint,
    )


def _unreadable(name: str, path: Path, error: str) -> Certificate:
    return Certificate(
        name=name,
        source="disk",
        where=str(path),
        error=error,
        subject=None,
        not_before=None,
        not_after=None,
        days_left=None,
        fingerprint=None,
    )
