"""The private way from our VPC to Atlas: an endpoint service of theirs, an interface endpoint of ours, and the tie.

Owns: those, and the security group that lets clients through. Does not own: the VPC, and the clients' own group.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws
import pulumi_mongodbatlas as atlas

from components.mongodb.atlas_names import region

__all__ = ["AtlasEndpoint", "AtlasEndpointArgs"]

_PORTS = (1024, 65535)
"""Atlas gives each node a port of its own in this range: all of them are behind one endpoint.

https://www.mongodb.com/docs/atlas/security-private-endpoint/
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class AtlasEndpointArgs:
    """Arguments of `AtlasEndpoint`."""

    project_id: pulumi.Input[str]
    group_name: str
    """Of the security group, in the account."""
    region: str
    """AWS's name of it."""
    vpc_id: pulumi.Input[str]
    subnet_ids: Mapping[str, pulumi.Input[str]]
    """Zone → its subnet: one address in each."""
    client_security_group_id: pulumi.Input[str]
    """Whoever is in it may connect."""
    client_cidrs: Sequence[str]
    """Networks outside the VPC that may connect, too."""
    tags: Mapping[str, str]


class AtlasEndpoint(pulumi.ComponentResource):
    """A private endpoint."""

    endpoint_id: pulumi.Output[str]
    """Of the interface endpoint in our VPC; the cluster's connection strings name it."""
    ready: pulumi.Resource
    """A cluster that is made after this has a connection string for the endpoint from the start."""

    def __init__(self, name: str, args: AtlasEndpointArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the endpoint."""
        super().__init__("fashionwallet:mongodb:AtlasEndpoint", name, None, opts)
        self._component_name = name
        self._args = args
        group = self._create_group()
        self._create_ways(group)
        service = self._create_service()
        interface = self._create_interface(service, group)
        self.endpoint_id = interface.id
        self.ready = self._create_tie(service, interface)
        self.register_outputs({"endpoint_id": self.endpoint_id})

    def _create_group(self) -> aws.ec2.SecurityGroup:
        return aws.ec2.SecurityGroup(
            f"{self._component_name}-endpoint",
            name=self._args.group_name,
            description="MongoDB Atlas from its clients, nothing out",
            vpc_id=self._args.vpc_id,
            tags={**self._args.tags, "Name": self._args.group_name},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_ways(self, group: aws.ec2.SecurityGroup) -> None:
        client = self._args.client_security_group_id
        aws.vpc.SecurityGroupEgressRule(
            f"{self._component_name}-client-to-endpoint",
            security_group_id=client,
            referenced_security_group_id=group.id,
            description="To MongoDB Atlas",
            **self._ports(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._component_name}-endpoint-from-client",
            security_group_id=group.id,
            referenced_security_group_id=client,
            description="From clients",
            **self._ports(),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for cidr in self._args.client_cidrs:
            aws.vpc.SecurityGroupIngressRule(
                f"{self._component_name}-endpoint-from-{cidr.replace('.', '-').replace('/', '-')}",
                security_group_id=group.id,
                cidr_ipv4=cidr,
                description=f"From clients in {cidr}",
                **self._ports(),
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _ports(self) -> dict[str, Any]:
        first, last = _PORTS
        return {"ip_protocol": "tcp", "from_port": first, "to_port": last, "tags": self._args.tags}

    def _create_service(self) -> atlas.PrivateLinkEndpoint:
        return atlas.PrivateLinkEndpoint(
            f"{self._component_name}-endpoint-service",
            project_id=self._args.project_id,
            provider_name="AWS",
            region=region(self._args.region),
            delete_on_create_timeout=False,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_interface(
        self, service: atlas.PrivateLinkEndpoint, group: aws.ec2.SecurityGroup
    ) -> aws.ec2.VpcEndpoint:
        return aws.ec2.VpcEndpoint(
            f"{self._component_name}-endpoint",
            vpc_id=self._args.vpc_id,
            service_name=service.endpoint_service_name,
            vpc_endpoint_type="Interface",
            subnet_ids=list(self._args.subnet_ids.values()),
            security_group_ids=[group.id],
            tags=self._args.tags,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_tie(
        self, service: atlas.PrivateLinkEndpoint, interface: aws.ec2.VpcEndpoint
    ) -> atlas.PrivateLinkEndpointService:
        return atlas.PrivateLinkEndpointService(
            f"{self._component_name}-endpoint-tie",
            project_id=self._args.project_id,
            provider_name="AWS",
            private_link_id=service.private_link_id,
            endpoint_service_id=interface.id,
            delete_on_create_timeout=False,
            opts=pulumi.ResourceOptions(parent=self),
        )
