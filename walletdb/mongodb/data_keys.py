"""Data keys of client-side field-level encryption: the key vault, its unique names, and keys that can be opened."""

from __future__ import annotations

import base64
import binascii
import contextlib
import dataclasses
import os
import uuid
from collections.abc import Iterator
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from bson.binary import Binary
from bson.codec_options import CodecOptions
from pymongo.collection import Collection
from pymongo.encryption import ClientEncryption
from pymongo.errors import DuplicateKeyError, EncryptionError, OperationFailure, PyMongoError

from walletdb.errors import MongoError
from walletdb.mongodb.connection import Client, Document, code_of, command

__all__ = ["DataKeySpec", "differences", "drop", "ensure", "fault_of_master_key", "find"]

MASTER_KEY_BYTES: Final = 96
NAMES_INDEX: Final = {
    "key": {"keyAltNames": 1},
    "name": "keyAltNames_1",
    "unique": True,
    "partialFilterExpression": {"keyAltNames": {"$exists": True}},
}
"""What makes an alternate name unique; of MongoDB's manual on the key vault."""
ALGORITHM: Final = "AEAD_AES_256_CBC_HMAC_SHA_512-Random"
_DUPLICATE: Final = 11000
_CLASH: Final = frozenset({85, 86})


@dataclasses.dataclass(frozen=True, kw_only=True)
class DataKeySpec:
    """A data key as it is declared; `name` is its alternate name, by which services find it."""

    key_vault_database: str
    key_vault_collection: str
    name: str
    kms_provider: Literal["local", "aws"]
    local_master_key: str = dataclasses.field(repr=False)
    """Base64url of 96 bytes; empty with aws."""
    aws_key_arn: str
    aws_region: str

    @property
    def vault(self) -> str:
        """Namespace of the key vault."""
        return f"{self.key_vault_database}.{self.key_vault_collection}"

    def __str__(self) -> str:
        return f"{self.name} of {self.vault}"

    @property
    def providers(self) -> dict[str, Any]:
        """What the library is given to open keys: the master key, or that AWS's credentials are looked up."""
        if self.kms_provider == "local":
            return {"local": {"key": base64.urlsafe_b64decode(self.local_master_key)}}
        return {"aws": {}}

    @property
    def master_key(self) -> dict[str, str] | None:
        """Which master key of the provider closes the data key."""
        if self.kms_provider != "aws":
            return None
        return {"region": self.aws_region, "key": self.aws_key_arn, **_aws_endpoint()}


def _aws_endpoint() -> dict[str, str]:
    """Where KMS is, if not where everybody finds it: AWS's own variable, as its command and libraries read it.

    The library that encrypts speaks TLS only, so that another scheme cannot be meant for it.
    """
    parts = urlsplit(os.environ.get("AWS_ENDPOINT_URL_KMS", ""))
    return {"endpoint": parts.netloc} if parts.scheme == "https" else {}


def fault_of_master_key(text: str) -> str:
    """Why a text is no local master key; empty where it is one. Nothing of it is repeated."""
    try:
        size = len(base64.b64decode(text, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        return f"is not base64url; allowed is the base64url text of {MASTER_KEY_BYTES} bytes, 128 letters"
    if size != MASTER_KEY_BYTES:
        return f"is {size} bytes; allowed are {MASTER_KEY_BYTES} bytes, as 128 letters of base64url"
    return ""


def ensure(client: Client, spec: DataKeySpec) -> str:
    """Make the data key, or adopt the one of its name, and return its id as a UUID.

    Of two that make it at once, the unique index of the vault lets one through, and the other adopts that.

    Raises:
        MongoError: the key that has the name is closed with another master key.
    """
    vault = client[spec.key_vault_database][spec.key_vault_collection]
    _ensure_index(vault, spec)
    with _encryption(client, spec) as encryption:
        found = find(client, spec)
        if found is None:
            with contextlib.suppress(DuplicateKeyError), _unwrapped():
                encryption.create_data_key(spec.kms_provider, master_key=spec.master_key, key_alt_names=[spec.name])
            found = find(client, spec)
    if found is None:
        raise MongoError(f"data key {spec} is gone right after it was made", fix="run the update again")
    fault = _fault(client, spec, found)
    if fault:
        raise MongoError(
            f"data key {spec} exists, but {fault}",
            allowed="a key that the declared master key opens",
            fix="declare the master key that it was made with (Pulumi keeps it as a secret of the stack that made it)",
        )
    return key_id(found)


def find(client: Client, spec: DataKeySpec) -> Document | None:
    """The data key as it lies in the vault; None where there is none of its name."""
    vault = client[spec.key_vault_database][spec.key_vault_collection]
    return vault.find_one({"keyAltNames": spec.name})


def key_id(found: Document) -> str:
    """Id of a data key as the text of a UUID."""
    id_ = found["_id"]
    return str(id_ if isinstance(id_, uuid.UUID) else Binary(id_, 4).as_uuid())


def differences(client: Client, spec: DataKeySpec) -> tuple[str, ...] | None:
    """What is not as declared, each as a short text; None where the key is gone."""
    found = find(client, spec)
    if found is None:
        return None
    fault = _fault(client, spec, found)
    changed = [fault] if fault else []
    vault = client[spec.key_vault_database][spec.key_vault_collection]
    if not _has_index(vault):
        changed.append("the vault lacks its unique index on keyAltNames")
    return tuple(changed)


def drop(client: Client, spec: DataKeySpec, *, allowed: bool) -> None:
    """Delete the data key; one that is gone is no error.

    Raises:
        MongoError: it is there, and `allowed` is false.
    """
    if find(client, spec) is None:
        return
    if not allowed:
        raise MongoError(
            f"data key {spec} is not deleted: whatever was encrypted with it could never be read again",
            allowed="only where `fashion-wallet:allowDataLoss` names it",
            fix="keep it declared; if what it encrypted may go, name it in `fashion-wallet:allowDataLoss`, run one "
            "update with it still declared, and take it out of the program with the next",
        )
    client[spec.key_vault_database][spec.key_vault_collection].delete_one({"keyAltNames": spec.name})


@contextlib.contextmanager
def _encryption(client: Client, spec: DataKeySpec) -> Iterator[ClientEncryption[Document]]:
    options: CodecOptions[Document] = client.codec_options
    encryption = ClientEncryption[Document](spec.providers, spec.vault, client, options)
    try:
        yield encryption
    finally:
        encryption.close()


@contextlib.contextmanager
def _unwrapped() -> Iterator[None]:
    """Raise what the key vault's server said in place of the encryption library's own error around it."""
    try:
        yield
    except EncryptionError as error:
        if isinstance(error.cause, PyMongoError) and not isinstance(error.cause, EncryptionError):
            raise error.cause from None
        raise


def _fault(client: Client, spec: DataKeySpec, found: Document) -> str:
    """Why the key is not the declared one; empty where it is. AWS is not asked: that needs rights on its key."""
    provider = found.get("masterKey", {}).get("provider")
    if provider != spec.kms_provider:
        return f"its master key is of provider {provider}, not {spec.kms_provider}"
    if spec.kms_provider == "aws":
        same = found["masterKey"].get("key") == spec.aws_key_arn
        return "" if same else f"its master key is {found['masterKey'].get('key')}, not {spec.aws_key_arn}"
    with _encryption(client, spec) as encryption:
        try:
            with _unwrapped():
                encryption.encrypt("probe", ALGORITHM, key_alt_name=spec.name)
        except EncryptionError:
            return "the declared master key cannot open it"
    return ""


def _has_index(vault: Collection[Document]) -> bool:
    return any(
        index.get("unique") and dict(index["key"]) == NAMES_INDEX["key"] for index in map(dict, vault.list_indexes())
    )


def _ensure_index(vault: Collection[Document], spec: DataKeySpec) -> None:
    if _has_index(vault):
        return
    try:
        command(vault.database, {"createIndexes": vault.name, "indexes": [NAMES_INDEX]})
    except OperationFailure as error:
        if code_of(error) not in {_DUPLICATE, *_CLASH}:
            raise
        raise MongoError(
            f"the key vault {spec.vault} cannot have its unique index on keyAltNames",
            got=str((error.details or {}).get("errmsg", "")),
            fix="two keys have one name, or another index is on keyAltNames: look, and drop what is not needed",
        ) from None
