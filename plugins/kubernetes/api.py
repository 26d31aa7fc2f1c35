"""The API server as the plugin asks it: JSON over HTTPS, one connection a thread, one attempt a request."""

import http.client
import json
import threading
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from plugins.base import ProviderError
from plugins.kubernetes.kubeconfig import Access

__all__ = ["Api", "Kind", "RefusedError", "UnreachableError"]

Document = dict[str, Any]
_TIMEOUT_S: Final = 20.0
_APPLY: Final = "application/apply-patch+yaml"


class UnreachableError(ProviderError):
    """No server answers."""


class RefusedError(ProviderError):
    """The server answered with an error; `status` is HTTP's, `answer` the server's Status object."""

    def __init__(self, message: str, status: int, answer: Document) -> None:
        """Keep what the server said."""
        super().__init__(message)
        self.status = status
        self.answer = answer

    @property
    def about(self) -> str:
        """The resource that the error is about, in the plural; `namespaces` where the namespace is what is missing."""
        return str((self.answer.get("details") or {}).get("kind", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind that the server has."""

    api_version: str
    name: str
    plural: str
    namespaced: bool

    def path(self, namespace: str, name: str = "") -> str:
        """Return the path of an object, or of all of a namespace."""
        root = f"/api/{self.api_version}" if "/" not in self.api_version else f"/apis/{self.api_version}"
        inside = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced else ""
        return f"{root}{inside}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


@dataclass
class Api:
    """One server."""

    access: Access
    _local: threading.local = field(default_factory=threading.local)
    _open: list[http.client.HTTPSConnection] = field(default_factory=list)
    _kinds: dict[tuple[str, str], Kind] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def close(self) -> None:
        """Close all connections."""
        while self._open:
            self._open.pop().close()

    def kind(self, api_version: str, name: str) -> Kind | None:
        """Return a kind, or None where the server does not have it (yet: a definition may come at any time)."""
        with self._lock:
            if (api_version, name) not in self._kinds:
                self._kinds.update({(api_version, kind.name): kind for kind in self._discover(api_version)})
            return self._kinds.get((api_version, name))

    def _discover(self, api_version: str) -> list[Kind]:
        root = f"/api/{api_version}" if "/" not in api_version else f"/apis/{api_version}"
        try:
            answer, _ = self.request("GET", root)
        except RefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return []
            raise
        return [
            Kind(api_version=api_version, name=one["kind"], plural=one["name"], namespaced=bool(one["namespaced"]))
            for one in answer.get("resources", [])
            if "/" not in one["name"]  # with a slash: a part of an object, such as its status
        ]

    def get(self, kind: Kind, namespace: str, name: str) -> Document | None:
        """Return an object, or None where it is not there."""
        try:
            return self.request("GET", kind.path(namespace, name))[0]
        except RefusedError as error:
            if error.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def apply(
        self, kind: Kind, document: Document, *, manager: str, force: bool, dry_run: bool
    ) -> tuple[Document, list[str]]:
        """Apply an object as `manager`; return what it is then, and the server's warnings."""
        metadata = document["metadata"]
        query = {"fieldManager": manager, "fieldValidation": "Strict", "force": str(force).lower()}
        if dry_run:
            query["dryRun"] = "All"
        path = kind.path(metadata.get("namespace", ""), metadata["name"])
        return self.request("PATCH", f"{path}?{urlencode(query)}", document, _APPLY)

    def delete(self, kind: Kind, namespace: str, name: str, *, uid: str, propagation: str) -> None:
        """Delete the object with this uid; one that is gone already is no error."""
        body: Document = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": propagation}
        if uid:
            body["preconditions"] = {"uid": uid}
        try:
            self.request("DELETE", kind.path(namespace, name), body)
        except RefusedError as error:
            # A conflict is another object of the same name: ours is gone.
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT):
                raise

    def request(
        self, method: str, path: str, body: Document | None = None, content_type: str = "application/json"
    ) -> tuple[Document, list[str]]:
        """Send one request.

        Raises:
            UnreachableError: no answer came.
            RefusedError: the answer is an error.
        """
        headers = {"Accept": "application/json", "Content-Type": content_type}
        if self.access.token:
            headers["Authorization"] = f"Bearer {self.access.token}"
        payload = None if body is None else json.dumps(body)
        try:
            status, text, warnings = self._exchange(method, path, payload, headers)
        except (OSError, http.client.HTTPException) as error:
            cause = " ".join(str(error).split()) or type(error).__name__
            raise UnreachableError(
                f"no Kubernetes API server answers at {self.access}: {cause}. Start it, or correct the kubeconfig"
            ) from None
        answer = _document(text)
        if status >= HTTPStatus.BAD_REQUEST:
            raise RefusedError(str(answer.get("message") or f"HTTP {status}"), status, answer)
        return answer, warnings

    def _exchange(
        self, method: str, path: str, payload: str | None, headers: dict[str, str]
    ) -> tuple[int, str, list[str]]:
        kept: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        try:
            return self._send(kept or self._connect(), method, path, payload, headers)
        except (OSError, http.client.HTTPException):
            self._local.connection = None
            if kept is None:
                raise
            kept.close()
        # The server may have closed an idle connection: that says nothing about the request.
        return self._send(self._connect(), method, path, payload, headers)

    def _connect(self) -> http.client.HTTPSConnection:
        access = self.access
        connection = http.client.HTTPSConnection(access.host, access.port, timeout=_TIMEOUT_S, context=access.tls)
        self._local.connection = connection
        self._open.append(connection)
        return connection

    @staticmethod
    def _send(
        connection: http.client.HTTPSConnection, method: str, path: str, payload: str | None, headers: dict[str, str]
    ) -> tuple[int, str, list[str]]:
        connection.request(method, path, payload, headers)
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
        warnings = [_warning(line) for line in answer.headers.get_all("Warning") or []]
        return answer.status, text, warnings


def _document(text: str) -> Document:
    try:
        answer = json.loads(text)
    except ValueError:
        return {"message": " ".join(text.split())[:300]}
    return answer if isinstance(answer, dict) else {}


def _warning(line: str) -> str:
    """Return the text of a header `Warning: 299 - "text"`."""
    _, _, rest = line.partition('"')
    return (rest.rpartition('"')[0] or line).replace('\\"', '"')
