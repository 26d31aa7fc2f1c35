"""Which server, and as whom: one context of a kubeconfig, and nothing but a loopback address."""

import base64
import binascii
import ipaddress
import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from plugins.base import Props, ProviderError

__all__ = ["Access", "read_kubeconfig"]

INSTALL: Final = (
    "This is the rehearsal's stand-in, which never touches a real cluster; for one, install the official plugin "
    "(bin/pulumi plugin install resource kubernetes v4.34.2)"
)
_HTTPS_PORT: Final = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A server, and what proves who we are and who it is."""

    host: str
    port: int
    context: str
    namespace: str
    """Of objects that name none."""
    tls: ssl.SSLContext
    token: str

    def __str__(self) -> str:
        """Name the server; never a credential."""
        return f"https://{self.host}:{self.port} (context {self.context})"


def read_kubeconfig(config: Props) -> Access:
    """Return the access that the provider's settings name.

    Raises:
        ProviderError: there is no such file or context, something is missing in it, or the server is not loopback.
    """
    text, base = _text(config)
    document = _parsed(text)
    name = config.get("context") or document.get("current-context") or ""
    context = _named(document, "contexts", name, "context")
    cluster = _named(document, "clusters", context.get("cluster", ""), "cluster")
    user = _named(document, "users", context.get("user", ""), "user")
    host, port = _loopback(str(cluster.get("server", "")), name)
    return Access(
        host=host,
        port=port,
        context=name,
        namespace=str(config.get("namespace") or context.get("namespace") or "default"),
        tls=_tls(cluster, user, base),
        token=str(user.get("token", "")),
    )


def _text(config: Props) -> tuple[str, Path]:
    """Return the kubeconfig, and the folder that its relative paths start from."""
    given = str(config.get("kubeconfig") or os.environ.get("KUBECONFIG", ""))
    if not given:
        raise ProviderError(f"no kubeconfig: set the variable KUBECONFIG to its path. {INSTALL}")
    if "\n" in given or given.lstrip().startswith("{"):
        return given, Path.cwd()
    path = Path(given).expanduser()
    try:
        return path.read_text(encoding="utf-8"), path.parent
    except OSError as error:
        raise ProviderError(
            f"kubeconfig {path}: {error.strerror}. Correct the variable KUBECONFIG. {INSTALL}"
        ) from None


def _parsed(text: str) -> dict[str, Any]:
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        # The library quotes lines of the file, which may be keys.
        raise ProviderError(f"kubeconfig: it is no YAML ({type(error).__name__}); write it anew") from None
    if not isinstance(document, dict):
        raise ProviderError(f"kubeconfig: got a {type(document).__name__}, allowed is an object")
    return document


def _named(document: dict[str, Any], section: str, name: str, key: str) -> dict[str, Any]:
    entries = {str(entry.get("name")): entry for entry in document.get(section) or [] if isinstance(entry, dict)}
    entry = entries.get(name, {}).get(key)
    if not isinstance(entry, dict):
        there = ", ".join(sorted(entries)) or "none"
        raise ProviderError(f"kubeconfig: got {key} {name!r}, there are: {there}. Correct the name or the kubeconfig")
    return entry


def _loopback(server: str, context: str) -> tuple[str, int]:
    parts = urlsplit(server)
    host = parts.hostname or ""
    if parts.scheme != "https":
        raise ProviderError(f"context {context}: got server {server!r}, allowed is one that begins with https://")
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise ProviderError(f"context {context}: got server {server!r}, allowed is a loopback address. {INSTALL}")
    return host, parts.port or _HTTPS_PORT


def _tls(cluster: dict[str, Any], user: dict[str, Any], base: Path) -> ssl.SSLContext:
    if cluster.get("insecure-skip-tls-verify"):
        raise ProviderError("kubeconfig: insecure-skip-tls-verify is set; remove it, and name the server's authority")
    authority = _pem(cluster, "certificate-authority", base)
    context = ssl.create_default_context(cadata=authority) if authority else ssl.create_default_context()
    certificate, key = _pem(user, "client-certificate", base), _pem(user, "client-key", base)
    if bool(certificate) != bool(key):
        raise ProviderError("kubeconfig: the user has one of client-certificate and client-key; it needs both")
    if certificate:
        # The library reads files only; these live for as long as it reads them.
        with tempfile.TemporaryDirectory(prefix="kubernetes-") as folder:
            pair = Path(folder) / "client.pem"
            pair.touch(mode=0o600)
            pair.write_text(f"{certificate}\n{key}", encoding="utf-8")
            try:
                context.load_cert_chain(pair)
            except ssl.SSLError as error:
                raise ProviderError(
                    f"kubeconfig: the user's certificate and key do not serve ({error.reason})"
                ) from None
    return context


def _pem(entry: dict[str, Any], name: str, base: Path) -> str:
    """Return a certificate or key that is given as base64 text, or by its path."""
    data, path = entry.get(f"{name}-data"), entry.get(name)
    if data:
        try:
            return base64.b64decode(str(data), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise ProviderError(f"kubeconfig: {name}-data is no base64 of a PEM text; write it anew") from None
    if not path:
        return ""
    try:
        return (base / str(path)).read_text(encoding="utf-8")
    except OSError as error:
        raise ProviderError(f"kubeconfig: {name} {path}: {error.strerror}; correct the path") from None
