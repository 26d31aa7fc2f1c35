"""Security groups: databases, their clients, and the endpoints, each let in by the name of another group.

Owns: the three groups and all their rules. Does not own: who is in them. A group lets nothing in or out that is not
here; the default group, in which nothing should ever be, lets nothing through at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import ec2, vpc

__all__ = ["SecurityGroups", "SecurityGroupsArgs"]

_TCP = "tcp"
_HTTPS = 443


@dataclass(frozen=True, kw_only=True, slots=True)
class SecurityGroupsArgs:
    """Arguments of `SecurityGroups`."""

    prefix: str
    """Of the groups' names in the account."""
    vpc_id: pulumi.Input[str]
    client_cidrs: Sequence[str]
    database_port: int
    tags: Mapping[str, str]


class SecurityGroups(pulumi.ComponentResource):
    """The groups and their rules."""

    database_id: pulumi.Output[str]
    client_id: pulumi.Output[str]
    endpoint_id: pulumi.Output[str]

    def __init__(self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare groups, then rules: groups that name each other are made before either has a rule."""
        super().__init__("fashionwallet:network:SecurityGroups", name, None, opts)
        self._component_name = name
        self._args = args
        self.database_id = self._create_group("database", "Databases: PostgreSQL from its clients, nothing out").id
        self.client_id = self._create_group("client", "Clients of the databases, and of the endpoints").id
        self.endpoint_id = self._create_group("endpoint", "Endpoints of the cloud's services").id
        self._create_way("client", "database", args.database_port, "PostgreSQL")
        self._create_way("client", "endpoint", _HTTPS, "services of the cloud")
        for cidr in args.client_cidrs:
            self._create_way_in(cidr)
        self.register_outputs(
            {"databaseId": self.database_id, "clientId": self.client_id, "endpointId": self.endpoint_id}
        )

    def allow_to_prefixes(self, role: str, prefix_list_id: pulumi.Input[str]) -> None:
        """Let clients out to a gateway endpoint, which has addresses of its own and no group."""
        vpc.SecurityGroupEgressRule(
            f"{self._component_name}-client-to-{role}",
            security_group_id=self.client_id,
            prefix_list_id=prefix_list_id,
            description=f"To {role}",
            **self._port(_HTTPS),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_group(self, role: str, description: str) -> ec2.SecurityGroup:
        name = f"{self._args.prefix}-{role}"
        return ec2.SecurityGroup(
            f"{self._component_name}-{role}",
            name=name,
            description=description,
            vpc_id=self._args.vpc_id,
            tags={**self._args.tags, "Name": name},
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_way(self, source: str, target: str, port: int, what: str) -> None:
        """Let one group reach another: out of the one, into the other."""
        ids = {"client": self.client_id, "database": self.database_id, "endpoint": self.endpoint_id}
        vpc.SecurityGroupEgressRule(
            f"{self._component_name}-{source}-to-{target}",
            security_group_id=ids[source],
            referenced_security_group_id=ids[target],
            description=f"To {what}",
            **self._port(port),
            opts=pulumi.ResourceOptions(parent=self),
        )
        vpc.SecurityGroupIngressRule(
            f"{self._component_name}-{target}-from-{source}",
            security_group_id=ids[target],
            referenced_security_group_id=ids[source],
            description=f"From {source}s",
            **self._port(port),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_way_in(self, cidr: str) -> None:
        vpc.SecurityGroupIngressRule(
            f"{self._component_name}-database-from-{cidr.replace('.', '-').replace('/', '-')}",
            security_group_id=self.database_id,
            cidr_ipv4=cidr,
            description=f"From clients in {cidr}",
            **self._port(self._args.database_port),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _port(self, port: int) -> dict[str, Any]:
        return {"ip_protocol": _TCP, "from_port": port, "to_port": port, "tags": dict(self._args.tags)}
