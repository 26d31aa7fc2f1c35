"""Small JSON requests over TLS 1.3 with a client certificate: Patroni's REST interface and etcd's gateway."""

from __future__ import annotations

import dataclasses
import http
import http.client
import json
import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["ClientIdentity", "Reply", "request"]


@dataclasses.dataclass(frozen=True)
class ClientIdentity:
    """Files that prove who we are and say whom we trust."""

    ca_file: Path
    certificate: Path
    key: Path

    def context(self) -> ssl.SSLContext:
        """A TLS 1.3 context that verifies chain and host name."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclasses.dataclass(frozen=True)
class Reply:
    """An answer: HTTP status and the decoded JSON body (text where it is not JSON)."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Whether the status is 200."""
        return self.status == http.HTTPStatus.OK


def request(
    identity: ClientIdentity, method: str, url: str, body: object = None, *, timeout_s: float = 3
) -> Reply | None:
    """One request; None when no answer came (refused, timed out, TLS failed): the caller decides what that means."""
    parts = urlsplit(url)
    try:
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=timeout_s, context=identity.context()
        )
        try:
            payload = None if body is None else json.dumps(body)
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.request(method, target, payload, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode("utf-8", "replace")
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return None
    try:
        return Reply(answer.status, json.loads(text))
    except ValueError:
        return Reply(answer.status, text)
