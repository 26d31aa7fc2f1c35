"""The log of a network's traffic: every connection that was taken or refused, in an encrypted log group.

Owns: the log group, the role that writes into it, and the flow log. Does not own: the key.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ec2, iam

from components.network.aws_policies import flow_log_policy, flow_log_trust

__all__ = ["TrafficLog", "TrafficLogArgs"]

_AGGREGATION_S = 60  # the shorter of the two intervals there are: an attack is seen minutes earlier


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficLogArgs:
    """Arguments of `TrafficLog`."""

    stack: str
    prefix: str
    """Of the role's name in the account."""
    account_id: str
    region: str
    vpc_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    retention_days: int
    tags: Mapping[str, str]


class TrafficLog(pulumi.ComponentResource):
    """A flow log and where it goes."""

    log_group: pulumi.Output[str]

    def __init__(self, name: str, args: TrafficLogArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare group, role and log."""
        super().__init__("fashionwallet:network:TrafficLog", name, None, opts)
        self._component_name = name
        self._args = args
        group = self._create_group()
        role, right = self._create_role(group)
        self._create_log(group, role, right)
        self.log_group = group.name
        self.register_outputs({"logGroup": self.log_group})

    def _create_group(self) -> cloudwatch.LogGroup:
        return cloudwatch.LogGroup(
            f"{self._component_name}-group",
            name=f"/fashion-wallet/{self._args.stack}/{self._component_name}",
            kms_key_id=self._args.key_arn,
            retention_in_days=self._args.retention_days,
            tags=dict(self._args.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_role(self, group: cloudwatch.LogGroup) -> tuple[iam.Role, iam.RolePolicy]:
        role = iam.Role(
            f"{self._component_name}-role",
            name=f"{self._args.prefix}-flow-log",
            description="Writes the log of the network's traffic",
            assume_role_policy=json.dumps(flow_log_trust(self._args.account_id, self._args.region)),
            tags=dict(self._args.tags),
            opts=pulumi.ResourceOptions(parent=self),
        )
        right = iam.RolePolicy(
            f"{self._component_name}-role-policy",
            name="write-flow-log",
            role=role.name,
            policy=group.arn.apply(lambda arn: json.dumps(flow_log_policy(arn))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role, right

    def _create_log(self, group: cloudwatch.LogGroup, role: iam.Role, right: iam.RolePolicy) -> None:
        ec2.FlowLog(
            f"{self._component_name}-flow-log",
            vpc_id=self._args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=_AGGREGATION_S,
            tags=dict(self._args.tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[right]),
        )
