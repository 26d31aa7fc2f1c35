"""Where and as whom to connect: the provider's settings, checked."""

import os
from dataclasses import dataclass
from typing import Any, Final

from plugins.base import UNKNOWN, CheckFailure, Props, contains_unknown

__all__ = ["JSON_SETTINGS", "ConnectionSettings", "check_settings"]

JSON_SETTINGS: Final = frozenset(
    {"awsRdsIamAuth", "azureIdentityAuth", "clientcert", "connectTimeout", "maxConnections", "port", "superuser"},
)
_TEXTS: Final = ("database", "expectedVersion", "host", "password", "scheme", "sslmode", "sslrootcert", "username")
_SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
_LARGEST_PORT: Final = 65535
_OFFICIAL: Final = "Remove it, or install the official postgresql plugin"
# Defaults of the official provider. lib/pq, which it uses, asks for TLS unless told otherwise.
_DEFAULT_SSL_MODE: Final = "require"
_DEFAULT_CONNECT_TIMEOUT_S: Final = 180
_DEFAULT_MAX_CONNECTIONS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """A server and a user of it. Times in seconds; `database` is where roles and databases are managed from."""

    host: str
    port: int
    username: str
    password: str
    database: str
    sslmode: str
    sslrootcert: str
    client_certificate: str
    client_key: str
    client_inline: bool
    """Certificate, key and `sslrootcert` are PEM text, not paths: the official plugin has one switch for all."""
    superuser: bool
    connect_timeout_s: int
    max_connections: int

    @classmethod
    def from_config(cls, config: Props) -> "ConnectionSettings":
        """Read decoded and checked provider settings; what is missing comes from libpq's environment variables."""
        certificate = config.get("clientcert") or {}
        return cls(
            host=config.get("host") or os.environ.get("PGHOST", "localhost"),
            port=int(config.get("port") or os.environ.get("PGPORT", "5432")),
            username=config.get("username") or os.environ.get("PGUSER", "postgres"),
            password=config.get("password") or os.environ.get("PGPASSWORD", ""),
            database=config.get("database") or os.environ.get("PGDATABASE", "postgres"),
            sslmode=config.get("sslmode") or os.environ.get("PGSSLMODE", _DEFAULT_SSL_MODE),
            sslrootcert=config.get("sslrootcert") or "",
            client_certificate=certificate.get("cert", ""),
            client_key=certificate.get("key", ""),
            client_inline=bool(certificate.get("sslinline", False)),
            superuser=bool(config.get("superuser", True)),
            connect_timeout_s=int(config.get("connectTimeout") or _DEFAULT_CONNECT_TIMEOUT_S),
            max_connections=int(config.get("maxConnections") or _DEFAULT_MAX_CONNECTIONS),
        )

    def __str__(self) -> str:
        """Name the server and the user; never the password."""
        return f"{self.host}:{self.port} as {self.username}"


def check_settings(config: Props) -> list[CheckFailure]:
    """Return what is wrong with decoded provider settings; unknown values are left for later."""
    failures = [
        CheckFailure(name, f"{name}: the stand-in does not support this setting. {_OFFICIAL}")
        for name in sorted(config)
        if name not in _TEXTS and name not in ("clientcert", "connectTimeout", "maxConnections", "port", "superuser")
    ]
    failures += [
        CheckFailure(name, f"{name}: got {config[name]!r}, allowed is text")
        for name in _TEXTS
        if name != "password" and not isinstance(config.get(name, ""), str) and config[name] is not UNKNOWN
    ]
    failures += _check_number(config, "port", 1, _LARGEST_PORT)
    failures += _check_number(config, "connectTimeout", 0, None)
    failures += _check_number(config, "maxConnections", 0, None)
    superuser = config.get("superuser", True)
    if superuser is not UNKNOWN and not isinstance(superuser, bool):
        failures.append(CheckFailure("superuser", f"superuser: got {superuser!r}, allowed is true or false"))
    mode = config.get("sslmode")
    if isinstance(mode, str) and mode not in _SSL_MODES:
        failures.append(CheckFailure("sslmode", f"sslmode: got {mode!r}, allowed are {', '.join(_SSL_MODES)}"))
    if config.get("scheme", "postgres") not in ("postgres", UNKNOWN):
        failures.append(CheckFailure("scheme", f"scheme: got {config['scheme']!r}, allowed is postgres. {_OFFICIAL}"))
    return failures + _check_certificate(config.get("clientcert")) + _check_authority(config)


def _check_number(config: Props, name: str, least: int, most: int | None) -> list[CheckFailure]:
    value = config.get(name, least)
    if value is UNKNOWN:
        return []
    whole = isinstance(value, int) and not isinstance(value, bool)
    if whole and value >= least and (most is None or value <= most):
        return []
    allowed = f"a whole number from {least}" + (f" to {most}" if most is not None else "")
    return [CheckFailure(name, f"{name}: got {value!r}, allowed is {allowed}")]


def _check_certificate(value: Any) -> list[CheckFailure]:
    if value is None or contains_unknown(value):
        return []
    if not isinstance(value, dict) or not value.get("cert") or not value.get("key"):
        return [
            CheckFailure("clientcert", "clientcert: allowed is an object with cert and key, both paths or both PEM")
        ]
    extra = sorted(set(value) - {"cert", "key", "sslinline"})
    return [CheckFailure("clientcert", f"clientcert.{name}: unknown, allowed: cert, key, sslinline") for name in extra]


def _check_authority(config: Props) -> list[CheckFailure]:
    """Certificates as text need the authority as text, too: the official plugin would read its path as one."""
    certificate, authority = config.get("clientcert"), config.get("sslrootcert")
    inline = isinstance(certificate, dict) and certificate.get("sslinline") is True
    if not inline or not isinstance(authority, str) or not authority or "-----BEGIN" in authority:
        return []
    reason = f"sslrootcert: got {authority!r}, allowed is PEM text, as clientcert.sslinline is set"
    return [CheckFailure("sslrootcert", reason)]
