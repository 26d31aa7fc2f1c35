"""The settings of passwords in Secrets Manager."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed

__all__ = ["SecretSettings"]

Principal = Annotated[
    str,
    Allowed("the ARN of a role or user, with * for any letters, say arn:aws:iam::123456789012:role/deploy-*"),
    StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[\w+=,.@/*-]+$"),
]


class SecretSettings(Model):
    """One secret for each login, encrypted with the customer's key, rotated, copied to the recovery region."""

    rotation_days: int = Field(
        default=30,
        ge=1,
        le=90,
        description="A password is replaced after this (spec 6.1.1). The policies want 90 or less.",
    )
    recovery_window_days: Literal[0, 7, 8, 9, 10, 14, 21, 30] = Field(
        default=30, description="How long a deleted secret can be had back; 0: not at all, for throwaway stacks."
    )
    reader_arns: tuple[Principal, ...] = Field(
        strict=False,
        min_length=1,
        description="Who may read passwords beside RDS Proxy and the rotation: the role that runs updates, and the "
        "services' own roles. Everybody else is denied, administrators of the account too.",
    )
