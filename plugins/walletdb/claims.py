"""What this run of the engine declares, so that nothing is dropped that another resource took over.

An object in MongoDB has no owner's mark. When a resource gets another name in the program, the engine makes the new
one, which adopts the object, and then deletes the old one, which would drop it. A plugin's process lives for one run,
and the engine checks every declared resource before it deletes any: what was checked here is what the program has.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable

__all__ = ["Claims"]


class Claims:
    """Identities of objects, and the resources (URNs) that declare or made them in this run."""

    def __init__(self) -> None:
        """Nothing is declared yet."""
        self._lock = threading.Lock()
        self._declared: dict[Hashable, set[str]] = {}
        self._made: set[tuple[Hashable, str]] = set()

    def declare(self, identity: Hashable, urn: str) -> None:
        """The program has a resource `urn` that is this object."""
        with self._lock:
            self._declared.setdefault(identity, set()).add(urn)

    def made(self, identity: Hashable, urn: str) -> None:
        """The resource has been made, or has adopted the object, in this run."""
        with self._lock:
            self._made.add((identity, urn))

    def keeper(self, identity: Hashable, urn: str) -> str:
        """The resource for which the object must stay when `urn` is deleted; empty where it may go.

        It is the same one where a deletion is left over from an earlier run and the object was declared again since.
        """
        with self._lock:
            others = self._declared.get(identity, set()) - {urn}
            if others:
                return min(others)
            return urn if (identity, urn) in self._made else ""
