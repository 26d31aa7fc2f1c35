"""EventBridge: rules on the default bus, and their targets."""

from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "EventRule", "EventTarget"]

_GONE: Final = "ResourceNotFoundException"
_BUS: Final = Field(kind="text", default="default", allowed=("default",), replaces=True)
_STATES: Final = ("ENABLED", "DISABLED")


class EventRule(Entity):
    """`aws:cloudwatch/eventRule:EventRule`. Its id is its name."""

    token = "aws:cloudwatch/eventRule:EventRule"
    noun = "rule"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "description": Field(kind="text", unset=""),
        "eventBusName": _BUS,
        "eventPattern": Field(kind="json"),
        "forceDestroy": Field(kind="flag", default=False, local=True),
        "name": Field(kind="text", replaces=True),
        "scheduleExpression": Field(kind="text", unset=""),
        "state": Field(kind="text", default="ENABLED", allowed=_STATES),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Ask for a pattern or a schedule."""
        if inputs.get("eventPattern") is None and inputs.get("scheduleExpression") is None:
            return [CheckFailure("eventPattern", "eventPattern: missing, and a rule needs it or scheduleExpression")]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the rule; as the service has it, one of the name that is there already becomes it."""
        aws.client("events").put_rule(**_rule(inputs), Tags=as_list(inputs.get("tags")))
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the rule and its tags."""
        events = aws.client("events")
        rule = unless_gone(lambda: events.describe_rule(Name=id_), _GONE)
        if rule is None:
            return None
        return {
            "arn": rule["Arn"],
            "description": rule.get("Description") or "",
            "eventBusName": rule.get("EventBusName") or "default",
            "eventPattern": rule.get("EventPattern"),
            "name": rule["Name"],
            "scheduleExpression": rule.get("ScheduleExpression") or "",
            "state": rule["State"],
            "tags": as_map(events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"]),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the rule anew; its targets stay."""
        events = aws.client("events")
        arn = events.describe_rule(Name=id_)["Arn"]
        events.put_rule(**_rule(news))
        put, gone = changes(as_map(events.list_tags_for_resource(ResourceARN=arn)["Tags"]), news.get("tags"))
        if put:
            events.tag_resource(ResourceARN=arn, Tags=as_list(put))
        if gone:
            events.untag_resource(ResourceARN=arn, TagKeys=gone)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the rule; with targets that others added only where `forceDestroy` says so."""
        events = aws.client("events")
        if state.get("forceDestroy"):
            answer = unless_gone(lambda: events.list_targets_by_rule(Rule=id_), _GONE)
            ids = [target["Id"] for target in (answer or {"Targets": []})["Targets"]]
            if ids:
                events.remove_targets(Rule=id_, Ids=ids)
        unless_gone(lambda: events.delete_rule(Name=id_), _GONE)


class EventTarget(Entity):
    """`aws:cloudwatch/eventTarget:EventTarget`. Its id is `RULE-TARGET`; it is imported as `BUS/RULE/TARGET`."""

    token = "aws:cloudwatch/eventTarget:EventTarget"
    noun = "target of a rule"
    autonamed = "targetId"
    fields: ClassVar[Fields] = {
        "arn": Field(kind="text", required=True),
        "eventBusName": _BUS,
        "input": Field(kind="text", unset=""),
        "roleArn": Field(kind="text", unset=""),
        "rule": Field(kind="text", required=True, replaces=True),
        "targetId": Field(kind="text", replaces=True),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse a role for a target whose own policy lets EventBridge in: with one, deliveries may fail."""
        arn = inputs.get("arn")
        if isinstance(arn, str) and inputs.get("roleArn") and arn.split(":")[2:3] in (["sns"], ["sqs"], ["lambda"]):
            reason = f"roleArn: got a role, allowed is none for {arn}: its own policy must let events.amazonaws.com in"
            return [CheckFailure("roleArn", reason)]
        return []

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the target."""
        self._put(aws, inputs)
        return f"{inputs['rule']}-{inputs['targetId']}", {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Look for the target among those of its rule."""
        rule, target_id = _place(id_, wanted)
        events = aws.client("events")
        answer = unless_gone(lambda: events.list_targets_by_rule(Rule=rule), _GONE)
        found = next((one for one in (answer or {"Targets": []})["Targets"] if one["Id"] == target_id), None)
        if found is None:
            return None
        return {
            "arn": found["Arn"],
            "eventBusName": "default",
            "input": found.get("Input") or "",
            "roleArn": found.get("RoleArn") or "",
            "rule": rule,
            "targetId": found["Id"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the target anew."""
        self._put(aws, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Remove the target."""
        rule, target_id = _place(id_, state)
        events = aws.client("events")
        unless_gone(lambda: events.remove_targets(Rule=rule, Ids=[target_id]), _GONE)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash where rule and id are the same."""
        return super().clashes(old, new) and old.get("rule") == new.get("rule")

    def _put(self, aws: Aws, inputs: Props) -> None:
        target: dict[str, Any] = {"Id": inputs["targetId"], "Arn": inputs["arn"]}
        target |= {"Input": inputs["input"]} if inputs.get("input") else {}
        target |= {"RoleArn": inputs["roleArn"]} if inputs.get("roleArn") else {}
        answer = aws.client("events").put_targets(Rule=inputs["rule"], Targets=[target])
        if answer.get("FailedEntryCount"):
            raise ProviderError(f"the service refused the target: {answer['FailedEntries']}")


def _rule(inputs: Props) -> dict[str, Any]:
    wire = {"Name": inputs["name"], "State": inputs["state"], "Description": inputs.get("description", "")}
    if inputs.get("eventPattern"):
        wire["EventPattern"] = inputs["eventPattern"]
    if inputs.get("scheduleExpression"):
        wire["ScheduleExpression"] = inputs["scheduleExpression"]
    return wire


def _place(id_: str, known: Props) -> tuple[str, str]:
    if known.get("rule") and known.get("targetId"):
        return known["rule"], known["targetId"]
    parts = id_.split("/")
    if len(parts) not in (2, 3):
        raise ProviderError(f"cannot tell the rule from the target in the id {id_!r}; allowed is RULE/TARGET")
    return parts[-2], parts[-1]


ENTITIES: tuple[type[Entity], ...] = (EventRule, EventTarget)
