"""The Pulumi program: load the settings, choose the substrate, build the layer, export."""

import pulumi

from components.layer import LocalLayer, LocalLayerArgs
from settings import SettingsError, load, stack_directory

try:
    settings = load()
except SettingsError as error:
    raise pulumi.RunError(str(error)) from None

if settings.substrate == "cloud":
    raise pulumi.RunError(
        "fashion-wallet:substrate: the cloud substrate is not built yet\n"
        "    got:     'cloud'\n    allowed: local\n    fix:     use stack dev, or set fashion-wallet:substrate to local"
    )

stack = pulumi.get_stack()
layer = LocalLayer(
    "fashion-wallet",
    LocalLayerArgs(stack=stack, directory=str(stack_directory(settings.local, stack)), settings=settings),
)
for key, value in layer.outputs.items():
    pulumi.export(key, value)
