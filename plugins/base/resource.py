"""What a plugin author writes: a `Provider` with a `Resource` for each type, working on plain values.

Nothing here knows of gRPC. The methods of a resource run in parallel on worker threads: a resource object keeps no
state of its own between calls.
"""

import abc
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from plugins.base.errors import ProviderError
from plugins.base.properties import Props, decode_json

__all__ = [
    "CheckFailure",
    "Context",
    "Diff",
    "Invoke",
    "LogSink",
    "Provider",
    "Resource",
    "Severity",
    "changed_names",
]

Severity = Literal["debug", "info", "warning", "error"]
LogSink = Callable[[Severity, str, bool], None]
"""Takes severity, text, and whether the text is ephemeral (a status line that the next one replaces)."""


def _discard(_severity: Severity, _text: str, _ephemeral: bool) -> None:  # noqa: FBT001  (shape of LogSink)
    """Drop a message: the sink of a context that no engine listens to."""


@dataclass(frozen=True, slots=True)
class CheckFailure:
    """A wrong input: the property's path, and why it is refused (cause, got, allowed, fix)."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True)
class Diff:
    """What an update would have to change: names of top-level properties.

    `changes` may name outputs too (drift that a refresh found). Every name in `replaces` counts as changed.
    """

    changes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    delete_before_replace: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a single call knows beside its properties."""

    urn: str = ""
    name: str = ""
    config: Props = field(default_factory=dict)
    timeout_s: float = 300.0
    cancelled: threading.Event = field(default_factory=threading.Event)
    random_seed: bytes = b""
    """Only in check: what an automatic name is made from, so that a preview and its update agree."""
    sink: LogSink = _discard
    _started: float = field(default_factory=time.monotonic)

    def log(self, severity: Severity, text: str, *, ephemeral: bool = False) -> None:
        """Tell the user something through the engine; `ephemeral` makes it the resource's status line."""
        self.sink(severity, text, ephemeral)

    def remaining_s(self) -> float:
        """Return the seconds left of the time-out, never below 0."""
        return max(0.0, self._started + self.timeout_s - time.monotonic())


class Resource(abc.ABC):
    """One resource type. Values may be UNKNOWN in `check`, `diff` and `preview`, nowhere else.

    Any method may raise ProviderError (nothing was made), and create, update and read PartialFailure (something was).
    """

    token: ClassVar[str]
    """The type token, for example `walletdb:index:Etcd`."""
    secrets: ClassVar[frozenset[str]] = frozenset()
    """Outputs that are always secret, beside those whose input was."""
    timeout_s: ClassVar[float] = 300.0
    """Time-out of an operation for which the user's `custom_timeouts` gives none."""

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:  # noqa: ARG002
        """Validate and complete the inputs `news`; `olds` are those of the last update, or empty."""
        return news, []

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:  # noqa: ARG002
        """Compare what is with what is wanted; by default every changed input is an update in place."""
        return Diff(changes=changed_names(old_inputs, news))

    def preview(self, state: Props | None, inputs: Props) -> Props:  # noqa: ARG002
        """Return the outputs a preview may already show; those left out are unknown. `state` is None for a create."""
        return inputs

    @abc.abstractmethod
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        """Make the thing and return its id and outputs."""

    @abc.abstractmethod
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Ask the real system: id, inputs and outputs as found, or None where the thing is gone.

        For `pulumi import` inputs and state are empty and the id is what the user typed.
        """

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:  # noqa: ARG002
        """Bring the thing from `state` to `news` in place and return its outputs."""
        message = (
            f"{self.token} {id_} cannot be changed in place. This is a fault of the plugin: its diff must replace it"
        )
        raise ProviderError(message)

    @abc.abstractmethod
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Remove the thing; one that is gone already is no error."""


Invoke = Callable[[Props, Context], Props]
"""A function of the plugin: takes the arguments (never UNKNOWN) and returns the answer. Raises ProviderError."""


class Provider:
    """A plugin: its name, version and resources. Subclass it for provider settings, functions or a schema."""

    json_config: ClassVar[frozenset[str]] = frozenset()
    """Provider settings that the SDK sends as JSON text: everything that is not text itself."""
    invokes: Mapping[str, Invoke] = {}
    """Functions by token. They look something up and change nothing: a preview calls them too."""
    secret_answers: ClassVar[frozenset[str]] = frozenset()
    """Names of answers of functions that are always secret."""

    def __init__(self, *, name: str, version: str, resources: Iterable[Resource] | Mapping[str, Resource]) -> None:
        """Take the resources as objects, or as a mapping from token to object."""
        self.name = name
        self.version = version
        found = resources.values() if isinstance(resources, Mapping) else resources
        self.resources: Mapping[str, Resource] = {resource.token: resource for resource in found}

    def unsupported(self, token: str) -> str:
        """Return what the user reads about a resource type that this plugin does not have."""
        known = ", ".join(sorted(self.resources))
        return f"plugin {self.name} {self.version} has no resource type {token} (it has: {known})"

    def unsupported_invoke(self, token: str) -> str:
        """Return what the user reads about a function that this plugin does not have."""
        known = ", ".join(sorted(self.invokes)) or "none"
        return f"plugin {self.name} {self.version} does not have the function {token} (it has: {known})"

    def check_config(self, olds: Props, news: Props) -> tuple[Props, list[CheckFailure]]:  # noqa: ARG002
        """Validate the provider's settings (values decoded; UNKNOWN is possible)."""
        return news, []

    def configure(self, config: Props) -> Props:
        """Take the settings once before any resource call; what is returned is every context's `config`."""
        return config

    def schema(self) -> dict[str, Any]:
        """Return the package schema; `pulumi import` needs it to write code, nothing else does."""
        return {"name": self.name, "version": self.version, "resources": {token: {} for token in self.resources}}

    def decode_config(self, config: Props) -> Props:
        """Decode the settings named in `json_config`, leaving out the engine's own entries."""
        return {
            name: decode_json(value, name) if name in self.json_config else value
            for name, value in config.items()
            if not name.startswith("__") and name not in ("version", "pluginDownloadURL")
        }


def changed_names(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sorted names whose value differs; a missing value and None are the same, UNKNOWN differs from all.

    Names that begin with two underscores are a bridge's own notes and are left out.
    """
    names = {name for name in (*old, *new) if not name.startswith("__")}
    return tuple(sorted(name for name in names if old.get(name) != new.get(name)))
