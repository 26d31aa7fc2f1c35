"""The Pulumi program: load the settings, choose the substrate, build the layer, export."""

import gc
from typing import Any

# A program of seconds leaves nothing behind that would have to be collected, and the SDKs of a cloud are so large a
# graph of classes that walking it again and again takes half of the time (docs/reference/benchmarks.md, part prod).
gc.disable()

import pulumi  # noqa: E402 - after that, for the import itself is the larger part

from settings import Settings, SettingsError, load, stack_directory  # noqa: E402 - as above
from settings.trust import rds_authorities  # noqa: E402 - as above


def _layer(settings: Settings) -> dict[str, Any]:
    """Declare the layer and return the stack's outputs; the SDKs of a substrate are imported only where it is used."""
    stack = pulumi.get_stack()
    directory = str(stack_directory(settings.local, stack))
    if settings.cloud is not None:
        from components.layer.cloud import CloudLayer, CloudLayerArgs  # noqa: PLC0415 - seconds that dev need not wait

        authorities = rds_authorities(settings.cloud.rds)
        cloud = CloudLayerArgs(
            stack=stack, directory=directory, settings=settings, cloud=settings.cloud, authorities=authorities
        )
        return CloudLayer("fashion-wallet", cloud).outputs
    from components.layer.local import LocalLayer, LocalLayerArgs  # noqa: PLC0415 - as above

    return LocalLayer("fashion-wallet", LocalLayerArgs(stack=stack, directory=directory, settings=settings)).outputs


try:
    outputs = _layer(load())
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None

for key, value in outputs.items():
    pulumi.export(key, value)
