"""Cases of rds-subscribe-events: resource, property, value."""

from policies.values import UNKNOWN, UNSET

E = "EventSubscription:postgres-events"
FIRES: list[tuple[str, str, object]] = [
    (E, "", UNSET),
    *((E, "eventCategories", bad) for bad in ([], "", 0, ["failure"])),
    *((E, "snsTopic", bad) for bad in (UNSET, "")),
    *((E, "enabled", bad) for bad in (False, "", 0)),
    (E, "sourceType", "db-snapshot"),
]
PASSES: list[tuple[str, str, object]] = [(E, "eventCategories", UNSET), (E, "sourceType", UNSET), (E, "enabled", UNSET)]
CANNOT_TELL: list[tuple[str, str, object]] = [
    (E, "eventCategories", UNKNOWN),
    (E, "eventCategories", ["failure", "maintenance", UNKNOWN]),
    (E, "snsTopic", UNKNOWN),
    (E, "sourceType", UNKNOWN),
    (E, "enabled", UNKNOWN),
]
SAYS = [(E, "", UNSET, "Instance postgres-primary: a subscription to events of configuration change is not there;")]
LIMITS = [("categories", ["failure"], (E, "eventCategories", ["failure"]))]
