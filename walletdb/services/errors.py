"""Errors of the clients for services. No text here ever holds a password, a key or a personal value."""

from __future__ import annotations

from walletdb.errors import WalletdbError

__all__ = [
    "CiphertextError",
    "CommitUnknownError",
    "DataKeyError",
    "EncryptionError",
    "EncryptionSettingsError",
    "FieldQueryError",
    "FieldValueError",
    "MasterKeyError",
    "MongoServiceError",
    "MongoSettingsError",
    "TransactionExpiredError",
]


class MongoServiceError(WalletdbError):
    """Base of what the MongoDB client for services raises of its own; the driver's errors pass through as they are."""


class MongoSettingsError(MongoServiceError):
    """A URI or an option cannot be used; nothing was connected."""


class TransactionExpiredError(MongoServiceError):
    """A transaction was tried again until its time was up. Nothing of it is committed."""


class CommitUnknownError(MongoServiceError):
    """A commit was sent and no server said what came of it: it may be committed or not. Read before doing it again."""


class EncryptionError(WalletdbError):
    """Base of the errors of field-level encryption."""


class EncryptionSettingsError(EncryptionError):
    """A key, its file, or the map of fields cannot be used; nothing was encrypted."""


class MasterKeyError(EncryptionError):
    """The master key does not open the data key: it is another one than the data key was wrapped with."""


class DataKeyError(EncryptionError):
    """A data key is not in the key vault: never made, removed, or under another name."""


class CiphertextError(EncryptionError):
    """A ciphertext was changed or cut after it was made; its data key is there and opens."""


class FieldValueError(EncryptionError):
    """A value cannot be encrypted the way its field says."""


class FieldQueryError(EncryptionError):
    """An encrypted field cannot be asked for like this; sent as it is, the query would show the value in clear."""
