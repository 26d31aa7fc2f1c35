"""Extensions that a server on one machine may or may not offer."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components.postgres.cluster import Cluster
from components.postgres.definition import OptionalUse
from components.resources import OptionalExtension, OptionalExtensionArgs

__all__ = ["OptionalExtensions", "OptionalExtensionsArgs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class OptionalExtensionsArgs:
    """Arguments of `OptionalExtensions`."""

    directory: str
    cluster: Cluster
    database: pulumi.Input[str]
    uses: tuple[OptionalUse, ...]


class OptionalExtensions(pulumi.ComponentResource):
    """Creates what the server offers, and says what it does not."""

    available: Mapping[str, pulumi.Output[bool]]
    """By extension."""
    warnings: pulumi.Output[list[str]]

    def __init__(self, name: str, args: OptionalExtensionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare one resource for each extension."""
        super().__init__("fashionwallet:postgres:OptionalExtensions", name, None, opts)
        self.available = {use.extension: self._create(name, args, use).available for use in args.uses}
        missing = [_missing(self.available[use.extension], use.warning) for use in args.uses]
        self.warnings = pulumi.Output.all(*missing).apply(lambda parts: [text for part in parts for text in part])
        self.register_outputs({"warnings": self.warnings})

    def _create(self, name: str, args: OptionalExtensionsArgs, use: OptionalUse) -> OptionalExtension:
        return OptionalExtension(
            f"{name}-{use.extension}",
            OptionalExtensionArgs(
                directory=args.directory,
                host=args.cluster.writer.host,
                port=args.cluster.writer.port,
                database=args.database,
                extension=use.extension,
                required=use.required,
            ),
            pulumi.ResourceOptions(parent=self, deleted_with=args.cluster.server),
        )


def _missing(available: pulumi.Output[bool], warning: str) -> pulumi.Output[list[str]]:
    return available.apply(lambda there: [] if there else [warning])
