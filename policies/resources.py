"""A resource and a stack, as rules see them."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.values import UNKNOWN, UNSET, at

__all__ = ["Exempted", "Options", "Provider", "Resource", "Stack"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of a resource that rules read."""

    protect: bool = False
    ignore_changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The provider that makes a resource."""

    name: str
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource as a rule sees it: at preview and before an update its inputs, in a stack rule its outputs.

    `properties` holds plain values (see `policies.decode`), `secrets` the paths of those that are secret,
    `depends_on` for each property the URNs of the resources that its value is made of.
    """

    type: str
    name: str
    urn: str
    properties: Mapping[str, Any]
    secrets: frozenset[tuple[str, ...]] = frozenset()
    options: Options = field(default_factory=Options)
    provider: Provider | None = None
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    depends_on: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def at(self, *path: str) -> Any:
        """Return the plain value of a property; see `policies.values.at`."""
        return at(self.properties, *path)

    def is_secret(self, *path: str) -> bool:
        """Whether the value at a path, or what holds it, is marked as secret."""
        return any(path[: length + 1] in self.secrets for length in range(len(path)))

    @property
    def region(self) -> Any:
        """The region of a cloud resource: its own, else its provider's; `UNSET` where neither says."""
        own = self.at("region")
        if own is not UNSET:
            return own
        return at(self.provider.properties, "region") if self.provider else UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Exempted:
    """An exemption that holds for the stack: what it says, and whether it may still say it."""

    rule: str
    resource: str
    says: str
    over: bool
    known: bool
    used: Callable[[], bool]


class Stack:
    """All resources of a stack, in the order of their registration, and the exemptions that hold for it."""

    def __init__(self, resources: Sequence[Resource], exemptions: Sequence[Exempted] = ()) -> None:
        """Index the resources, so that a rule costs no more than the resources it looks at."""
        self.exemptions = exemptions
        self._made: dict[Any, Any] = {}
        self._by_urn = {resource.urn: resource for resource in resources}
        self._by_type: dict[str, list[Resource]] = defaultdict(list)
        for resource in resources:
            self._by_type[resource.type].append(resource)

    def of(self, *types: str) -> Iterator[Resource]:
        """Yield the resources of these types."""
        return (resource for one in types for resource in self._by_type.get(one, ()))

    def get(self, urn: str) -> Resource | None:
        """Return the resource with a URN."""
        return self._by_urn.get(urn)

    def refers(self, resource: Resource, path: tuple[str, ...], target: Resource, *outputs: str) -> Any:
        """Whether the value at a path is one of the target's outputs: true, false, or `UNKNOWN`.

        Known values are compared. Where one side is not known yet, the property refers to the target if the engine says
        that it is made of the target's outputs, or of the very resource that these are made of themselves (the project
        that both belong to); if it is made of no resource at all, nobody can tell.
        """
        value, sources = resource.at(*path), resource.depends_on.get(path[0], ())
        if value is not UNKNOWN and not isinstance(value, str):
            return False
        named = [target.at(output) for output in outputs]
        hidden = value is UNKNOWN or UNKNOWN in named or not any(isinstance(one, str) for one in named)
        if value is not UNKNOWN and value in named:
            return True
        if not hidden:
            return False
        if not sources:
            return UNKNOWN
        return target.urn in sources or not sources_of(target, outputs).isdisjoint(sources)

    def referring(
        self, kind: str, path: tuple[str, ...], target: Resource, *outputs: str
    ) -> Iterator[tuple[Resource, Any]]:
        """Yield the resources of a type that refer to a target, each with true, or `UNKNOWN` where nobody can tell.

        They are looked up and not searched, so that a stack of ten thousand resources is no hundred million questions.
        """
        index = self.once(("referring", kind, path), lambda: _Index(self.of(kind), path))
        for resource in index.candidates(target, outputs):
            verdict = self.refers(resource, path, target, *outputs)
            if verdict is not False:
                yield resource, verdict

    def once(self, name: Any, make: Callable[[], Any]) -> Any:
        """Return what was made under a name, made at the first asking: what many resources of a rule look up."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]


def sources_of(target: Resource, outputs: tuple[str, ...]) -> frozenset[str]:
    """Return the resources (URNs) that a target's own values for these properties are made of."""
    return frozenset(urn for output in outputs for urn in target.depends_on.get(output, ()))


class _Index:
    """The resources of a type by the value at a path, and by what that value is made of."""

    def __init__(self, resources: Iterator[Resource], path: tuple[str, ...]) -> None:
        self._all: list[Resource] = []
        self._by_value: dict[str, list[Resource]] = defaultdict(list)
        self._by_source: dict[str, list[Resource]] = defaultdict(list)
        self._unknown: list[Resource] = []
        for resource in resources:
            value, sources = resource.at(*path), resource.depends_on.get(path[0], ())
            if isinstance(value, str):
                self._all.append(resource)
                self._by_value[value].append(resource)
            elif value is UNKNOWN and not sources:
                self._unknown.append(resource)
            for urn in sources:
                self._by_source[urn].append(resource)

    def candidates(self, target: Resource, outputs: tuple[str, ...]) -> list[Resource]:
        """Return the resources that may refer to a target by these outputs, each once."""
        named = [target.at(output) for output in outputs]
        origins = (target.urn, *sources_of(target, outputs))
        found = [*(resource for urn in origins for resource in self._by_source.get(urn, ())), *self._unknown]
        if UNKNOWN in named or not any(isinstance(one, str) for one in named):
            found += self._all
        else:
            found += [resource for one in named if isinstance(one, str) for resource in self._by_value.get(one, ())]
        return list({resource.urn: resource for resource in found}.values())
