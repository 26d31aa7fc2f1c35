"""What an update would do to each resource: the engine's steps put together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from delivery.properties import PropertyChange, differences, top_level
from delivery.stateful import held_by
from delivery.steps import Step
from delivery.values import AS_DECLARED

__all__ = ["ACTIONS", "Action", "Change", "changes_of"]

Action = Literal["replace", "delete", "create", "update", "import"]
ACTIONS: Final[tuple[Action, ...]] = ("replace", "delete", "create", "update", "import")
"""In the order in which they matter."""

# The engine's words → ours. `same`, `read` and `refresh` change nothing; a discard ends a read.
_REPLACES: Final = frozenset(("replace", "create-replacement", "import-replacement", "read-replacement"))
_PLAIN: Final[Mapping[str, Action]] = {
    "create": "create",
    "update": "update",
    "delete": "delete",
    "import": "import",
    "refresh": "update",
}
_LEFT_OVER: Final = frozenset(("delete-replaced", "discard-replaced"))
_STACK: Final = "pulumi:pulumi:Stack"
_BELOW: Final = 2  # a resource's outermost component, and that one's parent
TOP: Final = "(in no component)"


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """What would happen to one resource.

    Attributes:
        urn: The resource.
        type: Its type's token.
        name: Its name in the program.
        component: The component that it belongs to.
        action: What would be done.
        properties: What differs; empty for what is created or deleted.
        holds: What is lost with it where data would be; empty where nothing is.
        note: What else there is to say about its deletion.
        found: Whether the declaration is as it was, and only what was found differs.
    """

    urn: str
    type: str
    name: str
    component: str
    action: Action
    properties: tuple[PropertyChange, ...] = ()
    holds: str = ""
    note: str = ""
    found: bool = False

    @property
    def guard_id(self) -> str:
        """The id under which the data guard knows it, and which `allowDataLoss` takes."""
        return f"{self.type.rpartition(':')[2]}:{self.name}"


def changes_of(steps: Iterable[Step]) -> tuple[Change, ...]:
    """Put the steps of each resource together, what matters most first."""
    grouped: dict[str, list[Step]] = {}
    parents: dict[str, str] = {}
    for step in steps:
        grouped.setdefault(step.urn, []).append(step)
        parents[step.urn] = step.parent or parents.get(step.urn, "")
    found = [change for one in grouped.values() if (change := _change(one, parents))]
    return tuple(sorted(found, key=lambda change: (ACTIONS.index(change.action), change.type, change.name)))


def _change(steps: list[Step], parents: Mapping[str, str]) -> Change | None:
    action = _action({step.operation for step in steps}, gone=steps[-1].new is None)
    if action is None or steps[0].type == _STACK:
        return None
    # A replacement comes in three steps; the one in the middle has all that differs. A create has no other side.
    step = next((one for one in steps if one.operation in _REPLACES and one.differing), steps[0])
    loses = action in {"replace", "delete"}
    return Change(
        urn=step.urn,
        type=step.type,
        name=step.name,
        component=_component(step, parents),
        action=action,
        properties=_differences(step) if action in {"replace", "update"} else (),
        holds=held_by(step.type) if loses else "",
        note=_note(steps, action) if loses else "",
        found=action in {"replace", "update"} and step.operation != "refresh" and step.old == step.new,
    )


def _action(operations: set[str], *, gone: bool) -> Action | None:
    if operations & _REPLACES or ("create" in operations and operations & _LEFT_OVER):
        return "replace"
    if operations & _LEFT_OVER:
        return "delete"
    if operations == {"refresh"} and gone:
        return "delete"
    return next((_PLAIN[one] for one in _PLAIN if one in operations), None)


def _differences(step: Step) -> tuple[PropertyChange, ...]:
    """What differs in the inputs; of a property that is no input, or is alike there, what was found."""
    old, new = dict(step.old or {}), dict(step.new or {})
    for name in map(top_level, step.differing):
        if old.get(name) == new.get(name) and name in step.old_outputs:
            old[name] = step.old_outputs[name]
            wanted = step.new_outputs if step.operation == "refresh" else new
            new[name] = wanted.get(name, AS_DECLARED)
    return differences(old, new, step.differing, step.replacing)


def _note(steps: list[Step], action: Action) -> str:
    if any(step.kept for step in steps):
        return "only Pulumi forgets it; the real one stays"
    if any(step.protected for step in steps):
        return "it is protected: the engine refuses"
    if action == "delete" and all(step.operation in _LEFT_OVER for step in steps):
        return "left over by a replacement that did not come to its end"
    return ""


def _component(step: Step, parents: Mapping[str, str]) -> str:
    """The component right below the layer's own, by name; a resource of the layer itself has the layer's name."""
    chain: list[str] = []
    parent = step.parent or parents.get(step.urn, "")
    while parent and f"::{_STACK}::" not in parent and parent not in chain:
        chain.append(parent)
        parent = parents.get(parent, "")
    if not chain:
        return TOP
    return chain[-_BELOW if len(chain) >= _BELOW else -1].split("::", 3)[3]
