"""The tags that everything taggable in the cloud has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from settings.base import Model

__all__ = ["TagSettings"]

# What AWS takes in a tag's value (1 to 256 characters); no leading or trailing blank, which nobody would see.
TagValue = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/=+@-](?:[A-Za-z0-9_ .:/=+@-]{0,254}[A-Za-z0-9_.:/=+@-])?$")
]


class TagSettings(Model):
    """Whose the resources are, and who pays."""

    owner: TagValue = Field(description="The team that is asked about a resource.")
    cost_center: TagValue = Field(description="Who pays for it.")
