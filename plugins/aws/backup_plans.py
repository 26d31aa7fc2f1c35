"""AWS Backup: plans, what they protect, and restore tests.

The emulator cannot change a plan and has none of the rest: all of it is kept here, with the checks that AWS would make.
"""

import uuid
from collections.abc import Mapping
from typing import ClassVar, Final

from plugins.aws.backup_checks import cron, matches, refuse_role, refuse_vault, rule
from plugins.aws.clients import Aws
from plugins.aws.entity import KeptEntity
from plugins.aws.tags import TAGS
from plugins.base import UNKNOWN, CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields, Kind

__all__ = ["ENTITIES"]

_DAYS: Final = 36_500
_WINDOW_MIN: Final = 60
_HOURS: Final = 168
_LIFECYCLE: Final = Field(
    kind="object",
    unset={},
    fields={
        "deleteAfter": Field(kind="number", unset=0, least=1, most=_DAYS),
        "coldStorageAfter": Field(kind="number", unset=0, least=1, most=_DAYS),
    },
)
_UNDERSCORED: Final = (r"[A-Za-z0-9_]{1,50}", "1 to 50 letters, digits and _")


class Plan(KeptEntity):
    """What is backed up when, where to, and for how long."""

    token = "aws:backup/plan:Plan"
    noun = "backup plan"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "rules": Field(
            kind="objects",
            required=True,
            fields={
                "ruleName": Field(kind="text", required=True),
                "targetVaultName": Field(kind="text", required=True),
                "schedule": Field(kind="text", unset=""),
                "scheduleExpressionTimezone": Field(kind="text", default="Etc/UTC"),
                "startWindow": Field(kind="number", default=480, least=_WINDOW_MIN),
                "completionWindow": Field(kind="number", default=10_080, least=_WINDOW_MIN),
                "enableContinuousBackup": Field(kind="flag", default=False),
                "lifecycle": _LIFECYCLE,
                "copyActions": Field(
                    kind="objects",
                    unset=[],
                    fields={
                        "destinationVaultArn": Field(kind="text", required=True),
                        "lifecycle": _LIFECYCLE,
                    },
                ),
                "recoveryPointTags": Field(kind="map", unset={}),
            },
        ),
        "tags": TAGS,
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"arn": "text", "version": "text"}
    volatile: ClassVar[frozenset[str]] = frozenset({"version"})

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the plan's name and every rule."""
        failures = matches("name", inputs["name"], r"[A-Za-z0-9_.-]{1,50}", "1 to 50 letters, digits, -_.")
        names: set[object] = set()
        for index, one in enumerate([] if inputs["rules"] is UNKNOWN else inputs["rules"]):
            if one is UNKNOWN:
                continue
            path = f"rules[{index}]"
            failures += rule(path, one)
            if one["ruleName"] in names and one["ruleName"] is not UNKNOWN:
                reason = f"{path}.ruleName: {one['ruleName']!r} is there twice. Rename one"
                failures.append(CheckFailure(f"{path}.ruleName", reason))
            names.add(one["ruleName"])
        return failures

    def identity(self, aws: Aws, inputs: Props) -> str:
        """Return an id as the service makes it; no two plans may be alike."""
        for id_, kept in aws.store.all(self._kind(aws)).items():
            if kept["name"] == inputs["name"]:
                raise ProviderError(f"there is a plan {inputs['name']} already: {id_}. Import it, or rename this one")
        return str(uuid.uuid4())

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:
        """Return its ARN and a new version; the vaults must be there, those of copies in their region."""
        for index, one in enumerate(inputs["rules"]):
            path = f"rules[{index}]"
            refuse_vault(aws, f"{path}.targetVaultName", one["targetVaultName"])
            for number, action in enumerate(one.get("copyActions") or []):
                _refuse_destination(aws, f"{path}.copyActions[{number}]", action["destinationVaultArn"])
        return {"arn": aws.arn("backup", f"backup-plan:{id_}"), "version": uuid.uuid4().hex}

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:
        """Delete it; the service refuses that while it has selections."""
        selections = aws.store.all(f"{Selection.token}@{aws.region}").values()
        names = sorted(kept["name"] for kept in selections if kept["planId"] == id_)
        if names:
            raise ProviderError(f"it has selections: {', '.join(names)}. Delete them first")
        super().drop(aws, id_, state, ctx)


def _refuse_destination(aws: Aws, path: str, arn: str) -> None:
    parts = arn.split(":")
    if parts[2:3] != ["backup"] or parts[5:6] != ["backup-vault"]:
        raise ProviderError(f"{path}.destinationVaultArn: got {arn!r}, allowed is the ARN of a backup vault")
    refuse_vault(aws.at(parts[3]), f"{path}.destinationVaultArn", parts[6])


class Selection(KeptEntity):
    """What a plan backs up, and by which role. Any change of it makes another one."""

    token = "aws:backup/selection:Selection"
    noun = "backup selection"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "planId": Field(kind="text", required=True, replaces=True),
        "iamRoleArn": Field(kind="text", required=True, replaces=True),
        "resources": Field(kind="set", required=True, replaces=True),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the name, and that something is selected: the service would take nothing for everything."""
        failures = matches("name", inputs["name"], r"[A-Za-z0-9_.-]{1,50}", "1 to 50 letters, digits, -_.")
        if inputs["resources"] == []:
            reason = "resources: got none, allowed is one ARN or more. Name what the plan is for"
            failures.append(CheckFailure("resources", reason))
        return failures

    def identity(self, aws: Aws, inputs: Props) -> str:  # noqa: ARG002
        """Return an id as the service makes it."""
        return str(uuid.uuid4())

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:  # noqa: ARG002
        """Return nothing more; plan and role must be there."""
        if aws.store.get(f"{Plan.token}@{aws.region}", inputs["planId"]) is None:
            raise ProviderError(f"planId: there is no plan {inputs['planId']} in {aws.region}. Make it first")
        refuse_role(aws, "iamRoleArn", inputs["iamRoleArn"])
        return {}


class RestoreTestingPlan(KeptEntity):
    """When recovery points are restored for a test, and which."""

    token = "aws:backup/restoreTestingPlan:RestoreTestingPlan"
    noun = "restore testing plan"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "scheduleExpression": Field(kind="text", required=True),
        "scheduleExpressionTimezone": Field(kind="text", default="Etc/UTC"),
        "startWindowHours": Field(kind="number", default=24, least=1, most=_HOURS),
        "recoveryPointSelection": Field(
            kind="object",
            required=True,
            fields={
                "algorithm": Field(
                    kind="text", required=True, allowed=("LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW")
                ),
                "includeVaults": Field(kind="set", required=True),
                "recoveryPointTypes": Field(kind="set", required=True, allowed=("CONTINUOUS", "SNAPSHOT")),
                "selectionWindowDays": Field(kind="number", default=30, least=1, most=365),
            },
        ),
        "tags": TAGS,
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"arn": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check name and schedule."""
        failures = matches("name", inputs["name"], *_UNDERSCORED)
        return failures + cron("scheduleExpression", inputs["scheduleExpression"])

    def identity(self, aws: Aws, inputs: Props) -> str:  # noqa: ARG002
        """Return the name."""
        return str(inputs["name"])

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:
        """Return the ARN; the vaults must be there."""
        for index, arn in enumerate(inputs["recoveryPointSelection"]["includeVaults"]):
            if arn != "*":
                path = f"recoveryPointSelection.includeVaults[{index}]"
                refuse_vault(aws, path, arn.rsplit(":", 1)[-1])
        # The service appends random digits; of one name there is one plan, so these do as well.
        digits = uuid.uuid5(uuid.NAMESPACE_URL, f"{aws.account_id}/{aws.region}/{id_}")
        return {"arn": aws.arn("backup", f"restore-testing-plan:{id_}-{digits}")}

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:
        """Delete it; the service refuses that while it has selections."""
        selections = aws.store.all(f"{RestoreTestingSelection.token}@{aws.region}").values()
        names = sorted(kept["name"] for kept in selections if kept["restoreTestingPlanName"] == id_)
        if names:
            raise ProviderError(f"it has selections: {', '.join(names)}. Delete them first")
        super().drop(aws, id_, state, ctx)


class RestoreTestingSelection(KeptEntity):
    """What a restore testing plan restores, by which role, and for how long it stays."""

    token = "aws:backup/restoreTestingSelection:RestoreTestingSelection"
    noun = "restore testing selection"
    autonamed = "name"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", replaces=True),
        "restoreTestingPlanName": Field(kind="text", required=True, replaces=True),
        "iamRoleArn": Field(kind="text", required=True),
        "protectedResourceType": Field(
            kind="text",
            required=True,
            replaces=True,
            allowed=("Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "S3"),
        ),
        "protectedResourceArns": Field(kind="set", required=True),
        "restoreMetadataOverrides": Field(kind="map", unset={}),
        "validationWindowHours": Field(kind="number", unset=0, least=1, most=_HOURS),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the name, and that something is to be restored."""
        failures = matches("name", inputs["name"], *_UNDERSCORED)
        if inputs["protectedResourceArns"] == []:
            reason = "protectedResourceArns: got none, allowed is one ARN or more, or '*'. Name what is to be restored"
            failures.append(CheckFailure("protectedResourceArns", reason))
        return failures

    def identity(self, aws: Aws, inputs: Props) -> str:  # noqa: ARG002
        """Return both names: of one name there is one selection in a plan."""
        return f"{inputs['name']}:{inputs['restoreTestingPlanName']}"

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:  # noqa: ARG002
        """Return nothing more; plan and role must be there."""
        plan = inputs["restoreTestingPlanName"]
        if aws.store.get(f"{RestoreTestingPlan.token}@{aws.region}", plan) is None:
            raise ProviderError(f"restoreTestingPlanName: there is no plan {plan} in {aws.region}. Make it first")
        refuse_role(aws, "iamRoleArn", inputs["iamRoleArn"])
        return {}


ENTITIES: Final = (Plan, RestoreTestingPlan, RestoreTestingSelection, Selection)
