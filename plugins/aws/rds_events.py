"""Subscriptions to RDS's events."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.rds import tags_of
from plugins.aws.tags import TAGS, as_list
from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "EventSubscription"]

_SOURCES: Final = (
    "db-instance",
    "db-security-group",
    "db-parameter-group",
    "db-snapshot",
    "db-cluster",
    "db-cluster-snapshot",
    "db-proxy",
)
# Source: DescribeEventCategories of RDS for instances.
_CATEGORIES: Final = (
    "availability",
    "backup",
    "backtrack",
    "configuration change",
    "creation",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
    "notification",
    "read replica",
    "recovery",
    "restoration",
    "security",
    "security patching",
)


class EventSubscription(Entity):
    """`aws:rds/eventSubscription:EventSubscription`. moto cannot change one, so a change makes it anew."""

    token = "aws:rds/eventSubscription:EventSubscription"
    noun = "event subscription"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "enabled": Field(kind="flag", default=True),
        "eventCategories": Field(kind="set", unset=[], allowed=_CATEGORIES),
        "name": Field(kind="text", replaces=True),
        "snsTopic": Field(kind="text", required=True),
        "sourceIds": Field(kind="set", unset=[]),
        "sourceType": Field(kind="text", allowed=_SOURCES),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text", "customerAwsId": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse sources without their type, as RDS does."""
        if inputs.get("sourceIds") and "sourceType" not in inputs:
            return [CheckFailure("sourceType", "sourceType: missing, and sourceIds need it. Say db-instance")]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the subscription, after a look at what it names: moto looks at nothing."""
        _refuse_missing(aws, inputs)
        self._create(aws, inputs["name"], inputs)
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the subscription and its tags."""
        rds = aws.client("rds")
        answer = unless_gone(
            lambda: rds.describe_event_subscriptions(SubscriptionName=id_),
            "SubscriptionNotFound",
            "SubscriptionNotFoundFault",
        )
        if answer is None or not answer["EventSubscriptionsList"]:
            return None
        found = answer["EventSubscriptionsList"][0]
        arn = aws.arn("rds", f"es:{id_}")
        return {
            "arn": arn,
            "customerAwsId": aws.account_id,
            "enabled": found.get("Enabled", True),
            "eventCategories": found.get("EventCategoriesList", []),
            "name": id_,
            "snsTopic": found["SnsTopicArn"],
            "sourceIds": found.get("SourceIdsList", []),
            "sourceType": found.get("SourceType"),
            "tags": tags_of(aws, arn),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:
        """Make it anew under its name."""
        _refuse_missing(aws, news)
        self.drop(aws, id_, state, ctx)
        self._create(aws, id_, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the subscription."""
        rds = aws.client("rds")
        unless_gone(
            lambda: rds.delete_event_subscription(SubscriptionName=id_),
            "SubscriptionNotFound",
            "SubscriptionNotFoundFault",
        )

    def _create(self, aws: Aws, name: str, inputs: Props) -> None:
        told: Mapping[str, Any] = {"SourceType": inputs.get("sourceType")}
        aws.client("rds").create_event_subscription(
            SubscriptionName=name,
            SnsTopicArn=inputs["snsTopic"],
            EventCategories=inputs.get("eventCategories") or [],
            SourceIds=inputs.get("sourceIds") or [],
            Enabled=inputs["enabled"],
            Tags=as_list(inputs.get("tags")),
            **{key: value for key, value in told.items() if value},
        )


def _refuse_missing(aws: Aws, inputs: Props) -> None:
    sns = aws.client("sns")
    if unless_gone(lambda: sns.get_topic_attributes(TopicArn=inputs["snsTopic"]), "NotFound") is None:
        raise ProviderError(f"snsTopic: there is no topic {inputs['snsTopic']}. Give this resource depends_on it")
    if inputs.get("sourceType") == "db-instance":
        _each_is_there(inputs.get("sourceIds") or [], _instances(aws))


def _instances(aws: Aws) -> Callable[[str], bool]:
    known = {one["DBInstanceIdentifier"] for one in aws.client("rds").describe_db_instances()["DBInstances"]}
    return known.__contains__


def _each_is_there(names: Iterable[str], there: Callable[[str], bool]) -> None:
    missing = sorted(name for name in names if not there(name))
    if missing:
        raise ProviderError(f"sourceIds: there is no instance {', '.join(missing)}. Give this resource depends_on them")


ENTITIES: Final[tuple[type[Entity], ...]] = (EventSubscription,)
