"""EC2: virtual networks, their subnets and routes; and what all types of EC2 share."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_list, as_map, changes
from plugins.base import Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "RouteTable", "RouteTableAssociation", "Subnet", "Vpc", "one_of", "retag", "tagged"]

_NO_VPC: Final = "InvalidVpcID.NotFound"
_NO_SUBNET: Final = "InvalidSubnetID.NotFound"
_NO_TABLE: Final = "InvalidRouteTableID.NotFound"
_NO_ASSOCIATION: Final = "InvalidAssociationID.NotFound"
_PARENT: Final = Field(kind="text", required=True, replaces=True)


def tagged(kind: str, inputs: Props) -> dict[str, Any]:
    """Return the argument by which a call that creates something tags it at once."""
    tags = inputs.get("tags")
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": as_list(tags)}]} if tags else {}


def retag(aws: Aws, id_: str, state: Props, news: Props) -> None:
    """Bring the tags of a thing to what is wanted."""
    put, gone = changes(state.get("tags"), news.get("tags"))
    if put:
        aws.client("ec2").create_tags(Resources=[id_], Tags=as_list(put))
    if gone:
        aws.client("ec2").delete_tags(Resources=[id_], Tags=[{"Key": name} for name in gone])


def one_of(call: Callable[[], Any], key: str, *codes: str) -> Props | None:
    """Return the one thing that a describing call lists under `key`, or None where there is none."""
    answer = unless_gone(call, *codes)
    found: Sequence[Props] = answer[key] if answer else ()
    return dict(found[0]) if found else None


class Vpc(Entity):
    """`aws:ec2/vpc:Vpc`."""

    token = "aws:ec2/vpc:Vpc"
    noun = "network"
    fields: ClassVar[Fields] = {
        "cidrBlock": _PARENT,
        "enableDnsHostnames": Field(kind="flag", default=False),
        "enableDnsSupport": Field(kind="flag", default=True),
        "instanceTenancy": Field(kind="text", default="default", replaces=True, allowed=("default", "dedicated")),
        "tags": TAGS,
    }
    outputs: ClassVar = {
        "arn": "text",
        "defaultNetworkAclId": "text",
        "defaultRouteTableId": "text",
        "defaultSecurityGroupId": "text",
        "dhcpOptionsId": "text",
        "mainRouteTableId": "text",
        "ownerId": "text",
    }

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the network."""
        made = aws.client("ec2").create_vpc(
            CidrBlock=inputs["cidrBlock"], InstanceTenancy=inputs["instanceTenancy"], **tagged("vpc", inputs)
        )
        return made["Vpc"]["VpcId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Set what the creating call has no argument for."""
        self._names(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the network, its attributes and what came with it."""
        ec2 = aws.client("ec2")
        vpc = one_of(lambda: ec2.describe_vpcs(VpcIds=[id_]), "Vpcs", _NO_VPC)
        if vpc is None:
            return None
        of_vpc = [{"Name": "vpc-id", "Values": [id_]}]
        main = [*of_vpc, {"Name": "association.main", "Values": ["true"]}]
        group = [*of_vpc, {"Name": "group-name", "Values": ["default"]}]
        acl = [*of_vpc, {"Name": "default", "Values": ["true"]}]
        table = ec2.describe_route_tables(Filters=main)["RouteTables"]
        return {
            "arn": aws.arn("ec2", f"vpc/{id_}"),
            "cidrBlock": vpc["CidrBlock"],
            "defaultNetworkAclId": _first(ec2.describe_network_acls(Filters=acl)["NetworkAcls"], "NetworkAclId"),
            "defaultRouteTableId": _first(table, "RouteTableId"),
            "defaultSecurityGroupId": _first(ec2.describe_security_groups(Filters=group)["SecurityGroups"], "GroupId"),
            "dhcpOptionsId": vpc.get("DhcpOptionsId", ""),
            "enableDnsHostnames": self._attribute(aws, id_, "enableDnsHostnames"),
            "enableDnsSupport": self._attribute(aws, id_, "enableDnsSupport"),
            "instanceTenancy": vpc["InstanceTenancy"],
            "mainRouteTableId": _first(table, "RouteTableId"),
            "ownerId": vpc.get("OwnerId", aws.account_id),
            "tags": as_map(vpc.get("Tags")),
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change how names resolve, and the tags."""
        self._names(aws, id_, news)
        retag(aws, id_, state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the network."""
        unless_gone(lambda: aws.client("ec2").delete_vpc(VpcId=id_), _NO_VPC)

    def _names(self, aws: Aws, id_: str, inputs: Props) -> None:
        ec2 = aws.client("ec2")  # one attribute a call, as the service has it
        ec2.modify_vpc_attribute(VpcId=id_, EnableDnsSupport={"Value": inputs["enableDnsSupport"]})
        ec2.modify_vpc_attribute(VpcId=id_, EnableDnsHostnames={"Value": inputs["enableDnsHostnames"]})

    def _attribute(self, aws: Aws, id_: str, name: str) -> bool:
        answer = aws.client("ec2").describe_vpc_attribute(VpcId=id_, Attribute=name)
        return bool(answer[name[0].upper() + name[1:]]["Value"])


class Subnet(Entity):
    """`aws:ec2/subnet:Subnet`."""

    token = "aws:ec2/subnet:Subnet"
    noun = "subnet"
    fields: ClassVar[Fields] = {
        "availabilityZone": Field(kind="text", replaces=True),
        "cidrBlock": Field(kind="text", replaces=True),
        "mapPublicIpOnLaunch": Field(kind="flag", default=False),
        "tags": TAGS,
        "vpcId": _PARENT,
    }
    outputs: ClassVar = {"arn": "text", "availabilityZoneId": "text", "ownerId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the subnet."""
        zone = {"AvailabilityZone": inputs["availabilityZone"]} if inputs.get("availabilityZone") else {}
        made = aws.client("ec2").create_subnet(
            VpcId=inputs["vpcId"], CidrBlock=inputs["cidrBlock"], **zone, **tagged("subnet", inputs)
        )
        return made["Subnet"]["SubnetId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Say whether what starts there gets a public address."""
        self._public(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the subnet."""
        ec2 = aws.client("ec2")
        subnet = one_of(lambda: ec2.describe_subnets(SubnetIds=[id_]), "Subnets", _NO_SUBNET)
        if subnet is None:
            return None
        return {
            "arn": subnet.get("SubnetArn") or aws.arn("ec2", f"subnet/{id_}"),
            "availabilityZone": subnet["AvailabilityZone"],
            "availabilityZoneId": subnet.get("AvailabilityZoneId", ""),
            "cidrBlock": subnet["CidrBlock"],
            "mapPublicIpOnLaunch": subnet["MapPublicIpOnLaunch"],
            "ownerId": subnet.get("OwnerId", aws.account_id),
            "tags": as_map(subnet.get("Tags")),
            "vpcId": subnet["VpcId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change public addresses and tags."""
        self._public(aws, id_, news)
        retag(aws, id_, state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the subnet."""
        unless_gone(lambda: aws.client("ec2").delete_subnet(SubnetId=id_), _NO_SUBNET)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash where the addresses are the same: two subnets of one network cannot share any."""
        return old.get("vpcId") == new.get("vpcId") and old.get("cidrBlock") == new.get("cidrBlock")

    def _public(self, aws: Aws, id_: str, inputs: Props) -> None:
        aws.client("ec2").modify_subnet_attribute(
            SubnetId=id_, MapPublicIpOnLaunch={"Value": inputs["mapPublicIpOnLaunch"]}
        )


_TARGETS: Final = {
    "gatewayId": "GatewayId",
    "natGatewayId": "NatGatewayId",
    "transitGatewayId": "TransitGatewayId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}


class RouteTable(Entity):
    """`aws:ec2/routeTable:RouteTable`. Its routes are absolute: those that the program does not name go.

    Not among them are the local route and those that a gateway endpoint adds.
    """

    token = "aws:ec2/routeTable:RouteTable"
    noun = "route table"
    fields: ClassVar[Fields] = {
        "routes": Field(
            kind="objects",
            unset=[],
            fields={
                "cidrBlock": Field(kind="text"),
                **{name: Field(kind="text", unset="") for name in _TARGETS},
            },
        ),
        "tags": TAGS,
        "vpcId": _PARENT,
    }
    outputs: ClassVar = {"arn": "text", "ownerId": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the table."""
        made = aws.client("ec2").create_route_table(VpcId=inputs["vpcId"], **tagged("route-table", inputs))
        return made["RouteTable"]["RouteTableId"], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Add the routes."""
        self._route(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the table and its routes."""
        ec2 = aws.client("ec2")
        table = one_of(lambda: ec2.describe_route_tables(RouteTableIds=[id_]), "RouteTables", _NO_TABLE)
        if table is None:
            return None
        return {
            "arn": aws.arn("ec2", f"route-table/{id_}"),
            "ownerId": table.get("OwnerId", aws.account_id),
            "routes": [_route(route) for route in table["Routes"] if _is_own(route)],
            "tags": as_map(table.get("Tags")),
            "vpcId": table["VpcId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change routes and tags."""
        self._route(aws, id_, news)
        retag(aws, id_, state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the table."""
        unless_gone(lambda: aws.client("ec2").delete_route_table(RouteTableId=id_), _NO_TABLE)

    def _route(self, aws: Aws, id_: str, inputs: Props) -> None:
        ec2 = aws.client("ec2")
        found = self.find(aws, id_, inputs)
        before = {route["cidrBlock"]: route for route in (found or {}).get("routes", [])}
        after = {route["cidrBlock"]: route for route in inputs.get("routes") or []}
        for cidr in before.keys() - after.keys():
            ec2.delete_route(RouteTableId=id_, DestinationCidrBlock=cidr)
        for cidr, route in after.items():
            target = {key: route[name] for name, key in _TARGETS.items() if route.get(name)}
            if cidr not in before:
                ec2.create_route(RouteTableId=id_, DestinationCidrBlock=cidr, **target)
            elif before[cidr] != route:
                ec2.replace_route(RouteTableId=id_, DestinationCidrBlock=cidr, **target)


def _is_own(route: Props) -> bool:
    through = str(route.get("GatewayId") or "")
    return "DestinationCidrBlock" in route and through != "local" and not through.startswith("vpce-")


def _route(route: Props) -> Props:
    target = {name: route[key] for name, key in _TARGETS.items() if route.get(key)}
    return {"cidrBlock": route["DestinationCidrBlock"], **target}


class RouteTableAssociation(Entity):
    """`aws:ec2/routeTableAssociation:RouteTableAssociation`. An import names `SUBNET/TABLE`."""

    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"
    noun = "route table of a subnet"
    fields: ClassVar[Fields] = {"routeTableId": Field(kind="text", required=True), "subnetId": _PARENT}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Associate the two."""
        made = aws.client("ec2").associate_route_table(RouteTableId=inputs["routeTableId"], SubnetId=inputs["subnetId"])
        return made["AssociationId"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Look for the table of the subnet: a change gives the association another id than this one's."""
        subnet = str(wanted.get("subnetId") or id_.partition("/")[0])
        association = self._association(aws, subnet)
        return None if association is None else {"subnetId": subnet, "routeTableId": association["RouteTableId"]}

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Give the subnet another table, without a moment in which it has the main one."""
        association = self._association(aws, news["subnetId"])
        if association is None:
            raise ProviderError(f"the subnet {news['subnetId']} has no route table of its own any more. Refresh first")
        aws.client("ec2").replace_route_table_association(
            AssociationId=association["RouteTableAssociationId"], RouteTableId=news["routeTableId"]
        )

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Give the subnet back to the main table."""
        association = self._association(aws, state["subnetId"])
        if association is not None:
            gone = association["RouteTableAssociationId"]
            unless_gone(lambda: aws.client("ec2").disassociate_route_table(AssociationId=gone), _NO_ASSOCIATION)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash for the same subnet: it has one table."""
        return old.get("subnetId") == new.get("subnetId")

    def _association(self, aws: Aws, subnet: str) -> Props | None:
        by_subnet = [{"Name": "association.subnet-id", "Values": [subnet]}]
        for table in aws.client("ec2").describe_route_tables(Filters=by_subnet)["RouteTables"]:
            for association in table["Associations"]:
                if association.get("SubnetId") == subnet:
                    return dict(association)
        return None


def _first(found: Sequence[Props], name: str) -> str:
    return str(found[0][name]) if found else ""


ENTITIES: Final[tuple[type[Entity], ...]] = (RouteTable, RouteTableAssociation, Subnet, Vpc)
