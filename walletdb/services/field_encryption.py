"""`FieldEncryption`: personal fields are encrypted in the service; the database never sees them (section 6.2.1).

MongoDB's client-side field-level encryption (AEAD_AES_256_CBC_HMAC_SHA_512), in its explicit form: what is stored is
BinData of subtype 6, which the collections' validators demand (`encrypt` in documents/*.yaml). Values are encrypted
with a data key; data keys lie in the key vault, wrapped with a master key that only services and key management have.

What it does not do: a ciphertext is not bound to its document, so who may write to the database can exchange those of
the same field; a deterministic field shows which documents have equal values; sizes show. It makes and rotates no
key: the stack declares the data keys. A new master key needs the data keys rewrapped, and no document changed. A new
data key under the old name is used for what is written from then on; the old one must stay in the vault for what it
encrypted, which equality queries no longer find until the documents are decrypted and encrypted again.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from bson.binary import UUID_SUBTYPE, Binary
from bson.errors import BSONError
from pymongo.asynchronous.encryption import AsyncClientEncryption
from pymongo.errors import EncryptionError as DriverEncryptionError
from pymongo.errors import PyMongoError

from walletdb.services.encrypted_fields import Field, FieldTree, Seal, encrypted_query, opened, sealed
from walletdb.services.encryption_keys import AwsKms, LocalKey, MasterKey
from walletdb.services.errors import (
    CiphertextError,
    DataKeyError,
    EncryptionError,
    EncryptionSettingsError,
    FieldValueError,
    MasterKeyError,
)
from walletdb.services.mongo import Document, MongoService

__all__ = ["AwsKms", "FieldEncryption", "LocalKey"]

DEFAULT_KEY_NAME = "personal"
DEFAULT_KEY_VAULT = "encryption.__keyVault"

_ALGORITHMS = {
    "deterministic": "AEAD_AES_256_CBC_HMAC_SHA_512-Deterministic",
    "random": "AEAD_AES_256_CBC_HMAC_SHA_512-Random",
}
_HEADER = 17
"""A ciphertext begins with its kind (one byte) and the id of its data key (16 bytes)."""
_KINDS = (b"\x01", b"\x02")
"""Deterministic, random; others belong to MongoDB's Queryable Encryption, which is not used here."""
_PROBE = "probe"
_LONGEST = 200


class FieldEncryption:
    """Encrypts and decrypts the personal fields of documents: `async with FieldEncryption(mongo, key) as fields: ...`.

    Args:
        mongo: An open service whose user may read the key vault.
        master_key: `LocalKey` or `AwsKms`, the one that the data keys were made with.
        key_name: Alternate name of the data key, or one for each collection. `personal` where a collection has none.
        key_vault: Database and collection of the data keys.
        fields: Collection → path → "deterministic" or "random"; None: `walletdb.documents.ENCRYPTED_FIELDS`.

    Raises:
        EncryptionSettingsError: the fields cannot be used.
    """

    def __init__(
        self,
        mongo: MongoService,
        master_key: MasterKey,
        *,
        key_name: str | Mapping[str, str] = DEFAULT_KEY_NAME,
        key_vault: str = DEFAULT_KEY_VAULT,
        fields: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        chosen = _declared_fields() if fields is None else fields
        self._trees = {name: FieldTree.of(name, paths) for name, paths in chosen.items()}
        self._key_names = dict.fromkeys(chosen, key_name) if isinstance(key_name, str) else dict(key_name)
        self._mongo = mongo
        self._master_key = master_key
        self._key_vault = key_vault
        self._driver: AsyncClientEncryption[Document] | None = None

    def __repr__(self) -> str:
        return f"FieldEncryption({self._master_key.provider}, {self._key_vault}, {', '.join(self._trees)})"

    async def __aenter__(self) -> Self:
        client = self._mongo.client
        self._driver = AsyncClientEncryption(
            self._master_key.for_driver(), self._key_vault, client, client.codec_options
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    async def verify(self) -> None:
        """Open every data key once, so that a service with a wrong key fails when it starts and not at its first user.

        Raises:
            DataKeyError: one is not in the vault.
            MasterKeyError: the master key does not open one.
            PyMongoError: the vault cannot be read.
        """
        for name in sorted({self._key_name(collection) for collection in self._trees}):
            await self._encrypt(_PROBE, "random", key_alt_name=name)

    async def encrypt(self, collection: str, document: Mapping[str, Any]) -> Document:
        """A copy of a document, or of an update such as `{"$set": {…}}`, whose personal fields are encrypted.

        What is encrypted already stays as it is. A field that is None is refused: the validator would refuse null too,
        and encryption has none, so a missing value is a missing field.

        Raises:
            EncryptionSettingsError: the collection is not known; one without personal fields is known too.
            FieldValueError: a value cannot be encrypted as its field says.
            DataKeyError: the data key is not in the vault.
            MasterKeyError: the master key does not open it.
        """
        found: Document = await sealed(document, self._tree(collection), self._sealer(collection))
        return found

    async def decrypt(self, document: Mapping[str, Any]) -> Document:
        """A copy of a document in which every encrypted value is in clear, wherever it is and whatever its key.

        Raises:
            DataKeyError: the data key of a value is not in the vault (any more).
            MasterKeyError: the master key does not open it.
            CiphertextError: a value was changed after it was encrypted.
        """
        found: Document = await opened(document, self._decrypt)
        return found

    async def encrypt_query(self, collection: str, query: Mapping[str, Any]) -> Document:
        """A copy of a filter in which the values of deterministic fields are encrypted as they are stored.

        `{"email": "a@b.example"}`, `{"email": {"$in": […]}}`; `$and`, `$or`, `$nor` and `$elemMatch` are looked into,
        and fields that are not encrypted stay. A value must have the type of the stored one: 1 and 1.0 differ.

        Raises:
            FieldQueryError: it asks for what ciphertexts cannot tell, such as equality of a random field.
            EncryptionSettingsError, FieldValueError, DataKeyError, MasterKeyError: as `encrypt`.
        """
        return await encrypted_query(query, self._tree(collection), self._sealer(collection))

    def _tree(self, collection: str) -> FieldTree:
        try:
            return self._trees[collection]
        except KeyError:
            raise EncryptionSettingsError(
                f"no encrypted fields are declared for collection {collection!r}",
                got=repr(collection),
                allowed=", ".join(sorted(self._trees)) or "none: no collection has personal fields",
                fix="correct the name; what has no personal fields needs no encryption",
            ) from None

    def _key_name(self, collection: str) -> str:
        return self._key_names.get(collection, DEFAULT_KEY_NAME)

    def _sealer(self, collection: str) -> Seal:
        name = self._key_name(collection)

        async def seal(field: Field, value: Any) -> Binary:  # noqa: ANN401 - any BSON value
            try:
                return await self._encrypt(value, field.mode, key_alt_name=name)
            except _UnsuitedError as error:
                raise FieldValueError(
                    f"field {field.path} ({field.mode}) cannot be encrypted",
                    got=f"a value of type {type(value).__name__}",
                    allowed="what BSON has and MongoDB encrypts",
                    fix="change the value, or the field's algorithm in documents/*.yaml",
                ) from error.__cause__

        return seal

    async def _encrypt(self, value: Any, mode: str, **key: Any) -> Binary:  # noqa: ANN401 - any BSON value
        """Encrypt with the data key that `key` names as PyMongo does: by `key_alt_name` or by `key_id`."""
        try:
            return await self._opened_driver().encrypt(value, _ALGORITHMS[mode], **key)
        except (BSONError, OverflowError, TypeError):
            raise _UnsuitedError from None  # the text of the cause may quote the value
        except DriverEncryptionError as error:
            if isinstance(error.cause, PyMongoError):
                raise error.cause from None
            raise self._failure(str(error.cause), next(iter(key.values()))) from error.cause

    async def _decrypt(self, value: Binary) -> Any:  # noqa: ANN401 - any BSON value
        try:
            return await self._opened_driver().decrypt(value)
        except DriverEncryptionError as error:
            cause = error.cause
        if isinstance(cause, PyMongoError):
            raise cause
        if value[:1] in _KINDS and len(value) >= _HEADER:
            # A changed ciphertext and a wrong master key fail with one text: whether the data key opens tells which.
            await self._encrypt(_PROBE, "random", key_id=Binary(bytes(value[1:_HEADER]), UUID_SUBTYPE))
        raise CiphertextError(
            "an encrypted value was changed or cut after it was encrypted",
            got=f"{len(value)} bytes of kind {value[:1].hex() or 'none'}",
            allowed="what encrypt() gave, unchanged",
            fix="restore the document from a backup, and look who wrote it last",
        ) from cause

    def _opened_driver(self) -> AsyncClientEncryption[Document]:
        if self._driver is None:
            raise EncryptionSettingsError(
                "this FieldEncryption is not open",
                got=repr(self),
                allowed="use inside `async with`",
                fix="async with FieldEncryption(mongo, master_key) as fields: ...",
            )
        return self._driver

    def _failure(self, said: str, key: object) -> EncryptionError:
        """The error for what libmongocrypt said about a data key; it quotes no values and no keys."""
        shown = key if isinstance(key, str) else f"with id {key.hex()}" if isinstance(key, bytes) else ""
        if "BSON type invalid" in said or "is invalid for encryption" in said:
            return _UnsuitedError()
        if "not all keys requested were satisfied" in said:
            return DataKeyError(
                f"data key {shown} is not in the key vault {self._key_vault}",
                got="no such key",
                allowed="the data keys that the stack declares, and all that ever encrypted a stored value",
                fix="`make up` makes a declared one; restore a removed one from a backup of the vault: without it its "
                "values are lost",
            )
        wrong = "HMAC validation failure" in said
        return MasterKeyError(
            f"the master key ({self._master_key.provider}) does not open data key {shown}",
            got="another key than it was wrapped with" if wrong else said[:_LONGEST],
            allowed="the master key that the data key was made or last rewrapped with",
            fix="take the stack's present master key" if wrong else "see what the key management service refused",
        )


class _UnsuitedError(EncryptionError):
    """A value that MongoDB does not encrypt; becomes an error that names its field."""

    def __init__(self) -> None:
        super().__init__("the value is of a type that is not encrypted")


def _declared_fields() -> Mapping[str, Mapping[str, str]]:
    """Of `walletdb.documents`, which is generated from documents/*.yaml."""
    try:
        fields: Mapping[str, Mapping[str, str]] = importlib.import_module("walletdb.documents").ENCRYPTED_FIELDS
    except (ImportError, AttributeError) as error:
        raise EncryptionSettingsError(
            "walletdb.documents does not say which fields are encrypted",
            got=str(error),
            allowed="ENCRYPTED_FIELDS in walletdb/documents.py, generated from documents/*.yaml",
            fix="generate it, or give FieldEncryption(fields=…)",
        ) from error
    return fields
