"""The plugin as a whole: every kind of the server, its settings, and what it does not have."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from plugins.base import UNKNOWN, CheckFailure, Props, Provider, ProviderError, Resource
from plugins.kubernetes.api import Api
from plugins.kubernetes.kubeconfig import INSTALL, read_kubeconfig
from plugins.kubernetes.thing import Thing

__all__ = ["Kinds", "KubernetesProvider"]

# The official plugin's, so that the engine takes this one for it.
_VERSION: Final = "4.34.2"
_TOKEN: Final = re.compile(
    r"kubernetes:(?P<group>[a-z0-9.-]+)/(?P<version>v[0-9]+[a-z0-9]*):(?P<kind>[A-Z][A-Za-z0-9]*)"
)
# Types of the SDK that are no objects of the API.
_NO_OBJECTS: Final = ("helm.sh", "kustomize", "yaml")
_NO_KINDS: Final = ("List", "Patch")
_TEXTS: Final = ("context", "kubeconfig", "namespace")
_FLAGS: Final = (
    "enableConfigMapMutable",
    "enablePatchForce",
    "enableSecretMutable",
    "enableServerSideApply",
    "suppressDeprecationWarnings",
    "upsertExistingObjects",
)


class Kinds(Mapping[str, Resource]):
    """A resource type for every token that names a kind; which kinds there are the server says."""

    def __init__(self) -> None:
        """Know none until they are asked for."""
        self._made: dict[str, Resource] = {}

    def __getitem__(self, token: str) -> Resource:
        """Return the resource type of a token."""
        if token not in self._made:
            self._made[token] = _resource(token)
        return self._made[token]

    def __iter__(self) -> Iterator[str]:
        """Yield the tokens that were asked for."""
        return iter(tuple(self._made))

    def __len__(self) -> int:
        """Count the tokens that were asked for."""
        return len(self._made)


def _resource(token: str) -> Resource:
    found = _TOKEN.fullmatch(token)
    if found is None or found["group"].startswith(_NO_OBJECTS) or found["kind"].endswith(_NO_KINDS):
        raise KeyError(token)
    group = "" if found["group"] == "core" else f"{found['group']}/"
    secrets = frozenset({"data", "stringData"}) if (group, found["kind"]) == ("", "Secret") else frozenset()
    attributes = {
        "token": token,
        "api_version": f"{group}{found['version']}",
        "kind": found["kind"],
        "secrets": secrets,
        "__doc__": f"{found['kind']} of {group}{found['version']}.",
    }
    made = type(found["kind"], (Thing,), attributes)()
    assert isinstance(made, Resource)  # noqa: S101  (type() promises nothing to the type checker)
    return made


class KubernetesProvider(Provider):
    """Serves `pulumi_kubernetes` over an API server on this machine."""

    json_config: ClassVar[frozenset[str]] = frozenset(
        {
            *_FLAGS,
            "alwaysRender",
            "deleteUnreachable",
            "helmReleaseSettings",
            "kubeClientSettings",
            "skipUpdateUnreachable",
            "suppressHelmHookWarnings",
        }
    )

    def __init__(self) -> None:
        """Connect to nothing yet."""
        super().__init__(name="kubernetes", version=_VERSION, resources=())
        self.resources = Kinds()

    def unsupported(self, token: str) -> str:
        """Refuse a resource type by name."""
        return f"the stand-in does not support {token}; install the official kubernetes plugin"

    def check_config(self, olds: Props, news: Props) -> tuple[Props, list[CheckFailure]]:  # noqa: ARG002
        """Check the settings, each for itself."""
        return news, _check(news)

    def configure(self, config: Props) -> Props:
        """Read the kubeconfig; does not connect.

        Raises:
            ProviderError: a setting is wrong, or the server is not on a loopback address.
        """
        if failures := _check(config):
            raise ProviderError("; ".join(failure.reason for failure in failures))
        flags: Props = {name: config[name] for name in _FLAGS if name in config}
        return {**flags, "api": Api(read_kubeconfig(config))}

    def schema(self) -> dict[str, Any]:
        """Return a schema without types: the server has them."""
        return {"name": self.name, "version": self.version}


def _check(config: Props) -> list[CheckFailure]:
    failures = [
        CheckFailure(name, f"{name}: the stand-in does not support this setting. Remove it. {INSTALL}")
        for name in sorted(config)
        if name not in (*_TEXTS, *_FLAGS)
    ]
    for name, type_, words in (*((n, str, "text") for n in _TEXTS), *((n, bool, "true or false") for n in _FLAGS)):
        value = config.get(name)
        if value is not None and value is not UNKNOWN and not isinstance(value, type_):
            shown = "something else" if name == "kubeconfig" else repr(value)
            failures.append(CheckFailure(name, f"{name}: got {shown}, allowed is {words}"))
    if config.get("enableServerSideApply") is False:
        reason = f"enableServerSideApply: got False, allowed is true: the stand-in has no other way. {INSTALL}"
        failures.append(CheckFailure("enableServerSideApply", reason))
    return failures
