"""Helper: the rules of the compliant plan of AWS Backup, changed."""

import copy
from typing import Any

from tests.policies.cloud_world import AWS

RULES: list[dict[str, Any]] = AWS["aws:backup/plan:Plan/fashion-wallet-plan"]["rules"]


def rules_without(name: str) -> list[dict[str, Any]]:
    """Return the rules but one."""
    return [one for one in RULES if one["ruleName"] != name]


def with_rule(name: str, **changes: object) -> list[dict[str, Any]]:
    """Return the rules, one of them changed; `days` is its life and that of its copy."""
    rules = copy.deepcopy(RULES)
    rule = next(one for one in rules if one["ruleName"] == name)
    if "days" in changes:
        days = changes.pop("days")
        rule["lifecycle"] = {"deleteAfter": days}
        rule["copyActions"][0]["lifecycle"] = {"deleteAfter": days}
    rule.update(changes)
    return rules
