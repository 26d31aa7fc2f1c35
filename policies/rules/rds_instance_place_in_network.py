"""A database on RDS stands in subnets and a security group of its own."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RDS_INSTANCE, is_replica
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the security groups, and of an instance that is no replica the subnets; a replica has its source's."""
    groups = resource.at("vpcSecurityGroupIds")
    if not isinstance(groups, list) or not groups or not all(one is UNKNOWN or one for one in groups):
        allowed = "the security group of databases"
        yield Finding.judge(resource, "vpcSecurityGroupIds", groups, found=show(groups, public_form), allowed=allowed)
    subnets, replica = resource.at("dbSubnetGroupName"), is_replica(resource)
    if replica is True or (isinstance(subnets, str) and subnets.strip()):
        return
    unknown = UNKNOWN if UNKNOWN in (subnets, replica) else subnets
    found = show(subnets, public_form)
    yield Finding.judge(resource, "dbSubnetGroupName", unknown, found=found, allowed="a group of isolated subnets")


RULE = ResourceRule(
    id="rds-instance-place-in-network",
    title="A database on RDS stands in subnets and a security group of its own.",
    severity=Severity.HIGH,
    reason="without them the instance lands in the account's default network, whose rules are nobody's",
    fix="set dbSubnetGroupName to the group of the isolated subnets and vpcSecurityGroupIds to the group of databases",
    spec=("6.1",),
    frameworks=("AWS Security Hub RDS.18",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.html",
    topic="relational database",
    absent="Unset and empty are violations; a replica stands in its source's subnets.",
    example=Example(
        refused="# no db_subnet_group_name: the default network",
        taken="db_subnet_group_name=subnets.name, vpc_security_group_ids=[network.database_security_group_id]",
    ),
    types=(RDS_INSTANCE,),
    check=check,
)
