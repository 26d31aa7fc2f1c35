"""The settings of the encryption keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed
from settings.cloud.network_checks import each_once

__all__ = ["KeySettings", "RoleArn"]

RoleArn = Annotated[
    str,
    Allowed("the ARN of a role, say arn:aws:iam::123456789012:role/platform"),
    StringConstraints(pattern=r"^arn:aws:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]{1,512}$"),
]


class KeySettings(Model):
    """One key of AWS KMS for each domain of data, with a replica in `network.recoveryRegion`."""

    rotation_period_days: int = Field(
        default=365,
        ge=90,
        le=2560,
        description="How often KMS makes new key material (spec 6.2.1). What was encrypted before stays readable.",
    )
    deletion_window_days: int = Field(
        default=30,
        ge=7,
        le=30,
        description="How long a deleted key can be brought back; after that, all that it encrypted is lost.",
    )
    administrators: Annotated[tuple[RoleArn, ...], AfterValidator(each_once)] = Field(
        default=(),
        strict=False,
        description="Roles that may manage the keys; the one that runs the updates must be among them. They may not "
        "decrypt. Empty: whom IAM's policies in the account let manage keys.",
    )
