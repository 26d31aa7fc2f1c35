"""What all settings share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

__all__ = ["Model"]


class Model(BaseModel):
    """Frozen, no unknown key, no silent conversion (`"3"` is not 3); camelCase in YAML and snake_case here."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True, validate_default=True
    )
