"""The part of the report that every kind of server has."""

from __future__ import annotations

import dataclasses
from typing import Annotated

__all__ = ["Tls"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Tls:
    """A finished TLS handshake; chain and host name were verified."""

    version: Annotated[str, "as negotiated, `TLSv1.3`"]
    cipher: Annotated[str, "as negotiated"]
