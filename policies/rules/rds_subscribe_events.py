"""What RDS does by itself to a database tells somebody."""

from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import RDS_EVENTS, RDS_INSTANCE
from policies.limits import names
from policies.relations import relation
from policies.rule import Example, Finding, Limits, NotApplicableError, Resource, Stack, StackRule
from policies.values import UNKNOWN, UNSET, is_true

__all__ = ["RULE"]


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Look for a subscription to each category of events of instances; none named means all of them."""
    instances = list(stack.of(RDS_INSTANCE))
    if not instances:
        raise NotApplicableError("the stack has no instance on RDS")
    for category in limits["categories"]:
        found = relation(_has(one, category) for one in stack.of(RDS_EVENTS))
        if found is not True:
            yield Finding(
                resource=instances[0],
                where=f"a subscription to events of {category}",
                found="not there",
                allowed="an EventSubscription of instances with this category and a topic",
                cannot_tell=found is UNKNOWN,
            )


def _has(resource: Resource, category: str) -> Any:
    kind, topic = resource.at("sourceType"), resource.at("snsTopic")
    given, enabled = resource.at("eventCategories"), resource.at("enabled")
    if (
        kind not in (UNKNOWN, UNSET, "db-instance")
        or topic in (UNSET, "")
        or not (enabled is UNSET or is_true(enabled))
    ):
        return UNKNOWN if enabled is UNKNOWN else False
    listed = given if isinstance(given, list) else []
    named = given is UNSET or category in listed
    if named and UNKNOWN not in (kind, topic):
        return True
    return UNKNOWN if named or given is UNKNOWN or UNKNOWN in listed else False


RULE = StackRule(
    id="rds-subscribe-events",
    title="What RDS does by itself to a database tells somebody.",
    severity=Severity.MEDIUM,
    reason="a failover, a storage that is full and a maintenance are events of RDS; metrics show only what followed",
    fix="declare an EventSubscription with the topic of alerts",
    spec=("5.1.1",),
    frameworks=("AWS Security Hub RDS.20",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Events.html",
    topic="monitoring",
    limits=(
        names("categories", ["configuration change", "failure", "maintenance"], "The categories that are demanded."),
    ),
    absent="No subscription is a violation; one without categories is to all of them.",
    example=Example(
        refused="# no subscription",
        taken='source_type="db-instance", event_categories=["failure", "maintenance", "configuration change"]',
    ),
    check=check,
)
