"""Which key protects what: each use of a key belongs to a domain, and a domain has a key of its own."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies import cloud
from policies.rule import Resource, Stack
from policies.values import UNKNOWN, UNSET, at

__all__ = ["BACKUPS", "Use", "domains_by_key", "uses_of"]

BACKUPS: Final = "backups"
_USES: Final[Mapping[str, tuple[str, tuple[tuple[str, ...], ...]]]] = {
    cloud.RDS_INSTANCE: ("relational", (("kmsKeyId",), ("performanceInsightsKmsKeyId",))),
    cloud.ATLAS_ENCRYPTION: ("documents", (("awsKmsConfig", "customerMasterKeyId"),)),
    cloud.STORAGE_CLASS: ("timeseries", (("parameters", "kmsKeyId"),)),
    cloud.VAULT: (BACKUPS, (("kmsKeyArn",),)),
    cloud.SECRET: ("secrets", (("kmsKeyId",),)),
    cloud.LOG_GROUP: ("logs", (("kmsKeyId",),)),
}
_BUCKET_RULE: Final = ("applyServerSideEncryptionByDefault", "kmsMasterKeyId")


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One use of a key. `key` is its id, or the URN that an unknown value is made of; empty if nobody can tell."""

    resource: Resource
    where: str
    domain: str
    key: str


def uses_of(stack: Stack) -> Iterator[Use]:
    """Yield every use of a key that can be told."""
    for kind, (domain, paths) in _USES.items():
        for resource in stack.of(kind):
            for path in paths:
                yield from _use(stack, resource, domain, path, resource.at(*path))
    for resource in stack.of(cloud.BUCKET_ENCRYPTION):
        rules = resource.at("rules")
        for rule in rules if isinstance(rules, list) else []:
            yield from _use(stack, resource, BACKUPS, ("rules",), at(rule, *_BUCKET_RULE))


def _use(stack: Stack, resource: Resource, domain: str, path: tuple[str, ...], value: Any) -> Iterator[Use]:
    where = ".".join(path)
    if isinstance(value, str) and value:
        yield Use(resource=resource, where=where, domain=domain, key=_one_form(value))
    elif value is UNKNOWN and path[0] not in resource.depends_on:
        yield Use(resource=resource, where=where, domain=domain, key="")
    elif value is UNKNOWN:
        for urn in resource.depends_on[path[0]]:
            source = stack.get(urn)
            if source is not None and source.type in {cloud.KMS_KEY, cloud.KMS_REPLICA}:
                yield Use(resource=resource, where=where, domain=domain, key=_known_id(source) or urn)


def _known_id(source: Resource) -> str:
    for name in ("arn", "keyId", "id"):
        value = source.at(name)
        if value is not UNSET and isinstance(value, str):
            return _one_form(value)
    return ""


def _one_form(value: str) -> str:
    """Return the id at the end of an ARN: a key in several regions has one id in all of them."""
    return value.rpartition("key/")[2] or value


def domains_by_key(uses: Iterator[Use]) -> dict[str, dict[str, list[Use]]]:
    """Group uses by key, and under each key by domain."""
    found: dict[str, dict[str, list[Use]]] = defaultdict(lambda: defaultdict(list))
    for use in uses:
        found[use.key][use.domain].append(use)
    return found
