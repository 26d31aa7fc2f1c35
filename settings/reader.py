"""The one reader of the stack's configuration."""

import json
from collections.abc import Mapping

import pulumi
from pydantic import ValidationError

from settings.cloud.rules import broken_cloud_rules
from settings.errors import SettingsError
from settings.model import Settings
from settings.problems import Problem, did_you_mean, from_pydantic
from settings.rules import CLUSTER_RULES, MONGODB_RULES, TLS_RULES, WHOLE_RULES, broken_rules

__all__ = ["NAMESPACE", "load", "parse"]

NAMESPACE = "fashion-wallet"
_PREFIX = f"{NAMESPACE}:"


def load() -> Settings:
    """Read the stack's configuration.

    Raises:
        SettingsError: anything is wrong with it; the text lists every problem.
    """
    raw = _all_configuration()
    config = pulumi.Config(NAMESPACE)
    secrets = {
        key
        for key in raw
        if key.startswith(_PREFIX) and pulumi.runtime.is_config_secret(config.full_key(key.removeprefix(_PREFIX)))
    }
    return parse(raw, secret_keys=frozenset(key.removeprefix(_PREFIX) for key in secrets))


def parse(raw: Mapping[str, str], *, secret_keys: frozenset[str] = frozenset()) -> Settings:
    """Make settings of a stack's whole configuration, `{"<namespace>:<key>": text or JSON}`.

    Keys of other namespaces (`aws:region`) are left alone, unless the namespace is a misspelling of ours.

    Raises:
        SettingsError: anything is wrong; values of `secret_keys` (keys without the namespace) are not shown.
    """
    problems = _misspelt_namespaces(raw)
    data = {
        key.removeprefix(_PREFIX): _value(key.removeprefix(_PREFIX), text)
        for key, text in raw.items()
        if key.startswith(_PREFIX)
    }
    settings, invalid = _validate(data, problems, secret_keys)
    problems += _broken_rules(settings, invalid)
    if problems:
        raise SettingsError(tuple(str(problem) for problem in problems))
    return settings


def _all_configuration() -> dict[str, str]:
    """Return every key the engine passed to the program; `pulumi.Config` itself can only be asked for keys it knows."""
    return {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}


def _misspelt_namespaces(raw: Mapping[str, str]) -> list[Problem]:
    found = []
    for key in raw:
        namespace, _, name = key.partition(":")
        if namespace != NAMESPACE and did_you_mean(namespace, ["fashionwallet"]):
            found.append(
                Problem(
                    path=key,
                    cause="there is no such namespace",
                    got=namespace,
                    allowed=NAMESPACE,
                    fix=f"did you mean {_PREFIX}{name}?",
                )
            )
    return found


def _value(key: str, text: str) -> object:
    """Return what a key's text says: the engine passes sections and lists as JSON, and scalars as plain text."""
    if key == "substrate":
        return text
    try:
        value: object = json.loads(text)
    except ValueError:
        return text
    return value


def _validate(
    data: dict[str, object], problems: list[Problem], secret_keys: frozenset[str]
) -> tuple[Settings, frozenset[str]]:
    """Make settings; where that fails, note why and go on with defaults for the keys that are wrong.

    Returns the settings and the top-level keys that are defaults for that reason.
    """
    try:
        return _make(data), frozenset()
    except ValidationError as error:
        details = error.errors(include_url=False)
    problems += [from_pydantic(detail, Settings, _PREFIX, secret_keys) for detail in details]
    invalid = frozenset(str(detail["loc"][0]) for detail in details)
    return _make({key: value for key, value in data.items() if key not in invalid}), invalid


def _make(data: dict[str, object]) -> Settings:
    # By alias only: a snake_case key in YAML is a misspelling.
    return Settings.model_validate(data, by_alias=True, by_name=False)


def _broken_rules(settings: Settings, invalid: frozenset[str]) -> list[Problem]:
    found: list[Problem] = []
    for key, cluster in (("postgres", settings.postgres), ("timescale", settings.timescale)):
        if key not in invalid:
            found += broken_rules(cluster, CLUSTER_RULES, f"{_PREFIX}{key}.")
    if "mongodb" not in invalid:
        found += broken_rules(settings.mongodb, MONGODB_RULES, f"{_PREFIX}mongodb.")
    if "tls" not in invalid:
        found += broken_rules(settings.tls, TLS_RULES, f"{_PREFIX}tls.")
    if not {"postgres", "timescale"} & invalid:
        found += broken_rules(settings, WHOLE_RULES, _PREFIX)
    found += broken_cloud_rules(settings, invalid, _PREFIX)
    return found
