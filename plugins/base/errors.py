"""Errors that a provider plugin raises on purpose. Their text reaches the user as it is, without a traceback."""

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["PartialFailure", "PluginError", "PropertyError", "ProviderError"]


class PluginError(Exception):
    """Base of every error of `plugins.base`."""


class ProviderError(PluginError):
    """An operation failed; nothing was made that the state would have to know of.

    The text gives the cause, what was got, what is allowed and the fix.
    """


class PropertyError(ProviderError):
    """A property value cannot be sent to the engine (a NaN, an integer beyond 2^53, an unknown Python type)."""


class PartialFailure(PluginError):  # noqa: N818  (the engine's own word for it)
    """An operation failed after something was made: the engine keeps the resource and the next update mends it.

    `id` is the final id of the resource, `outputs` its properties so far, `inputs` what was really applied (what the
    next diff compares with: leave out, or give as found, what has not been applied), `reasons` one text a cause.
    """

    def __init__(
        self,
        id: str,  # noqa: A002  (the engine's name for it)
        outputs: Mapping[str, Any],
        inputs: Mapping[str, Any],
        reasons: Sequence[str],
    ) -> None:
        """Keep the four parts; the text of the exception is the reasons, one a line."""
        super().__init__("\n".join(reasons))
        self.id = id
        self.outputs = dict(outputs)
        self.inputs = dict(inputs)
        self.reasons = tuple(reasons)
