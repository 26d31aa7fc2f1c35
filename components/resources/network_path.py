"""Whether the machine that runs the update can reach a server."""

from dataclasses import dataclass

import pulumi

from components.resources.base import WalletdbResource

__all__ = ["NetworkPath", "NetworkPathArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkPathArgs:
    """Inputs of `NetworkPath`; `host` may be several, with commas between."""

    host: pulumi.Input[str]
    port: pulumi.Input[int]
    timeout_s: int = 3
    """Longest wait for an answer, at preview too."""


class NetworkPath(WalletdbResource):
    """A TCP connection that can be opened: what needs one depends on it, and fails at preview where there is none."""

    def __init__(self, name: str, args: NetworkPathArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the path."""
        super().__init__(name, args, opts)
