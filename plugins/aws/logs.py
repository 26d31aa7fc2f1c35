"""CloudWatch Logs: log groups and metric filters."""

import re
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_map, changes
from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "LogGroup", "LogMetricFilter"]

_GONE: Final = "ResourceNotFoundException"
_CLASSES: Final = ("DELIVERY", "INFREQUENT_ACCESS", "STANDARD")
_RETENTIONS: Final = (
    (0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
)  # fmt: skip
_GROUP_NAME: Final = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_METRIC_NAME: Final = re.compile(r"[^:*$]{1,255}")
_LONGEST_PATTERN: Final = 1024


def _described(aws: Aws, name: str) -> Props | None:
    """Return the group of exactly this name; the service looks for a beginning."""
    for page in aws.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name):
        for group in page["logGroups"]:
            if group["logGroupName"] == name:
                return dict(group)
    return None


class LogGroup(Entity):
    """`aws:cloudwatch/logGroup:LogGroup`. Its id is its name."""

    token = "aws:cloudwatch/logGroup:LogGroup"
    noun = "log group"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "kmsKeyId": Field(kind="text", unset=""),
        "logGroupClass": Field(kind="text", allowed=_CLASSES, replaces=True),
        "name": Field(kind="text", replaces=True),
        "retentionInDays": Field(kind="number", default=0),
        "skipDestroy": Field(kind="flag", default=False, local=True),
        "tags": TAGS,
    }
    outputs: ClassVar = {"arn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check name, retention and key as the service does."""
        failures = []
        name, days, key = inputs.get("name"), inputs.get("retentionInDays"), inputs.get("kmsKeyId")
        if isinstance(name, str) and not _GROUP_NAME.fullmatch(name):
            failures.append(CheckFailure("name", f"name: got {name!r}, allowed are letters, digits and . - _ / #"))
        if isinstance(days, int) and days not in _RETENTIONS:
            allowed = ", ".join(str(one) for one in _RETENTIONS)
            failures.append(CheckFailure("retentionInDays", f"retentionInDays: got {days}, allowed are {allowed}"))
        if isinstance(key, str) and key and not key.startswith("arn:"):
            failures.append(CheckFailure("kmsKeyId", f"kmsKeyId: got {key!r}, allowed is the ARN of a key"))
        return failures

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the group."""
        given: dict[str, Any] = {"tags": inputs["tags"]} if inputs.get("tags") else {}
        given |= {"kmsKeyId": inputs["kmsKeyId"]} if inputs.get("kmsKeyId") else {}
        given |= {"logGroupClass": inputs["logGroupClass"]} if inputs.get("logGroupClass") else {}
        aws.client("logs").create_log_group(logGroupName=inputs["name"], **given)
        return inputs["name"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set how long events are kept."""
        self._retain(aws, id_, inputs["retentionInDays"])

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the group and its tags."""
        group = _described(aws, id_)
        if group is None:
            return None
        arn = str(group["arn"]).removesuffix(":*")
        return {
            "arn": arn,
            "kmsKeyId": group.get("kmsKeyId") or "",
            "logGroupClass": group.get("logGroupClass") or "STANDARD",
            "name": group["logGroupName"],
            "retentionInDays": group.get("retentionInDays", 0),
            "tags": as_map(
                {"Key": key, "Value": value}
                for key, value in aws.client("logs").list_tags_for_resource(resourceArn=arn)["tags"].items()
            ),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set key, retention and tags."""
        logs, group = aws.client("logs"), _described(aws, id_)
        if group is None:
            raise ProviderError("it is gone. Refresh, and it is made anew: bin/pulumi refresh")
        wanted = news.get("kmsKeyId", "")
        if wanted != (group.get("kmsKeyId") or ""):
            if wanted:
                logs.associate_kms_key(logGroupName=id_, kmsKeyId=wanted)
            else:
                logs.disassociate_kms_key(logGroupName=id_)
        self._retain(aws, id_, news["retentionInDays"])
        arn = str(group["arn"]).removesuffix(":*")
        put, gone = changes(logs.list_tags_for_resource(resourceArn=arn)["tags"], news.get("tags"))
        if put:
            logs.tag_resource(resourceArn=arn, tags=put)
        if gone:
            logs.untag_resource(resourceArn=arn, tagKeys=gone)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the group with its events, unless `skipDestroy` keeps it."""
        if not state.get("skipDestroy"):
            unless_gone(lambda: aws.client("logs").delete_log_group(logGroupName=id_), _GONE)

    def _retain(self, aws: Aws, id_: str, days: int) -> None:
        logs = aws.client("logs")
        if days:
            logs.put_retention_policy(logGroupName=id_, retentionInDays=days)
        else:
            unless_gone(lambda: logs.delete_retention_policy(logGroupName=id_), _GONE)


class LogMetricFilter(Entity):
    """`aws:cloudwatch/logMetricFilter:LogMetricFilter`. Its id is its name; it is imported as `GROUP:NAME`."""

    token = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
    noun = "metric filter"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "logGroupName": Field(kind="text", required=True, replaces=True),
        "metricTransformation": Field(
            kind="object",
            required=True,
            fields={
                "defaultValue": Field(kind="text", unset=""),
                "dimensions": Field(kind="map", unset={}),
                "name": Field(kind="text", required=True),
                "namespace": Field(kind="text", required=True),
                "unit": Field(kind="text", default="None"),
                "value": Field(kind="text", required=True),
            },
        ),
        "name": Field(kind="text", replaces=True),
        "pattern": Field(kind="text", required=True),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check pattern and metric as the service does."""
        failures = []
        pattern, metric = inputs.get("pattern"), inputs.get("metricTransformation") or {}
        if isinstance(pattern, str) and len(pattern) > _LONGEST_PATTERN:
            reason = f"pattern: got {len(pattern)} characters, allowed are {_LONGEST_PATTERN}"
            failures.append(CheckFailure("pattern", reason))
        if isinstance(pattern, str) and pattern.count('"') % 2:
            failures.append(CheckFailure("pattern", f"pattern: got {pattern!r}, allowed are quotes in pairs"))
        if metric.get("dimensions") and metric.get("defaultValue") is not None:
            reason = "metricTransformation.defaultValue: allowed is none beside dimensions"
            failures.append(CheckFailure("metricTransformation.defaultValue", reason))
        for key in ("name", "namespace"):
            text = metric.get(key)
            if isinstance(text, str) and not _METRIC_NAME.fullmatch(text):
                reason = f"metricTransformation.{key}: got {text!r}, allowed is no : * or $"
                failures.append(CheckFailure(f"metricTransformation.{key}", reason))
        return failures

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Put the filter."""
        self._put(aws, inputs)
        return inputs["name"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for the filter of its group."""
        group, _, name = id_.rpartition(":")
        group = wanted.get("logGroupName") or group
        if not group:
            raise ProviderError(f"cannot tell the group of the filter {id_!r}; allowed is GROUP:NAME")
        logs = aws.client("logs")
        answer = unless_gone(
            lambda: logs.describe_metric_filters(logGroupName=group, filterNamePrefix=name), _GONE
        ) or {"metricFilters": []}
        found = next((one for one in answer["metricFilters"] if one["filterName"] == name), None)
        if found is None or _described(aws, group) is None:
            return None
        (metric,) = found["metricTransformations"]
        transformation = {
            "name": metric["metricName"],
            "namespace": metric["metricNamespace"],
            "unit": metric.get("unit") or "None",
            "value": metric["metricValue"],
        }
        if metric.get("defaultValue") is not None:
            transformation["defaultValue"] = f"{metric['defaultValue']:g}"
        if metric.get("dimensions"):
            transformation["dimensions"] = metric["dimensions"]
        return {
            "logGroupName": group,
            "metricTransformation": transformation,
            "name": name,
            "pattern": found.get("filterPattern") or "",
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Put the filter anew."""
        self._put(aws, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the filter."""
        logs = aws.client("logs")
        unless_gone(
            lambda: logs.delete_metric_filter(logGroupName=state["logGroupName"], filterName=state["name"]), _GONE
        )

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash where group and name are the same."""
        return super().clashes(old, new) and old.get("logGroupName") == new.get("logGroupName")

    def _put(self, aws: Aws, inputs: Props) -> None:
        group = inputs["logGroupName"]
        if _described(aws, group) is None:  # the emulator does not ask
            raise ProviderError(f"there is no log group {group}. Declare it before the filter")
        metric = inputs["metricTransformation"]
        wire: dict[str, Any] = {
            "metricName": metric["name"],
            "metricNamespace": metric["namespace"],
            "metricValue": metric["value"],
            "unit": metric["unit"],
        }
        if metric.get("defaultValue") is not None:
            wire["defaultValue"] = float(metric["defaultValue"])
        if metric.get("dimensions"):
            wire["dimensions"] = metric["dimensions"]
        logs = aws.client("logs")
        # The service replaces one of the name; the emulator would have both.
        unless_gone(lambda: logs.delete_metric_filter(logGroupName=group, filterName=inputs["name"]), _GONE)
        logs.put_metric_filter(
            logGroupName=group,
            filterName=inputs["name"],
            filterPattern=inputs["pattern"],
            metricTransformations=[wire],
        )


ENTITIES: tuple[type[Entity], ...] = (LogGroup, LogMetricFilter)
