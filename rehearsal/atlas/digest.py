"""HTTP digest authentication (RFC 7616, MD5 and qop=auth), as Atlas's API asks for it."""

import hashlib
import hmac
import re
import secrets
from typing import Final

__all__ = ["Digest"]

REALM: Final = "MMS Public API"
_PAIR: Final = re.compile(r'(\w+)=(?:"([^"]*)"|([^,\s]+))')
_KEPT_NONCES: Final = 10_000


class Digest:
    """Challenges, and checks answers to them, for one key."""

    def __init__(self, public_key: str, private_key: str) -> None:
        """Accept this key only."""
        self._public_key = public_key
        self._private_key = private_key
        self._nonces: dict[str, None] = {}

    def challenge(self) -> str:
        """Return a WWW-Authenticate header with a nonce of its own."""
        nonce = secrets.token_urlsafe(24)
        self._nonces[nonce] = None
        while len(self._nonces) > _KEPT_NONCES:
            self._nonces.pop(next(iter(self._nonces)))
        return f'Digest realm="{REALM}", domain="", nonce="{nonce}", algorithm=MD5, qop="auth", stale=false'

    def accepts(self, authorization: str, method: str) -> bool:
        """Say whether an Authorization header answers one of the challenges with the key."""
        scheme, _, rest = authorization.partition(" ")
        given = {name: quoted or plain for name, quoted, plain in _PAIR.findall(rest)}
        names = ("username", "realm", "nonce", "uri", "nc", "cnonce", "response")
        if scheme.lower() != "digest" or given.get("qop") != "auth" or not all(name in given for name in names):
            return False
        if given["nonce"] not in self._nonces or given["username"] != self._public_key or given["realm"] != REALM:
            return False
        whose = _md5(f"{self._public_key}:{REALM}:{self._private_key}")
        what = _md5(f"{method}:{given['uri']}")
        wanted = _md5(f"{whose}:{given['nonce']}:{given['nc']}:{given['cnonce']}:auth:{what}")
        return hmac.compare_digest(wanted, given["response"])


def _md5(text: str) -> str:
    # The scheme is Atlas's choice; over loopback and with a made-up key there is nothing to protect.
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
