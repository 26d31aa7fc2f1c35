"""The plugin as a whole: its resource types, its settings, its functions, its schema."""

import importlib
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

import plugins.aws
from plugins.aws.clients import OFFICIAL, VERSION, Aws, connect
from plugins.aws.entity import Entity
from plugins.aws.functions import INVOKES, SECRET_ANSWERS
from plugins.base import UNKNOWN, CheckFailure, Invoke, Props, Provider, ProviderError
from plugins.base.fields import schema_of

__all__ = ["AwsProvider", "entities"]

_REGION: Final = re.compile(r"[a-z]{2}(-[a-z]+)+-[1-9]")
# The SDK sends these two unasked; they turn off checks that the stand-in does not make.
_SENT_ALWAYS: Final = ("skipCredentialsValidation", "skipRegionValidation")
_SETTINGS: Final = ("allowedAccountIds", "region", *_SENT_ALWAYS)
_SECRETS: Final = ("accessKey", "secretKey", "token")


def entities() -> tuple[type[Entity], ...]:
    """Return the resource types of all modules of this package, one module a service."""
    return tuple(sorted(_found(), key=lambda entity: entity.token))


def _found() -> Iterator[type[Entity]]:
    for module in pkgutil.iter_modules(plugins.aws.__path__, "plugins.aws."):
        if not module.name.endswith("__main__"):
            yield from getattr(importlib.import_module(module.name), "ENTITIES", ())


class AwsProvider(Provider):
    """Serves `pulumi_aws` over an emulator."""

    json_config: ClassVar[frozenset[str]] = frozenset({"allowedAccountIds", *_SENT_ALWAYS})
    invokes: Mapping[str, Invoke] = INVOKES
    secret_answers: ClassVar[frozenset[str]] = SECRET_ANSWERS

    def __init__(self) -> None:
        """Connect to nothing yet."""
        self._entities = entities()
        super().__init__(name="aws", version=VERSION, resources=[entity() for entity in self._entities])

    def unsupported(self, token: str) -> str:
        """Refuse a resource type by name."""
        return f"the stand-in does not support {token}; {OFFICIAL}"

    def unsupported_invoke(self, token: str) -> str:
        """Refuse a function by name."""
        return f"the stand-in does not support the function {token}; {OFFICIAL}"

    def check_config(self, olds: Props, news: Props) -> tuple[Props, list[CheckFailure]]:  # noqa: ARG002
        """Check the settings, each for itself."""
        return news, _check(news)

    def configure(self, config: Props) -> Props:
        """Connect to the emulator."""
        failures = _check(config)
        if failures:
            raise ProviderError("; ".join(failure.reason for failure in failures))
        aws = connect(str(config["region"]))
        _refuse_account(aws, config.get("allowedAccountIds"))
        return {"aws": aws}

    def schema(self) -> dict[str, Any]:
        """Return the part of the official schema that is supported, so that `pulumi import` can write Python."""
        return {
            "name": self.name,
            "version": self.version,
            "resources": {entity.token: schema_of(entity().all_fields) for entity in self._entities},
            "language": {"python": {"compatibility": "tfbridge20"}},
        }


def _check(config: Props) -> list[CheckFailure]:
    failures = [_unsupported(name) for name in sorted(config) if name not in _SETTINGS]
    region = config.get("region")
    if region is not UNKNOWN and not (isinstance(region, str) and _REGION.fullmatch(region)):
        got = "nothing" if region is None else repr(region)
        reason = f"region: got {got}, allowed is a region of AWS, say eu-central-1. Set aws:region, or AWS_REGION"
        failures.append(CheckFailure("region", reason))
    accounts = config.get("allowedAccountIds")
    if accounts is not None and accounts is not UNKNOWN and not isinstance(accounts, list):
        reason = f"allowedAccountIds: got {accounts!r}, allowed is a list of account ids"
        failures.append(CheckFailure("allowedAccountIds", reason))
    return failures


def _unsupported(name: str) -> CheckFailure:
    if name in _SECRETS:
        fix = "Credentials come from the environment (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), never from a setting"
    elif name == "endpoints":
        fix = "The stand-in has one endpoint, AWS_ENDPOINT_URL, which names the emulator on this machine"
    else:
        fix = f"Remove it, or {OFFICIAL}"
    allowed = ", ".join(sorted(_SETTINGS))
    return CheckFailure(name, f"{name}: the stand-in does not support this setting (it has: {allowed}). {fix}")


def _refuse_account(aws: Aws, allowed: Any) -> None:
    if allowed is not None and aws.account_id not in allowed:
        raise ProviderError(
            f"allowedAccountIds: the credentials are of account {aws.account_id}, allowed are {', '.join(allowed)}. "
            "Use credentials of one of these, or add the account"
        )
