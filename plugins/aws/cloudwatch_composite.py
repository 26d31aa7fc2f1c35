"""CloudWatch: alarms on other alarms, which the emulator does not have: the stand-in keeps them."""

from collections.abc import Iterator
from typing import ClassVar, Final

from plugins.aws.clients import Aws
from plugins.aws.cloudwatch_checks import alarms_of_rule, check_actions, check_alarm_rule
from plugins.aws.entity import Entity, KeptEntity
from plugins.aws.tags import TAGS
from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "CompositeAlarm"]

_ARNS: Final = Field(kind="set", unset=[])


class CompositeAlarm(KeptEntity):
    """`aws:cloudwatch/compositeAlarm:CompositeAlarm`. Its id is its name."""

    token = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
    noun = "composite alarm"
    fields: ClassVar[Fields] = {
        "actionsEnabled": Field(kind="flag", default=True, replaces=True),
        "alarmActions": _ARNS,
        "alarmDescription": Field(kind="text", unset=""),
        "alarmName": Field(kind="text", required=True, replaces=True),
        "alarmRule": Field(kind="text", required=True),
        "insufficientDataActions": _ARNS,
        "okActions": _ARNS,
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check rule and actions as the service does."""
        rule = inputs.get("alarmRule")
        return [*(check_alarm_rule(rule) if isinstance(rule, str) else ()), *check_actions(inputs)]

    def identity(self, aws: Aws, inputs: Props) -> str:  # noqa: ARG002
        """Return the name."""
        return str(inputs["alarmName"])

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:
        """Return the ARN. Raises ProviderError for a rule that names an alarm that there is not."""
        missing = sorted(self._missing(aws, inputs["alarmRule"]))
        if missing:
            raise ProviderError(f"alarmRule names alarms that there are not in {aws.region}: {', '.join(missing)}")
        return {"arn": aws.arn("cloudwatch", f"alarm:{id_}")}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Keep the alarm; as the service has it, one of the name that is there already becomes it."""
        id_ = self.identity(aws, inputs)
        aws.store.put(self._kind(aws), id_, {**inputs, **self.computed(aws, id_, inputs)})
        return id_, {}

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash on one name."""
        return old.get("alarmName") == new.get("alarmName")

    def _missing(self, aws: Aws, rule: str) -> Iterator[str]:
        kept = aws.store.all(self._kind(aws))
        wanted = [name.rsplit(":alarm:", 1)[-1] for name in alarms_of_rule(rule)]
        found = aws.client("cloudwatch").describe_alarms(AlarmNames=wanted)["MetricAlarms"] if wanted else []
        known = {alarm["AlarmName"] for alarm in found} | set(kept)
        yield from (name for name in wanted if name not in known)


ENTITIES: tuple[type[Entity], ...] = (CompositeAlarm,)
