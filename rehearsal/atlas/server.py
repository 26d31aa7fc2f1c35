"""The HTTP server: authentication, media types, bodies, and answers in Atlas's shape."""

import json
import traceback
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from rehearsal.atlas.access import ACCESS_ROUTES
from rehearsal.atlas.alerts import ALERT_ROUTES
from rehearsal.atlas.aws_side import AwsSide
from rehearsal.atlas.backups import BACKUP_ROUTES
from rehearsal.atlas.clusters import CLUSTER_ROUTES
from rehearsal.atlas.digest import Digest
from rehearsal.atlas.errors import ApiError
from rehearsal.atlas.groups import GROUP_ROUTES
from rehearsal.atlas.integrations import INTEGRATION_ROUTES
from rehearsal.atlas.mongod import Mongods
from rehearsal.atlas.network import NETWORK_ROUTES
from rehearsal.atlas.routes import Call, Routes, find_route, resolve_version
from rehearsal.atlas.security import SECURITY_ROUTES
from rehearsal.atlas.state import State

__all__ = ["ROUTES", "Emulator"]

ROUTES: Final[Routes] = (
    *GROUP_ROUTES,
    *CLUSTER_ROUTES,
    *BACKUP_ROUTES,
    *SECURITY_ROUTES,
    *NETWORK_ROUTES,
    *ACCESS_ROUTES,
    *ALERT_ROUTES,
    *INTEGRATION_ROUTES,
)
_LONGEST_BODY: Final = 4 * 1024 * 1024


class Emulator(ThreadingHTTPServer):
    """Listens at once on a port of loopback (0: any); `serve_forever` answers."""

    daemon_threads = True

    def __init__(self, directory: Path, port: int, environment: Mapping[str, str], *, settle_s: float = 1.0) -> None:
        """Keep the state in `directory`; clusters are there after `settle_s` seconds."""
        self.digest = Digest(environment["MONGODB_ATLAS_PUBLIC_KEY"], environment["MONGODB_ATLAS_PRIVATE_KEY"])
        self.state = State(directory / "atlas.json")
        self.mongods = Mongods(directory / "servers.json")
        self.aws = AwsSide(environment)
        self.settle_s = settle_s
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    """One connection; `server` is the emulator."""

    server: Emulator
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer("GET")

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer("POST")

    def do_PUT(self) -> None:
        """Answer a PUT."""
        self._answer("PUT")

    def do_PATCH(self) -> None:
        """Answer a PATCH."""
        self._answer("PATCH")

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._answer("DELETE")

    def _answer(self, method: str) -> None:
        # Read in any case: what is left in the connection would be taken for the next request.
        raw = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _LONGEST_BODY))
        if not self.server.digest.accepts(self.headers.get("Authorization", ""), method):
            self._send(
                HTTPStatus.UNAUTHORIZED, _UNAUTHORIZED.body(), {"WWW-Authenticate": self.server.digest.challenge()}
            )
            return
        try:
            status, body, version = self._handle(method, raw)
        except ApiError as error:
            self._send(error.status, error.body(), {})
        except Exception as error:  # noqa: BLE001 - an answer says more than a closed connection
            traceback.print_exc()
            detail = f"The emulator failed: {type(error).__name__}: {error}"
            failed = ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "UNEXPECTED_ERROR", detail)
            self._send(failed.status, failed.body(), {})
        else:
            self._send(status, body, {"Content-Type": f"application/vnd.atlas.{version}+json;charset=utf-8"})

    def _handle(self, method: str, raw: bytes) -> tuple[HTTPStatus, object, str]:
        parts = urlsplit(self.path)
        route, named = find_route(ROUTES, method, parts.path)
        version = resolve_version(route, self.headers.get("Accept", ""))
        body = self._body(raw)
        if body is not None:
            resolve_version(route, self.headers.get("Content-Type", ""))
        route.check(body)
        server = self.server
        call = Call(
            state=server.state,
            mongods=server.mongods,
            aws=server.aws,
            settle_s=server.settle_s,
            path={name: unquote(value) for name, value in named.items()},
            query=dict(parse_qsl(parts.query)),
            body=body,
        )
        with server.state.lock:
            answer = route.handler(call)
            if method != "GET":
                server.state.save()
        return route.status, answer, version

    def _body(self, raw: bytes) -> Any:
        if not raw:
            return None
        try:
            return json.loads(raw)
        except ValueError as error:
            detail = f"Received JSON is malformed: {error}."
            raise ApiError(HTTPStatus.BAD_REQUEST, "INVALID_JSON", detail) from None

    def _send(self, status: HTTPStatus, body: object, headers: Mapping[str, str]) -> None:
        content = b"" if status == HTTPStatus.NO_CONTENT else json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing of each request: the log is for what fails."""


_UNAUTHORIZED: Final = ApiError(
    HTTPStatus.UNAUTHORIZED, "USER_UNAUTHORIZED", "You are not authorized for this resource."
)
