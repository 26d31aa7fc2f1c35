"""Connections to the members of a replica set, as the members make them among themselves.

A client that shows a member's certificate (its subject has the members' organizational unit) and logs in by it is
MongoDB's internal user `__system`: it may do everything, needs no user to exist, and can be nobody who does not hold
a member's key. https://www.mongodb.com/docs/manual/core/security-internal-authentication/
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from localproc.errors import LocalprocError

__all__ = [
    "Address",
    "Document",
    "MemberIdentity",
    "MongoError",
    "command",
    "connected",
    "hello",
    "take_up_certificate",
]

Document = dict[str, Any]
HELLO_S = 1.0
ANSWER_S = 10.0
"""A command of administration answers within milliseconds; one that waits says how long itself."""


class MongoError(LocalprocError):
    """A member did not answer, or refused. `code` is MongoDB's number of the error, 0 where it did not answer."""

    def __init__(self, text: str, code: int = 0) -> None:
        super().__init__(text)
        self.code = code


@dataclasses.dataclass(frozen=True, order=True)
class Address:
    """Where a member listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclasses.dataclass(frozen=True)
class MemberIdentity:
    """Files of one member, by which it is a member: certificate with key, and the trusted authorities."""

    certificate_key_file: Path
    ca_file: Path

    @classmethod
    def of(cls, folder: Path) -> MemberIdentity:
        """That of the member with this folder."""
        return cls(folder / "tls" / "member.pem", folder / "tls" / "ca.crt")


@contextlib.contextmanager
def connected(
    address: Address, identity: MemberIdentity, *, timeout_s: float = 3, verify: bool = True
) -> Iterator[MongoClient[Document]]:
    """A client of one member alone, as `__system`; it connects when it is first used.

    Raises:
        MongoError: the member does not answer, does not prove who it is, or refuses a command.
    """
    try:
        with _client(address, identity, timeout_s, login=True, verify=verify) as client:
            yield client
    except OperationFailure as error:
        msg = f"{address} refused: {error.details['errmsg'] if error.details else error}"
        raise MongoError(msg, error.code or 0) from error
    except (PyMongoError, OSError) as error:
        # The text of a failed selection goes on with the whole topology, which says the same once more.
        msg = f"{address} does not answer: {str(error).split(', Timeout:', 1)[0]}"
        raise MongoError(msg) from error


def take_up_certificate(address: Address, identity: MemberIdentity) -> None:
    """Have a member read its certificate and authorities anew, without losing a connection.

    The certificate that it shows may have run out, which is why it is to have another: it is not verified. Who logs in
    does so by a certificate and sends no secret.

    Raises:
        MongoError: the member does not answer, or does not accept the new certificate.
    """
    with connected(address, identity, verify=False) as client:
        client.admin.command("rotateCertificates")


def _client(
    address: Address, identity: MemberIdentity, timeout_s: float, *, login: bool, verify: bool = True
) -> MongoClient[Document]:
    """A client of one member.

    Raises:
        PyMongoError: the identity's files are no certificate and key.
        OSError: they cannot be read.
    """
    milliseconds = int(timeout_s * 1000)
    options: dict[str, Any] = {"authMechanism": "MONGODB-X509"} if login else {}
    if not verify:
        options["tlsAllowInvalidCertificates"] = True
    return MongoClient(
        address.host,
        address.port,
        directConnection=True,
        tls=True,
        tlsCertificateKeyFile=str(identity.certificate_key_file),
        tlsCAFile=str(identity.ca_file),
        serverSelectionTimeoutMS=milliseconds,
        connectTimeoutMS=milliseconds,
        socketTimeoutMS=int(max(timeout_s, ANSWER_S) * 1000),
        appname="localproc",
        **options,
    )


def command(
    address: Address,
    identity: MemberIdentity,
    name: str,
    value: object = 1,
    options: Mapping[str, object] | None = None,
    *,
    timeout_s: float = 3,
) -> Document:
    """One command to a member's database `admin`.

    Raises:
        MongoError: the member does not answer, or refuses.
    """
    with connected(address, identity, timeout_s=timeout_s) as client:
        return client.admin.command({name: value, **(options or {})})


def hello(address: Address, identity: MemberIdentity) -> Mapping[str, Any]:
    """What a member says of itself to anybody; empty when it does not answer.

    Nobody logs in for it, since an arbiter holds no users: what it says is used to tell whether a member is up.
    """
    with contextlib.suppress(PyMongoError, OSError), _client(address, identity, HELLO_S, login=False) as client:
        return client.admin.command("hello")
    return {}
