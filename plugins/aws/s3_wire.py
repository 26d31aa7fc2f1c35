"""Properties of the SDK to and from the service's structures: the same names but for the case, and some exceptions."""

from collections.abc import Mapping
from typing import Any, Final

__all__ = ["from_wire", "to_wire"]

_EXCEPTIONS: Final = {
    "id": "ID",
    "kmsMasterKeyId": "KMSMasterKeyID",
    "replicaKmsKeyId": "ReplicaKmsKeyID",
    "sseAlgorithm": "SSEAlgorithm",
}
_BACK: Final = {wire: name for name, wire in _EXCEPTIONS.items()}


def to_wire(value: Any) -> Any:
    """Return a value as the service takes it; what is None is left out."""
    if isinstance(value, Mapping):
        return {
            _EXCEPTIONS.get(name, name[0].upper() + name[1:]): to_wire(item)
            for name, item in value.items()
            if item is not None
        }
    if isinstance(value, list):
        return [to_wire(item) for item in value]
    return value


def from_wire(value: Any) -> Any:
    """Return a value as the SDK names it."""
    if isinstance(value, Mapping):
        return {_BACK.get(name, name[0].lower() + name[1:]): from_wire(item) for name, item in value.items()}
    if isinstance(value, list):
        return [from_wire(item) for item in value]
    return value
