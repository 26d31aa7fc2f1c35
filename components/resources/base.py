"""What the classes of the plugin's resources share: wire names."""

import dataclasses
from typing import Any, ClassVar, Protocol, cast

import pulumi

__all__ = ["PemInputs", "WalletdbResource", "wire_inputs", "wire_name"]


class _Dataclass(Protocol):
    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


def wire_name(name: str) -> str:
    """Return the camelCase name of a snake_case one."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def wire_inputs(args: _Dataclass) -> dict[str, Any]:
    """Return the inputs of a resource by wire name, without those that are `None`; values are not touched."""
    values = {wire_name(field.name): getattr(args, field.name) for field in dataclasses.fields(args)}
    return {name: value for name, value in values.items() if value is not None}


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class PemInputs:
    """Inputs of every server that proves who it is: its certificate, key and the authorities it trusts, as PEM."""

    cert_pem: pulumi.Input[str]
    key_pem: pulumi.Input[str]
    ca_bundle_pem: pulumi.Input[str]


class WalletdbResource(pulumi.CustomResource):
    """A resource of the plugin.

    A subclass names its outputs (by wire name) in `_outputs`, those that are secret also in `_secrets`. Names are
    translated here and not by the SDK, whose translation would also rewrite the keys of dictionaries inside a value.
    """

    _outputs: ClassVar[tuple[str, ...]] = ()
    _secrets: ClassVar[tuple[str, ...]] = ()

    def __init__(self, name: str, args: _Dataclass, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the resource."""
        secrets = pulumi.ResourceOptions(additional_secret_outputs=list(self._secrets)) if self._secrets else None
        super().__init__(
            f"walletdb:index:{type(self).__name__}",
            name,
            {**wire_inputs(args), **dict.fromkeys(self._outputs)},
            pulumi.ResourceOptions.merge(opts, secrets),
        )

    def _output(self, wire: str) -> pulumi.Output[Any]:
        return cast("pulumi.Output[Any]", pulumi.get(self, wire))
