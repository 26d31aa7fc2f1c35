"""SCRAM-SHA-256 verifiers: does a stored one belong to a password? (RFC 5802, RFC 7677; pg_authid.rolpassword)."""

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

__all__ = ["belongs_to", "is_hashed"]

_VERIFIER: Final = re.compile(r"SCRAM-SHA-256\$(\d+):([^$]+)\$([^:]+):(.+)")
_MD5: Final = re.compile(r"md5[0-9a-f]{32}")


def is_hashed(password: str) -> bool:
    """Say whether a password is given in a form the server stores as it is."""
    return bool(_VERIFIER.fullmatch(password) or _MD5.fullmatch(password))


def belongs_to(verifier: str, password: str, user: str) -> bool:
    """Say whether the stored `verifier` is that of `password` for `user`.

    A password beyond ASCII is taken to be right: its normal form (SASLprep) is libpq's to know, and a false drift
    would set it anew on every run.
    """
    if verifier == password:
        return True
    if _MD5.fullmatch(verifier):
        digest = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()
        return hmac.compare_digest(verifier, f"md5{digest}")
    match = _VERIFIER.fullmatch(verifier)
    if match is None or is_hashed(password):
        return False
    if not password.isascii():
        return True
    try:
        salt, stored = base64.b64decode(match[2]), base64.b64decode(match[3])
    except binascii.Error:
        return False
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, int(match[1]))
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), stored)
