"""The connection to the emulator: an endpoint on this machine, credentials, clients, and texts of what goes wrong.

It never reaches a real cloud: without an endpoint on a loopback address there is no connection at all.
"""

import ipaddress
import json
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from plugins.aws.store import Store
from plugins.base import ProviderError

__all__ = ["OFFICIAL", "VERSION", "Aws", "code_of", "connect", "text_of", "unless_gone"]

VERSION: Final = "7.51.1"
OFFICIAL: Final = f"install the official plugin: bin/pulumi plugin install resource aws v{VERSION}"
_PARTITION: Final = "aws"
_CONNECT_TIMEOUT_S: Final = 5
# The emulator shares its processor with a whole rehearsal.
_READ_TIMEOUT_S: Final = 60
_CONNECTIONS: Final = 64  # as many as the plugin has worker threads
_NOT_IMPLEMENTED: Final = 500
_REHEARSAL: Final = "FASHION_WALLET_REHEARSAL"
# Where credentials of a machine in the cloud come from: asking there would wait, and they are no rehearsal's.
_OF_MACHINES: Final = ("iam-role", "container-role")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Connections:
    """Clients by service and region, made once: making one loads a description of the whole service."""

    endpoint: str
    session: Any
    made: dict[tuple[str, str], Any] = field(default_factory=dict)
    lock: Any = field(default_factory=threading.Lock)

    def client(self, service: str, region: str) -> Any:
        with self.lock:
            if (service, region) not in self.made:
                client = self.session.create_client(
                    service, region_name=region, endpoint_url=self.endpoint, config=_config()
                )
                client.meta.events.register(f"before-parse.{client.meta.service_model.service_id.hyphenize()}", _refuse)
                self.made[service, region] = client
            return self.made[service, region]


@dataclass(frozen=True, kw_only=True)
class Aws:
    """One account in one region of the emulator, and what the rehearsal keeps beside it."""

    region: str
    account_id: str
    caller_arn: str
    user_id: str
    connections: _Connections

    def client(self, service: str) -> Any:
        """Return the client of a service by its name in boto3, say `rds`; one attempt a call."""
        return self.connections.client(service, self.region)

    def at(self, region: str | None) -> "Aws":
        """Return the same account in another region; None is this one."""
        return self if region in (None, "", self.region) else replace(self, region=str(region))

    def arn(self, service: str, rest: str, *, region: bool = True) -> str:
        """Return the ARN of a thing of this account; those of global services name no region."""
        return f"arn:{_PARTITION}:{service}:{self.region if region else ''}:{self.account_id}:{rest}"

    @cached_property
    def store(self) -> Store:
        """Return what is kept for things that the emulator does not know. Raises ProviderError outside a rehearsal."""
        return Store(_folder() / "kept")

    @cached_property
    def servers(self) -> dict[str, Any]:
        """Return the real servers on this machine that endpoints resolve to, from `servers.json` of the rehearsal."""
        path = _folder() / "servers.json"
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError) as error:
            raise ProviderError(
                f"cannot read the rehearsal's servers from {path}: {error}. Start them first: make rehearse"
            ) from None
        return dict(found)


def connect(region: str) -> Aws:
    """Connect to the emulator and ask who is calling.

    Raises:
        ProviderError: there is no endpoint on this machine, nobody answers there, or there are no credentials.
    """
    endpoint = _endpoint()
    session = botocore.session.Session()
    providers = session.get_component("credential_provider")
    for name in _OF_MACHINES:
        providers.remove(name)
    connections = _Connections(endpoint, session)
    try:
        if session.get_credentials() is None:
            raise ProviderError(
                "no credentials for AWS: neither AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor AWS_PROFILE name any. "
                "Set them (with the official plugin `aws sso login` will do; a rehearsal sets its own)"
            )
        caller = connections.client("sts", region).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise ProviderError(f"cannot ask {endpoint} who is calling: {text_of(error)}. Is the emulator up?") from None
    return Aws(
        region=region,
        account_id=caller["Account"],
        caller_arn=caller["Arn"],
        user_id=caller["UserId"],
        connections=connections,
    )


def code_of(error: Exception) -> str:
    """Return the code of an error that the service answered, else nothing."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def text_of(error: Exception) -> str:
    """Return an error as one line for a user: the service's code and message, else the error's own text."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        text = f"AWS answered {told.get('Code', 'an error')} to {error.operation_name}: {told.get('Message', '')}"
    else:
        text = str(error)
    return " ".join(text.split())


def unless_gone(call: Callable[[], T], *codes: str) -> T | None:
    """Return what a call returns, or None where it is answered by one of the codes that say "there is none"."""
    try:
        return call()
    except ClientError as error:
        if code_of(error) in codes:
            return None
        raise


def _endpoint() -> str:
    url = os.environ.get("AWS_ENDPOINT_URL", "")
    about = "this is the rehearsal's stand-in for the plugin aws, which talks to an emulator on this machine only"
    fix = f"Start a rehearsal (make rehearse), or {OFFICIAL}"
    if not url:
        raise ProviderError(f"{about}: AWS_ENDPOINT_URL is not set. {fix}")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not _loopback(parts.hostname or ""):
        raise ProviderError(f"{about}: AWS_ENDPOINT_URL is {url!r}, allowed is http://127.0.0.1:PORT. {fix}")
    return url


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _folder() -> Path:
    folder = os.environ.get(_REHEARSAL, "")
    if not folder:
        raise ProviderError(
            f"{_REHEARSAL} is not set: it names the rehearsal's folder, where the stand-in keeps what the emulator "
            "cannot. Start a rehearsal: make rehearse"
        )
    return Path(folder)


def _config() -> Config:
    return Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        retries={"total_max_attempts": 1},
        max_pool_connections=_CONNECTIONS,
        proxies={},  # a proxy in the environment is not for this machine
    )


def _refuse(operation_model: Any, response_dict: Any, **_: Any) -> None:
    """Name an action that the emulator does not have: it answers those by an HTML page that no parser takes."""
    status, body = response_dict["status_code"], response_dict["body"]
    html = isinstance(body, bytes) and body.lstrip()[:15].lower().startswith(b"<!doctype html")
    if html and status >= 400:  # noqa: PLR2004  (every HTTP error)
        action = f"{operation_model.service_model.endpoint_prefix}:{operation_model.name}"
        cause = "fails inside, or does not have" if status == _NOT_IMPLEMENTED else "does not have"
        raise ProviderError(
            f"the emulator {cause} the action {action} (HTTP {status}). What it cannot do the stand-in has to keep "
            "itself (plugins/aws, KeptEntity)"
        )
