"""The emulated AWS account as somebody beside the engine sees and changes it: through boto3."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from rehearsal.environment import CREDENTIALS

__all__ = ["KEPT_ON_PURPOSE", "AwsAccount"]

_CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"total_max_attempts": 1})
KEPT_ON_PURPOSE = frozenset(("rds snapshot",))
"""What a destroy leaves: each primary's final snapshot."""
Listing = tuple[str, str, str, str, Mapping[str, Any]]
# What is listed: a name for people, service, operation, where the answer has the things, and arguments.
_LISTED: tuple[Listing, ...] = (
    ("vpc", "ec2", "describe_vpcs", "Vpcs.VpcId", {}),
    ("subnet", "ec2", "describe_subnets", "Subnets.SubnetId", {}),
    ("security group", "ec2", "describe_security_groups", "SecurityGroups.GroupId", {}),
    ("vpc endpoint", "ec2", "describe_vpc_endpoints", "VpcEndpoints.VpcEndpointId", {}),
    ("route table", "ec2", "describe_route_tables", "RouteTables.RouteTableId", {}),
    ("flow log", "ec2", "describe_flow_logs", "FlowLogs.FlowLogId", {}),
    ("kms alias", "kms", "list_aliases", "Aliases.AliasName", {}),
    ("rds instance", "rds", "describe_db_instances", "DBInstances.DBInstanceIdentifier", {}),
    ("rds snapshot", "rds", "describe_db_snapshots", "DBSnapshots.DBSnapshotIdentifier", {}),
    ("rds subnet group", "rds", "describe_db_subnet_groups", "DBSubnetGroups.DBSubnetGroupName", {}),
    ("rds parameter group", "rds", "describe_db_parameter_groups", "DBParameterGroups.DBParameterGroupName", {}),
    ("rds proxy", "rds", "describe_db_proxies", "DBProxies.DBProxyName", {}),
    ("rds event subscription", "rds", "describe_event_subscriptions", "EventSubscriptionsList.CustSubscriptionId", {}),
    ("secret", "secretsmanager", "list_secrets", "SecretList.Name", {}),
    ("backup vault", "backup", "list_backup_vaults", "BackupVaultList.BackupVaultName", {}),
    ("backup plan", "backup", "list_backup_plans", "BackupPlansList.BackupPlanId", {}),
    ("topic", "sns", "list_topics", "Topics.TopicArn", {}),
    ("alarm", "cloudwatch", "describe_alarms", "MetricAlarms.AlarmName", {}),
    ("dashboard", "cloudwatch", "list_dashboards", "DashboardEntries.DashboardName", {}),
    ("log group", "logs", "describe_log_groups", "logGroups.logGroupName", {}),
)
_GLOBAL: tuple[Listing, ...] = (
    ("bucket", "s3", "list_buckets", "Buckets.Name", {}),
    ("role", "iam", "list_roles", "Roles.RoleName", {}),
    ("policy", "iam", "list_policies", "Policies.Arn", {"Scope": "Local"}),
)


@dataclass(frozen=True)
class AwsAccount:
    """The account behind an endpoint, and the regions that the stack uses."""

    endpoint: str
    regions: Sequence[str]

    def client(self, service: str, region: str = "") -> Any:
        """A client of one service."""
        return _client(self.endpoint, service, region or self.regions[0])

    def make_state_key(self, alias: str, region: str) -> str:
        """Make the key that encrypts the stack's secrets, as whoever sets an account up does; returns its id."""
        kms = self.client("kms", region)
        key = str(kms.create_key(Description="Secrets of the stack's state")["KeyMetadata"]["KeyId"])
        kms.create_alias(AliasName=alias, TargetKeyId=key)
        return key

    def inventory(self) -> frozenset[tuple[str, str]]:
        """Everything there is, as kind and id with its region; keys only while they are not being deleted."""
        found = set(self._keys())
        for region in self.regions:
            for kind, service, operation, path, arguments in _LISTED:
                found |= {
                    (kind, f"{region} {id_}") for id_ in self._listed(service, operation, path, arguments, region)
                }
        for kind, service, operation, path, arguments in _GLOBAL:
            found |= {(kind, id_) for id_ in self._listed(service, operation, path, arguments, self.regions[0])}
        return frozenset(found)

    def _listed(
        self, service: str, operation: str, path: str, arguments: Mapping[str, Any], region: str
    ) -> Iterator[str]:
        client = self.client(service, region)
        top, field = path.split(".")
        if client.can_paginate(operation):
            pages = client.get_paginator(operation).paginate(**arguments)
        else:
            call: Callable[..., Any] = getattr(client, operation)
            pages = [call(**arguments)]
        for page in pages:
            for thing in page.get(top) or []:
                if str(thing.get("State", "")).lower() != "deleted":  # AWS shows some for a while yet
                    yield str(thing[field])

    def _keys(self) -> Iterator[tuple[str, str]]:
        for region in self.regions:
            kms = self.client("kms", region)
            for page in kms.get_paginator("list_keys").paginate():
                for key in page["Keys"]:
                    if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled":
                        yield "kms key", f"{region} {key['KeyId']}"


@cache
def _client(endpoint: str, service: str, region: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        config=_CONFIG,
    )
