"""One step of the engine, whichever of its two forms it came in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Step"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What the engine would do to one resource.

    Attributes:
        operation: The engine's word: `update`, `create-replacement`, …
        urn: The resource.
        old: Its inputs as they are; None where there was nothing.
        new: Its inputs as they will be; None where nothing is left.
        old_outputs: Its properties as they are.
        new_outputs: Its properties as they will be, as far as they are known.
        parent: The URN of its parent; empty for the stack.
        differing: Paths or names of the properties that differ.
        replacing: Those that a replacement follows from.
        kept: Whether the engine only forgets it on deletion.
        protected: Whether the engine refuses to delete it.
    """

    operation: str
    urn: str
    old: Mapping[str, Any] | None
    new: Mapping[str, Any] | None
    old_outputs: Mapping[str, Any]
    new_outputs: Mapping[str, Any]
    parent: str
    differing: tuple[str, ...]
    replacing: tuple[str, ...]
    kept: bool
    protected: bool

    @classmethod
    def of_event(cls, metadata: Mapping[str, Any]) -> "Step":
        """From an event's metadata."""
        return cls._of(
            metadata, metadata.get("old"), metadata.get("new"), metadata.get("diffs"), metadata.get("keys"), "diffKind"
        )

    @classmethod
    def of_document(cls, entry: Mapping[str, Any]) -> "Step":
        """From an entry of the document's `steps`."""
        return cls._of(
            entry,
            entry.get("oldState"),
            entry.get("newState"),
            entry.get("diffReasons"),
            entry.get("replaceReasons"),
            "kind",
        )

    @classmethod
    def _of(
        cls,
        entry: Mapping[str, Any],
        old: Mapping[str, Any] | None,
        new: Mapping[str, Any] | None,
        differing: list[str] | None,
        replacing: list[str] | None,
        kind: str,
    ) -> "Step":
        detailed: Mapping[str, Mapping[str, Any]] = entry.get("detailedDiff") or {}
        because = [path for path, detail in detailed.items() if str(detail.get(kind)).endswith("-replace")]
        state = new or old or {}
        return cls(
            operation=str(entry["op"]),
            urn=str(entry["urn"]),
            old=None if old is None else old.get("inputs") or {},
            new=None if new is None else new.get("inputs") or {},
            old_outputs=(old or {}).get("outputs") or {},
            new_outputs=(new or {}).get("outputs") or {},
            parent=str(state.get("parent") or ""),
            differing=tuple(detailed or differing or ()),
            replacing=(*because, *(replacing or ())),
            kept=bool((old or {}).get("retainOnDelete")),
            protected=bool((old or {}).get("protect")),
        )

    @property
    def stack(self) -> str:
        """The stack's name, out of the URN."""
        return self.urn.removeprefix("urn:pulumi:").partition("::")[0]

    @property
    def qualified_type(self) -> str:
        """The type with its parents' types before it."""
        return self.urn.split("::")[2]

    @property
    def type(self) -> str:
        """The type's token."""
        return self.qualified_type.rpartition("$")[2]

    @property
    def name(self) -> str:
        """The resource's name in the program; it may have any character in it, colons too."""
        return self.urn.split("::", 3)[3]
