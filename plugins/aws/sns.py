"""SNS: topics, their policies, subscriptions."""

import json
import re
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import CheckFailure, Context, Props
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "Topic", "TopicPolicy", "TopicSubscription"]

_GONE: Final = ("NotFound", "NotFoundException", "ResourceNotFound")
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PROTOCOLS: Final = ("email", "email-json", "http", "https", "lambda", "sqs")
# Properties and the attributes of the service's own names.
_ATTRIBUTES: Final = {"displayName": "DisplayName", "kmsMasterKeyId": "KmsMasterKeyId"}


def _attributes(aws: Aws, arn: str) -> dict[str, str] | None:
    sns = aws.client("sns")
    answer = unless_gone(lambda: sns.get_topic_attributes(TopicArn=arn), *_GONE)
    return None if answer is None else dict(answer["Attributes"])


def _owners_policy(aws: Aws, arn: str) -> str:
    """Return the policy that a topic has without one of its own: its account may do everything."""
    actions = ["Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes", "DeleteTopic"]
    actions += ["AddPermission", "RemovePermission", "ListSubscriptionsByTopic"]
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": aws.account_id}},
    }
    return json.dumps({"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]})


class Topic(Entity):
    """`aws:sns/topic:Topic`. Its id is its ARN. Its policy is a resource of its own."""

    token = "aws:sns/topic:Topic"
    noun = "topic"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "displayName": Field(kind="text", unset=""),
        "kmsMasterKeyId": Field(kind="text", unset=""),
        "name": Field(kind="text", replaces=True),
        "signatureVersion": Field(kind="number", least=1, most=2),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text", "owner": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the name as the service does."""
        name = inputs.get("name")
        if isinstance(name, str) and not _NAME.fullmatch(name):
            reason = (
                f"name: got {name!r}, allowed are up to 256 letters, digits, - and _ (FIFO topics are not supported)"
            )
            return [CheckFailure("name", reason)]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the topic; as the service has it, one of the name that is there already is returned."""
        sns = aws.client("sns")
        attributes = {attribute: inputs[key] for key, attribute in _ATTRIBUTES.items() if inputs.get(key)}
        made = sns.create_topic(Name=inputs["name"], Attributes=attributes, Tags=as_list(inputs.get("tags")))
        return made["TopicArn"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set what the emulator does not take at creation."""
        self._sign(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the topic's attributes and tags."""
        attributes = _attributes(aws, id_)
        if attributes is None:
            return None
        sns = aws.client("sns")
        return {
            "arn": attributes["TopicArn"],
            "displayName": attributes.get("DisplayName") or "",
            "kmsMasterKeyId": attributes.get("KmsMasterKeyId") or "",
            "name": id_.rsplit(":", 1)[-1],
            "owner": attributes["Owner"],
            **({"signatureVersion": int(attributes["SignatureVersion"])} if "SignatureVersion" in attributes else {}),
            "tags": as_map(sns.list_tags_for_resource(ResourceArn=id_)["Tags"]),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set each attribute and the tags."""
        sns = aws.client("sns")
        for key, attribute in _ATTRIBUTES.items():
            sns.set_topic_attributes(TopicArn=id_, AttributeName=attribute, AttributeValue=news.get(key, ""))
        self._sign(aws, id_, news)
        put, gone = changes(as_map(sns.list_tags_for_resource(ResourceArn=id_)["Tags"]), news.get("tags"))
        if put:
            sns.tag_resource(ResourceArn=id_, Tags=as_list(put))
        if gone:
            sns.untag_resource(ResourceArn=id_, TagKeys=gone)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the topic with its subscriptions."""
        sns = aws.client("sns")
        unless_gone(lambda: sns.delete_topic(TopicArn=id_), *_GONE)

    def _sign(self, aws: Aws, id_: str, inputs: Props) -> None:
        if inputs.get("signatureVersion") is not None:
            aws.client("sns").set_topic_attributes(
                TopicArn=id_, AttributeName="SignatureVersion", AttributeValue=str(inputs["signatureVersion"])
            )


class TopicPolicy(Entity):
    """`aws:sns/topicPolicy:TopicPolicy`. Its id is the topic's ARN."""

    token = "aws:sns/topicPolicy:TopicPolicy"
    noun = "policy of a topic"
    fields: ClassVar[Fields] = {
        "arn": Field(kind="text", required=True, replaces=True),
        "policy": Field(kind="json", required=True),
    }
    outputs: ClassVar = {"owner": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the policy in the place of the one that every topic has."""
        self._put(aws, inputs["arn"], inputs["policy"])
        return inputs["arn"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the topic's policy."""
        attributes = _attributes(aws, id_)
        if attributes is None:
            return None
        return {"arn": id_, "owner": attributes["Owner"], "policy": attributes["Policy"]}

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the new policy."""
        self._put(aws, id_, news["policy"])

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put back the policy that every topic has."""
        if _attributes(aws, id_) is not None:
            self._put(aws, id_, _owners_policy(aws, id_))

    def _put(self, aws: Aws, arn: str, policy: str) -> None:
        aws.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash on one topic."""
        return old.get("arn") == new.get("arn")


class TopicSubscription(Entity):
    """`aws:sns/topicSubscription:TopicSubscription`. Its id is its ARN.

    The emulator confirms every subscription at once, which whoever gets the mail has to do.
    """

    token = "aws:sns/topicSubscription:TopicSubscription"
    noun = "subscription"
    fields: ClassVar[Fields] = {
        "confirmationTimeoutInMinutes": Field(kind="number", default=1, least=1, local=True),
        "endpoint": Field(kind="text", required=True, replaces=True),
        "endpointAutoConfirms": Field(kind="flag", default=False, local=True),
        "protocol": Field(kind="text", required=True, replaces=True, allowed=_PROTOCOLS),
        "rawMessageDelivery": Field(kind="flag", default=False),
        "topic": Field(kind="text", required=True, replaces=True),
    }
    outputs: ClassVar = {
        "arn": "text",
        "confirmationWasAuthenticated": "flag",
        "ownerId": "text",
        "pendingConfirmation": "flag",
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the endpoint against the protocol, which the emulator does not."""
        protocol, endpoint = inputs.get("protocol"), inputs.get("endpoint")
        if not (isinstance(protocol, str) and isinstance(endpoint, str)):
            return []
        if protocol.startswith("email") and not _EMAIL.fullmatch(endpoint):
            return [CheckFailure("endpoint", f"endpoint: got {endpoint!r}, allowed is an e-mail address")]
        if protocol.startswith("http") and not endpoint.startswith(f"{protocol}://"):
            return [CheckFailure("endpoint", f"endpoint: got {endpoint!r}, allowed is a URL of {protocol}")]
        if inputs.get("rawMessageDelivery") and protocol.startswith("email"):
            return [CheckFailure("rawMessageDelivery", "rawMessageDelivery: got true, allowed is false for e-mail")]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Subscribe."""
        attributes = {"RawMessageDelivery": "true"} if inputs["rawMessageDelivery"] else {}
        made = aws.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return made["SubscriptionArn"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the subscription's attributes."""
        sns = aws.client("sns")
        answer = unless_gone(lambda: sns.get_subscription_attributes(SubscriptionArn=id_), *_GONE)
        if answer is None:
            return None
        found: dict[str, Any] = answer["Attributes"]
        return {
            "arn": found["SubscriptionArn"],
            "confirmationWasAuthenticated": found.get("ConfirmationWasAuthenticated") == "true",
            "endpoint": found["Endpoint"],
            "ownerId": found["Owner"],
            "pendingConfirmation": found.get("PendingConfirmation") == "true",
            "protocol": found["Protocol"],
            "rawMessageDelivery": found.get("RawMessageDelivery") == "true",
            "topic": found["TopicArn"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set how messages are delivered."""
        aws.client("sns").set_subscription_attributes(
            SubscriptionArn=id_,
            AttributeName="RawMessageDelivery",
            AttributeValue=str(news["rawMessageDelivery"]).lower(),
        )

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Unsubscribe."""
        sns = aws.client("sns")
        unless_gone(lambda: sns.unsubscribe(SubscriptionArn=id_), *_GONE)


ENTITIES: tuple[type[Entity], ...] = (Topic, TopicPolicy, TopicSubscription)
