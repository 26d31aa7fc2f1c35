"""What a bare program must register to have a stack's resources: read from the stack's state. Pure, but for the SDKs.

The rival is what a person would write without this project: each resource by the official SDK's own class, its inputs
as literal values, no component, no setting, no reference. Where no class fits (this project's own plugin), it is
`pulumi.CustomResource`. The same calls, all by `pulumi.CustomResource` and without any SDK, are the floor: no program
that uses an SDK gets there.
"""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import inspect
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["Call", "calls", "generic", "plain"]

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_PROVIDERS = "pulumi:providers:"
_MODULES = re.compile(r'resource_modules="""(?P<json>.*?)"""', re.DOTALL)
_SDKS = ("aws", "kubernetes", "mongodbatlas", "postgresql")
_CUSTOM = ("pulumi_kubernetes.apiextensions", "CustomResource")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Call:
    """One registration.

    Attributes:
        name: Unique, whatever it was in the stack.
        token: The resource's type.
        module: Where its class is; empty for `pulumi.CustomResource`.
        kind: The class's name.
        inputs: Keyword arguments of the class, or inputs by wire name.
        protect: As in the stack.
        provider: The call that makes its explicit provider; empty for the default one.
    """

    name: str
    token: str
    module: str = ""
    kind: str = ""
    inputs: Mapping[str, Any]
    protect: bool = False
    provider: str = ""


def calls(resources: Sequence[Mapping[str, Any]]) -> list[Call]:
    """The registrations that make a state's resources: no stack, no components, no default providers."""
    wanted = [one for one in resources if one.get("custom") and not one["urn"].endswith("::default")]
    names = {one["urn"]: f"r{number:05d}" for number, one in enumerate(wanted)}
    classes = _classes()
    return [_call(one, names, classes) for one in wanted]


def generic(found: Sequence[Call], resources: Sequence[Mapping[str, Any]]) -> list[Call]:
    """The same without classes."""
    wanted = [one for one in resources if one.get("custom") and not one["urn"].endswith("::default")]
    return [
        dataclasses.replace(call, module="", kind="", inputs=plain(one.get("inputs") or {}))
        for call, one in zip(found, wanted, strict=True)
    ]


def plain(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """A value of an exported state with secrets in clear, and without the engine's own entries."""
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return plain(json.loads(value["plaintext"])) if "plaintext" in value else plain(value.get("value"))
        return {key: plain(inner) for key, inner in value.items() if not key.startswith("__")}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return value


def _call(one: Mapping[str, Any], names: Mapping[str, str], classes: Mapping[str, tuple[str, str]]) -> Call:
    token, inputs = one["type"], plain(one.get("inputs") or {})
    made = Call(
        name=names[one["urn"]],
        token=token,
        inputs=inputs,
        protect=bool(one.get("protect")),
        provider=names.get(one.get("provider", "").rpartition("::")[0], ""),
    )
    if token.startswith(_PROVIDERS):
        inputs.pop("version", None)
        return made
    module, kind = classes.get(token, _CUSTOM if token.startswith("kubernetes:") else ("", ""))
    if not module:
        return made
    arguments = _arguments(module, kind, inputs)
    return made if arguments is None else dataclasses.replace(made, module=module, kind=kind, inputs=arguments)


def _classes() -> dict[str, tuple[str, str]]:
    """Type → module and name of its class, as the SDKs register them; read, since importing takes seconds."""
    found = {}
    for sdk in _SDKS:
        place = importlib.util.find_spec(f"pulumi_{sdk}")
        text = Path(place.origin).read_text(encoding="utf-8") if place and place.origin else ""
        registered = _MODULES.search(text)
        for module in json.loads(registered["json"]) if registered else ():
            found.update({token: (module["fqn"], kind) for token, kind in module["classes"].items()})
    return found


def _arguments(module: str, kind: str, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
    """The inputs as keyword arguments; None where the class does not take one of them."""
    taken = inspect.signature(getattr(importlib.import_module(module), kind)._internal_init).parameters  # noqa: SLF001
    by_wire = {_wire_name(name): name for name in taken}
    if not set(inputs) <= set(by_wire):
        return None
    return {by_wire[name]: value for name, value in inputs.items()}


def _wire_name(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
