"""Cases of sns-topic-require-subscription: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("TopicSubscription:on-call", "", UNSET),
    *(("TopicSubscription:on-call", "topic", bad) for bad in (UNSET, "", "another")),
    *(("TopicSubscription:on-call", "endpoint", bad) for bad in (UNSET, "", 0)),
]
PASSES: list[tuple[str, str, object]] = [("TopicSubscription:on-call", "endpoint", "other@example.com")]
CANNOT_TELL: list[tuple[str, str, object]] = [("TopicSubscription:on-call", "topic", UNKNOWN)]
SAYS = [
    (
        "TopicSubscription:on-call",
        "",
        UNSET,
        "Topic alerts: its subscription is not there, or not enough; allowed: a TopicSub",
    )
]
