"""Master keys of field-level encryption: what opens the data keys in the key vault. A key is in no `repr` and error."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import os
import re
from pathlib import Path
from typing import Any, Self

from walletdb.services.errors import EncryptionSettingsError

__all__ = ["AwsKms", "LocalKey", "MasterKey"]

_LENGTH = 96
"""Bytes of a local master key: MongoDB's "local" provider takes exactly so many."""
_LETTERS = 128
"""What they are in base64, without padding."""
_TEXT = re.compile(r"[A-Za-z0-9_-]{128}")
_OTHERS = 0o077
_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):\d{12}:(key|alias)/[\w/-]+")


@dataclasses.dataclass(frozen=True, slots=True)
class LocalKey:
    """A master key of 96 bytes, for stacks without a key management service (`dev`).

    Raises:
        EncryptionSettingsError: it has another length.
    """

    key: bytes = dataclasses.field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) != _LENGTH:
            raise _unusable(f"{len(self.key)} bytes")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """From base64url text of 128 letters, as the stack's configuration holds it; blanks around it are ignored.

        Raises:
            EncryptionSettingsError: it is something else.
        """
        stripped = text.strip()
        if not _TEXT.fullmatch(stripped):
            raise _unusable(_shape(stripped))
        try:
            return cls(base64.urlsafe_b64decode(stripped))
        except binascii.Error:  # pragma: no cover - 128 characters of the alphabet always decode
            raise _unusable("text that does not decode") from None

    @classmethod
    def from_file(cls, path: Path) -> Self:
        """From a file that nobody but its owner can read.

        Raises:
            EncryptionSettingsError: it cannot be read, others can read it, or it holds something else.
        """
        try:
            # The file that is read is the one whose mode was looked at.
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode & 0o777
                content = b"" if mode & _OTHERS else file.read(4096)
        except OSError as error:
            raise EncryptionSettingsError(
                f"the master key's file {path} cannot be read",
                got=str(error.strerror),
                allowed="a file of mode 0600 that this user owns",
                fix="run as the user who ran `make up`, or name another file",
            ) from None
        if mode & _OTHERS:
            raise EncryptionSettingsError(
                f"others can read the master key's file {path}",
                got=f"mode {mode:04o}",
                allowed="0600, or 0400",
                fix=f"chmod 600 '{path}'; if others may have read it, rewrap the data keys with a new master key",
            )
        return cls.from_text(content.decode("ascii", errors="replace"))

    @property
    def provider(self) -> str:
        """MongoDB's name of the provider."""
        return "local"

    def for_driver(self) -> dict[str, Any]:
        """PyMongo's `kms_providers`."""
        return {self.provider: {"key": self.key}}

    def made_with(self) -> dict[str, Any] | None:
        """PyMongo's `master_key`, for who makes a data key."""
        return None


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class AwsKms:
    """A key of AWS KMS. Credentials are asked for when they are needed, in AWS's order: environment, role, metadata.

    Attributes:
        key_arn: The key that data keys are wrapped with.
        region: Where it is asked.

    Raises:
        EncryptionSettingsError: that is no KMS key's ARN, or one of another region.
    """

    key_arn: str
    region: str

    def __post_init__(self) -> None:
        found = _ARN.fullmatch(self.key_arn)
        if found is None or found["region"] != self.region:
            raise EncryptionSettingsError(
                "the KMS key cannot be used",
                got=f"key_arn={self.key_arn!r}, region={self.region!r}",
                allowed="arn:aws:kms:REGION:ACCOUNT:key/ID, and the same region",
                fix="take both from the stack's outputs",
            )

    @property
    def provider(self) -> str:
        """MongoDB's name of the provider."""
        return "aws"

    def for_driver(self) -> dict[str, Any]:
        """PyMongo's `kms_providers`; an empty entry means credentials on demand."""
        return {self.provider: {}}

    def made_with(self) -> dict[str, Any] | None:
        """PyMongo's `master_key`, for who makes a data key."""
        return {"key": self.key_arn, "region": self.region}


MasterKey = LocalKey | AwsKms


def _shape(text: str) -> str:
    """What is wrong with a text, without its letters."""
    if len(text) != _LETTERS:
        return f"{len(text)} characters"
    return f"{_LETTERS} characters, not all of A-Z a-z 0-9 - _"


def _unusable(got: str) -> EncryptionSettingsError:
    return EncryptionSettingsError(
        "the local master key cannot be used (it is not shown)",
        got=got,
        allowed="base64url text of 128 letters, which is 96 bytes",
        fix="take it from the stack's configuration as it is",
    )
