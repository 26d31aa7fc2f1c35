"""Requests to Atlas's Admin API v2: digest authentication, media types with a version, errors in words.

It talks to loopback only: this plugin must never touch a real account.
"""

import hashlib
import http.client
import ipaddress
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from plugins.base import Context, ProviderError
from plugins.mongodbatlas.errors import AtlasError

__all__ = ["Api", "check_base_url", "segment"]

_PREFIX: Final = "/api/atlas/v2"
_TIMEOUT_S: Final = 20.0
_POLL_S: Final = 0.2
_PAIR: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]+))')
_UNAUTHORIZED: Final = 401
_FIRST_ERROR: Final = 400
FIRST_VERSION: Final = "2023-01-01"
_INSTALL: Final = "bin/pulumi plugin install resource mongodbatlas v4.18.0"
_Found = TypeVar("_Found")


def check_base_url(url: str) -> str:
    """Return why the plugin may not talk to that address; empty where it may."""
    parts = urlsplit(url)
    try:
        loopback = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        loopback = False
    if parts.scheme == "http" and loopback:
        return ""
    return (
        "this is the rehearsal's stand-in for the mongodbatlas plugin, and it talks to an emulator on this machine "
        f"only: got MONGODB_ATLAS_BASE_URL {url or 'not set'}, allowed is http:// with an address of loopback. "
        f"For a real project, install the official plugin: {_INSTALL}"
    )


class Api:
    """Atlas's API at one address, with one key. Safe to use from many threads: each request has a connection."""

    def __init__(self, base_url: str, public_key: str, private_key: str) -> None:
        """Connect to nothing yet.

        Raises:
            ProviderError: the address is not of this machine.
        """
        fault = check_base_url(base_url)
        if fault:
            raise ProviderError(fault)
        self._address = urlsplit(base_url).netloc
        self._public_key = public_key
        self._private_key = private_key

    def get(self, path: str, version: str = FIRST_VERSION) -> Any:
        """Return what is there."""
        return self._request("GET", path, None, version)

    def find(self, path: str, version: str = FIRST_VERSION) -> Any | None:
        """Return what is there; None where nothing is."""
        try:
            return self.get(path, version)
        except AtlasError as error:
            if error.gone:
                return None
            raise

    def post(self, path: str, body: Any = None, version: str = FIRST_VERSION) -> Any:
        """Make something."""
        return self._request("POST", path, body, version)

    def put(self, path: str, body: Any, version: str = FIRST_VERSION) -> Any:
        """Replace something."""
        return self._request("PUT", path, body, version)

    def patch(self, path: str, body: Any, version: str = FIRST_VERSION) -> Any:
        """Change something."""
        return self._request("PATCH", path, body, version)

    def delete(self, path: str, version: str = FIRST_VERSION, **query: str) -> None:
        """Remove something; what is gone is no error."""
        try:
            self._request("DELETE", f"{path}?{urlencode(query)}" if query else path, None, version)
        except AtlasError as error:
            if not error.gone:
                raise

    def wait(self, what: str, ctx: Context, probe: Callable[[], _Found | None]) -> _Found:
        """Return what `probe` finds at last; it returns None while there is nothing yet.

        Raises:
            ProviderError: the time is over, or the operation was cancelled.
        """
        while True:
            found = probe()
            if found is not None:
                return found
            if ctx.cancelled.is_set() or ctx.remaining_s() <= 0:
                why = "the operation was cancelled" if ctx.cancelled.is_set() else f"waited {ctx.timeout_s:g} s"
                raise ProviderError(f"{what} is not there yet: {why}; run the update again to go on waiting")
            time.sleep(_POLL_S)

    def _request(self, method: str, path: str, body: Any, version: str) -> Any:
        url = f"{_PREFIX}{path}"
        media = f"application/vnd.atlas.{version}+json"
        headers = {"Accept": media, **({"Content-Type": media} if body is not None else {})}
        content = None if body is None else json.dumps(body)
        status, answer, challenge = self._send(method, url, content, headers)
        if status == _UNAUTHORIZED and challenge:
            headers["Authorization"] = self._authorization(method, url, challenge)
            status, answer, _ = self._send(method, url, content, headers)
        if status >= _FIRST_ERROR:
            raise _error(status, answer, f"{method} {path}")
        return json.loads(answer) if answer else None

    def _send(self, method: str, url: str, content: str | None, headers: Mapping[str, str]) -> tuple[int, bytes, str]:
        connection = http.client.HTTPConnection(self._address, timeout=_TIMEOUT_S)
        try:
            connection.request(method, url, content, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers.get("WWW-Authenticate", "")
        except (OSError, http.client.HTTPException) as error:
            raise ProviderError(
                f"no Atlas API answers at http://{self._address} ({method} {url}): {type(error).__name__} {error}. "
                "Start the emulator (`make rehearse` does), or correct MONGODB_ATLAS_BASE_URL"
            ) from None
        finally:
            connection.close()

    def _authorization(self, method: str, url: str, challenge: str) -> str:
        given = {name: quoted or plain for name, quoted, plain in _PAIR.findall(challenge)}
        realm, nonce, cnonce = given.get("realm", ""), given.get("nonce", ""), secrets.token_hex(8)
        whose = _md5(f"{self._public_key}:{realm}:{self._private_key}")
        response = _md5(f"{whose}:{nonce}:00000001:{cnonce}:auth:{_md5(f'{method}:{url}')}")
        return (
            f'Digest username="{self._public_key}", realm="{realm}", nonce="{nonce}", uri="{url}", algorithm=MD5, '
            f'qop=auth, nc=00000001, cnonce="{cnonce}", response="{response}"'
        )


def segment(text: str) -> str:
    """Return a text as one part of a path."""
    return quote(text, safe="")


def _error(status: int, answer: bytes, request: str) -> AtlasError:
    try:
        found = json.loads(answer)
    except ValueError:
        found = {}
    code, detail = str(found.get("errorCode", "")), str(found.get("detail", "no further text"))
    hint = ""
    if status == _UNAUTHORIZED:
        hint = ". Set MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY to a key of the organization"
    return AtlasError(status, code, f"Atlas refuses {request} ({status} {code}): {detail}{hint}")


def _md5(text: str) -> str:
    # Digest authentication as Atlas wants it; over loopback there is nothing to protect.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
