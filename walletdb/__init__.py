"""Fashion Wallet's runtime library: what is inside the databases, for people on call and for services.

Holds the command `walletdb` (`python -m walletdb`) and what it is made of, and the clients that services import.
Reads one file, walletdb.json, and talks to real servers over TLS 1.3; knows nothing of Pulumi, starts no server and
changes no configuration.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from walletdb.services.field_encryption import FieldEncryption
    from walletdb.services.mongo import MongoService
    from walletdb.services.mongo_options import MongoOptions
    from walletdb.services.transactions import TransactionOptions

__all__ = ["FieldEncryption", "MongoOptions", "MongoService", "TransactionOptions", "__version__"]

__version__ = "0.1.0"

_HOMES = {
    "FieldEncryption": "walletdb.services.field_encryption",
    "MongoOptions": "walletdb.services.mongo_options",
    "MongoService": "walletdb.services.mongo",
    "TransactionOptions": "walletdb.services.transactions",
}
"""Imported when first asked for (PEP 562): the command's start must not wait for drivers that it does not use."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
