"""Nothing that holds data is replaced or deleted unless that one is allowed."""

import re
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, at, show
from policies.wire import DATA_GUARD

__all__ = ["RULE", "is_id"]

_ID = re.compile(r"[A-Za-z][A-Za-z0-9]*:[A-Za-z0-9_.-]{1,100}")


def is_id(text: str) -> bool:
    """Whether a text has the form of a guard id, `<type>:<name>`."""
    return _ID.fullmatch(text) is not None


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Compare `lost`, which the provider's check works out from the last deployment, with `allow`."""
    lost, allow = at(resource.properties, "lost"), at(resource.properties, "allow")
    if not isinstance(lost, list):
        yield Finding.judge(
            resource,
            "lost",
            lost,
            found=show(lost, is_id),
            allowed="a list (the walletdb plugin's check fills it in; empty where nothing is lost)",
        )
        return
    permitted: list[Any] = allow if isinstance(allow, list) else []
    unsure = allow is UNKNOWN or UNKNOWN in permitted
    for one in lost:
        if isinstance(one, str) and one in permitted:
            continue
        yield Finding.judge(
            resource,
            show(one, is_id),
            UNKNOWN if one is UNKNOWN or unsure else one,
            found=f"about to be replaced or deleted, and {_content(one)} with it",
            allowed="only where fashion-wallet:allowDataLoss names it",
        )


_CONTENTS = {
    "PatroniMember": "the data directory of this node",
    "PatroniCluster": "the cluster's state in etcd and its replicas' link to their primary",
    "Etcd": "the state of every cluster that etcd coordinates",
    "Database": "the database with all its schemas and tables",
}


def _content(one: Any) -> str:
    kind = one.partition(":")[0] if isinstance(one, str) else ""
    return _CONTENTS.get(kind, "the data it holds")


RULE = ResourceRule(
    id="dataguard-forbid-data-loss",
    title="No resource that holds data is replaced or deleted unless that one is allowed.",
    severity=Severity.CRITICAL,
    reason="a changed name, version or folder can turn an innocent edit into the loss of a database",
    fix="undo the change that replaces or deletes it; if the data may go, add the id to fashion-wallet:allowDataLoss "
    "in Pulumi.<stack>.yaml for this one update (docs/how-to/allow-data-loss.md)",
    spec=("5.2", "7.1.1"),
    link="https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    absent="`lost` must be a list; empty is right. An unset `allow` allows nothing.",
    types=(DATA_GUARD,),
    example=Example(
        refused='lost=["Database:fashion-wallet"], allow=[]',
        taken='lost=["Database:fashion-wallet"], allow=["Database:fashion-wallet"]',
    ),
    check=check,
)
