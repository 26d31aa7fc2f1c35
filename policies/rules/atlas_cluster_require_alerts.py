"""The project of every cluster on Atlas has alerts that reach somebody."""

from typing import Any

from pulumi_policy import Severity

from policies.cloud import ATLAS_ALERT, ATLAS_CLUSTER
from policies.relations import each_has
from policies.rule import Example, Resource, StackRule
from policies.values import UNKNOWN, UNSET, is_true

__all__ = ["RULE"]


def _reaches(resource: Resource) -> Any:
    """Whether an alert is on and has a notification: true, false, or `UNKNOWN`."""
    enabled, notifications = resource.at("enabled"), resource.at("notifications")
    if (enabled is not UNKNOWN and not is_true(enabled)) or not (notifications is UNKNOWN or notifications):
        return False
    if notifications is UNSET:
        return False
    return UNKNOWN if UNKNOWN in (enabled, notifications) else True


RULE = StackRule(
    id="atlas-cluster-require-alerts",
    title="The project of every cluster on Atlas has alerts that reach somebody.",
    severity=Severity.HIGH,
    reason="an election that fails and an oplog that shrinks are seen by users first",
    fix="declare AlertConfigurations with a notification",
    spec=("5.1.2",),
    link="https://www.mongodb.com/docs/atlas/configure-alerts/",
    topic="monitoring",
    absent="A resource that has none is a violation.",
    example=Example(
        refused="mongodbatlas.Project(…) # alone",
        taken='mongodbatlas.AlertConfiguration(…, event_type="NO_PRIMARY", notifications=[…])',
    ),
    check=each_has(
        (ATLAS_CLUSTER,),
        ATLAS_ALERT,
        ("projectId",),
        ("projectId",),
        what="the alerts of its project",
        allowed="an AlertConfiguration that is enabled and has a notification",
        good=_reaches,
    ),
)
