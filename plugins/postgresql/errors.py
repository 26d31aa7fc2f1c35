"""Server errors as texts a user can act on."""

from typing import Final

import psycopg
from psycopg import errors as pg

from plugins.base import ProviderError

__all__ = [
    "DatabaseMissingError",
    "StatementError",
    "UnreachableError",
    "UntrustedError",
    "describe",
    "is_passing",
    "is_untrusted",
    "names_missing_database",
]

# Connection errors carry no SQLSTATE in libpq, only text: these are what passes by itself (a server that starts, a
# fail-over under way, a full server). Everything else (authentication, certificates, a wrong name) does not.
_PASSING: Final = (
    "connection refused",
    "connection reset",
    "broken pipe",
    "timeout expired",
    "timed out",
    "no route to host",
    "network is unreachable",
    "no such file or directory\n\tis the server running",
    "server closed the connection unexpectedly",
    "closed unexpectedly",
    "ssl syscall error",
    "unexpected eof",
    "the database system is",
    "too many clients",
    "remaining connection slots",
    "could not translate host name",
    "failed to resolve host",
)
# Not accepted by the one side or the other, for example because it has expired or the clock was wrong when it was made.
_UNTRUSTED: Final = (
    "certificate verify failed",
    "alert bad certificate",
    "alert certificate expired",
    "alert unknown ca",
)
_ADVICE: Final[dict[type[psycopg.Error], str]] = {
    pg.DuplicateObject: "Bring it under this stack with `pulumi import`, or drop it",
    pg.DuplicateDatabase: "Bring it under this stack with `pulumi import`, or drop it",
    pg.DuplicateSchema: "Bring it under this stack with `pulumi import`, set ifNotExists, or drop it",
    pg.DuplicateFunction: "Bring it under this stack with `pulumi import`, or drop it",
    pg.UndefinedObject: "Create it first: give this resource depends_on the one that makes it",
    pg.InvalidSchemaName: "Create it first: give this resource depends_on the schema",
    pg.UndefinedTable: "Create it first, or leave it out of objects",
    pg.UndefinedFunction: "Create it first: give this resource depends_on the function",
    pg.InsufficientPrivilege: "The stand-in needs a user that owns the object, or a superuser",
    pg.LockNotAvailable: "Another operation holds the lock: wait for it to end, then run this again",
    pg.QueryCanceled: "It took longer than the resource's time-out: see custom_timeouts, and what blocks the server",
    pg.FeatureNotSupported: "Install what is missing on every member, or remove the resource",
    pg.UndefinedFile: "Install the extension's package on every member, or remove the resource",
}


class UnreachableError(ProviderError):
    """The server did not answer in time, or refused to for a passing reason."""


class UntrustedError(ProviderError):
    """A certificate, the server's or ours, is not accepted."""


class DatabaseMissingError(ProviderError):
    """The server answers, but has no database of that name."""


class StatementError(ProviderError):
    """The server refused a statement; `cause` is its error."""

    def __init__(self, text: str, cause: psycopg.Error) -> None:
        """Keep both the text for the user and the error for who wants to say more."""
        super().__init__(text)
        self.cause = cause


def is_passing(error: psycopg.Error) -> bool:
    """Say whether a failure to connect is of the kind that passes by itself."""
    text = str(error).lower()
    return any(part in text for part in _PASSING)


def is_untrusted(error: psycopg.Error) -> bool:
    """Say whether a failure to connect is that a certificate was not accepted."""
    text = str(error).lower()
    return any(part in text for part in _UNTRUSTED)


def names_missing_database(error: psycopg.Error, database: str) -> bool:
    """Say whether a failure to connect is that there is no such database (libpq gives only the text)."""
    return f'database "{database}" does not exist' in str(error)


def describe(error: psycopg.Error) -> str:
    """Return cause, detail, hint and fix of a server's error in one text."""
    diagnostic = error.diag
    parts = [diagnostic.message_primary or " ".join(str(error).split()) or type(error).__name__]
    parts += [text for text in (diagnostic.message_detail, diagnostic.message_hint) if text]
    parts += [text for kind, text in _ADVICE.items() if isinstance(error, kind)]
    return ". ".join(part.rstrip(".") for part in parts)
