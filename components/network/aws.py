"""The network in AWS: isolated subnets over several zones, in a VPC of the layer's own or in an existing one.

Owns: the VPC, subnets, route tables without a way to the internet, security groups, endpoints of the cloud's services,
and the log of traffic. Does not own: what stands in it. Nothing in it ever has a public address: there is no internet
gateway, no NAT, and subnets give none. Of an existing VPC only the security groups are the layer's, and the endpoints
that the settings name.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components.network.aws_groups import SecurityGroups, SecurityGroupsArgs
from components.network.aws_log import TrafficLog, TrafficLogArgs
from components.network.aws_policies import endpoint_policy
from components.tags import tags
from settings.cloud.network import NetworkSettings
from settings.cloud.tags import TagSettings

__all__ = ["Network", "NetworkArgs"]

_COMPONENT = "network"
_GATEWAYS = ("s3",)
"""Services that are reached by a route; all others have an address in each subnet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NetworkArgs:
    """Arguments of `Network`."""

    stack: str
    settings: NetworkSettings
    tags: TagSettings
    logs_key_arn: pulumi.Input[str]
    """The key of the domain `logs` in the region of this network."""
    database_port: int = 5432
    """Of PostgreSQL, on which clients are let in; RDS's own default."""


class Network(pulumi.ComponentResource):
    """Where the databases of one region are."""

    vpc_id: pulumi.Output[str]
    cidr: pulumi.Output[str]
    subnet_ids: Mapping[str, pulumi.Output[str]]
    """Isolated subnets by zone."""
    route_table_ids: Mapping[str, pulumi.Output[str]]
    """By zone; empty for an existing VPC, whose routes are somebody else's."""
    database_security_group_id: pulumi.Output[str]
    client_security_group_id: pulumi.Output[str]
    """Whoever is in it may connect to the databases."""
    endpoint_security_group_id: pulumi.Output[str]

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the network."""
        super().__init__("fashionwallet:network:Network", name, None, opts)
        self._component_name = name
        self._args = args
        self._settings = args.settings
        self._tags = tags(args.stack, args.tags, component=_COMPONENT)
        if args.settings.vpc_id is None:
            self._create_vpc()
        else:
            self._take_over(args.settings.vpc_id)
        groups = self._create_groups()
        self._create_endpoints(groups)
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "cidr": self.cidr,
                "subnetIds": dict(self.subnet_ids),
                "routeTableIds": dict(self.route_table_ids),
                "databaseSecurityGroupId": self.database_security_group_id,
                "clientSecurityGroupId": self.client_security_group_id,
                "endpointSecurityGroupId": self.endpoint_security_group_id,
            }
        )

    def _take_over(self, vpc_id: str) -> None:
        self.vpc_id = pulumi.Output.from_input(vpc_id)
        self.cidr = pulumi.Output.from_input(self._settings.vpc_cidr)
        self.subnet_ids = {
            zone: pulumi.Output.from_input(subnet) for zone, subnet in sorted(self._settings.subnet_ids.items())
        }
        self.route_table_ids = {}

    def _create_vpc(self) -> None:
        vpc = ec2.Vpc(
            f"{self._component_name}-vpc",
            cidr_block=self._settings.vpc_cidr,
            enable_dns_support=True,
            enable_dns_hostnames=True,  # endpoints and databases are found by their names
            tags=self._named("vpc"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.vpc_id = vpc.id
        self.cidr = vpc.cidr_block
        ec2.DefaultSecurityGroup(
            f"{self._component_name}-default-group",
            vpc_id=vpc.id,
            ingress=[],
            egress=[],
            tags=self._named("default-unused"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        zones = sorted(self._settings.subnets)
        subnets = {zone: self._create_subnet(zone, vpc) for zone in zones}
        self.subnet_ids = {zone: subnet.id for zone, subnet in subnets.items()}
        self.route_table_ids = {zone: self._create_route_table(zone, vpc, subnets[zone]).id for zone in zones}
        self._create_log(vpc)

    def _create_subnet(self, zone: str, vpc: ec2.Vpc) -> ec2.Subnet:
        return ec2.Subnet(
            f"{self._component_name}-subnet-{zone}",
            vpc_id=vpc.id,
            availability_zone=zone,
            cidr_block=self._settings.subnets[zone],
            map_public_ip_on_launch=False,
            tags=self._named(f"isolated-{zone}"),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_route_table(self, zone: str, vpc: ec2.Vpc, subnet: ec2.Subnet) -> ec2.RouteTable:
        """Declare the routes of a zone: to the clients outside the VPC that the settings name, and nowhere else."""
        table = ec2.RouteTable(
            f"{self._component_name}-routes-{zone}",
            vpc_id=vpc.id,
            routes=[_route(cidr, target) for cidr, target in sorted(self._settings.client_routes.items())],
            tags=self._named(f"isolated-{zone}"),
            opts=pulumi.ResourceOptions(parent=self),
        )
        ec2.RouteTableAssociation(
            f"{self._component_name}-routes-of-{zone}",
            subnet_id=subnet.id,
            route_table_id=table.id,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return table

    def _create_log(self, vpc: ec2.Vpc) -> None:
        TrafficLog(
            f"{self._component_name}-traffic",
            TrafficLogArgs(
                stack=self._args.stack,
                prefix=self._prefix,
                account_id=self._settings.account_id,
                region=self._settings.region,
                vpc_id=vpc.id,
                key_arn=self._args.logs_key_arn,
                retention_days=self._settings.flow_log_retention_days,
                tags=self._tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )

    def _create_groups(self) -> SecurityGroups:
        groups = SecurityGroups(
            f"{self._component_name}-groups",
            SecurityGroupsArgs(
                prefix=self._prefix,
                vpc_id=self.vpc_id,
                client_cidrs=self._settings.client_cidrs,
                database_port=self._args.database_port,
                tags=self._tags,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.database_security_group_id = groups.database_id
        self.client_security_group_id = groups.client_id
        self.endpoint_security_group_id = groups.endpoint_id
        return groups

    def _create_endpoints(self, groups: SecurityGroups) -> None:
        for service in self._settings.endpoint_services:
            endpoint = self._create_gateway(service) if service in _GATEWAYS else self._create_interface(service)
            if service in _GATEWAYS:
                groups.allow_to_prefixes(service, endpoint.prefix_list_id)

    def _create_gateway(self, service: str) -> ec2.VpcEndpoint:
        return ec2.VpcEndpoint(
            f"{self._component_name}-endpoint-{service}",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._settings.region}.{service}",
            vpc_endpoint_type="Gateway",
            route_table_ids=list(self.route_table_ids.values()),
            policy=self._policy(service),
            tags=self._named(service),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_interface(self, service: str) -> ec2.VpcEndpoint:
        return ec2.VpcEndpoint(
            f"{self._component_name}-endpoint-{service}",
            vpc_id=self.vpc_id,
            service_name=f"com.amazonaws.{self._settings.region}.{service}",
            vpc_endpoint_type="Interface",
            private_dns_enabled=True,
            subnet_ids=list(self.subnet_ids.values()),
            security_group_ids=[self.endpoint_security_group_id],
            policy=self._policy(service),
            tags=self._named(service),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _policy(self, service: str) -> str:
        return json.dumps(endpoint_policy(service, self._settings.account_id))

    @property
    def _prefix(self) -> str:
        """Return how names in the account begin; roles belong to no region, so the region is in it."""
        return f"fashion-wallet-{self._args.stack}-{self._settings.region}"

    def _named(self, role: str) -> dict[str, str]:
        return {**self._tags, "Name": f"fashion-wallet-{self._args.stack}-{role}"}


def _route(cidr: str, target: str) -> ec2.RouteTableRouteArgs:
    if target.startswith("tgw-"):
        return ec2.RouteTableRouteArgs(cidr_block=cidr, transit_gateway_id=target)
    return ec2.RouteTableRouteArgs(cidr_block=cidr, vpc_peering_connection_id=target)
