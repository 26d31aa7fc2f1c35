"""EC2: ways out of a network that stay inside the cloud (endpoints), and the log of its traffic."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.ec2 import one_of, retag, tagged
from plugins.aws.entity import Entity
from plugins.aws.tags import TAGS, as_map
from plugins.base import CheckFailure, Context, Props, ProviderError
from plugins.base.fields import Field, Fields

__all__ = ["ENTITIES", "FlowLog", "VpcEndpoint"]

_NO_ENDPOINT: Final = "InvalidVpcEndpointId.NotFound"
_NO_LOG: Final = "InvalidFlowLogId.NotFound"
_INTERFACE, _GATEWAY = "Interface", "Gateway"
_LISTS: Final = {"routeTableIds": "RouteTableIds", "securityGroupIds": "SecurityGroupIds", "subnetIds": "SubnetIds"}
_FORMAT: Final = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} "
    "${bytes} ${start} ${end} ${action} ${log-status}"
)


class VpcEndpoint(Entity):
    """`aws:ec2/vpcEndpoint:VpcEndpoint`, of the kinds gateway and interface."""

    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    noun = "endpoint"
    # The emulator takes a change of it and keeps the old value.
    kept = frozenset({"privateDnsEnabled"})
    fields: ClassVar[Fields] = {
        "policy": Field(kind="json"),
        "privateDnsEnabled": Field(kind="flag"),
        "routeTableIds": Field(kind="set", unset=[]),
        "securityGroupIds": Field(kind="set"),
        "serviceName": Field(kind="text", required=True, replaces=True),
        "subnetIds": Field(kind="set"),
        "tags": TAGS,
        "vpcEndpointType": Field(kind="text", default=_GATEWAY, replaces=True, allowed=(_GATEWAY, _INTERFACE)),
        "vpcId": Field(kind="text", required=True, replaces=True),
    }
    outputs: ClassVar = {
        "arn": "text",
        "dnsEntries": "objects",
        "networkInterfaceIds": "list",
        "ownerId": "text",
        "prefixListId": "text",
        "requesterManaged": "flag",
        "state": "text",
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Refuse what belongs to the other kind of endpoint."""
        gateway = inputs["vpcEndpointType"] == _GATEWAY
        wrong = ("privateDnsEnabled", "securityGroupIds", "subnetIds") if gateway else ("routeTableIds",)
        return [
            CheckFailure(name, f"{name}: an endpoint of the kind {inputs['vpcEndpointType']} has none. Leave it out")
            for name in wrong
            if inputs.get(name)
        ]

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the endpoint."""
        optional = {"policy": "PolicyDocument", "privateDnsEnabled": "PrivateDnsEnabled", **_LISTS}
        made = aws.client("ec2").create_vpc_endpoint(
            VpcId=inputs["vpcId"],
            ServiceName=inputs["serviceName"],
            VpcEndpointType=inputs["vpcEndpointType"],
            **{key: inputs[field] for field, key in optional.items() if inputs.get(field)},
            **tagged("vpc-endpoint", inputs),
        )
        return made["VpcEndpoint"]["VpcEndpointId"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Ask for the endpoint; one that is being deleted is gone."""
        ec2 = aws.client("ec2")
        found = one_of(lambda: ec2.describe_vpc_endpoints(VpcEndpointIds=[id_]), "VpcEndpoints", _NO_ENDPOINT)
        if found is None or found["State"] in ("deleting", "deleted"):
            return None
        gateway = found["VpcEndpointType"] == _GATEWAY
        by_name = [{"Name": "prefix-list-name", "Values": [found["ServiceName"]]}]
        prefixes = ec2.describe_prefix_lists(Filters=by_name)["PrefixLists"] if gateway else []
        return {
            "arn": aws.arn("ec2", f"vpc-endpoint/{id_}"),
            "dnsEntries": [
                {"dnsName": entry.get("DnsName", ""), "hostedZoneId": entry.get("HostedZoneId", "")}
                for entry in found.get("DnsEntries", [])
            ],
            "networkInterfaceIds": found.get("NetworkInterfaceIds", []),
            "ownerId": found.get("OwnerId", aws.account_id),
            "policy": found.get("PolicyDocument"),
            "prefixListId": prefixes[0]["PrefixListId"] if prefixes else "",
            "requesterManaged": found.get("RequesterManaged", False),
            "routeTableIds": found.get("RouteTableIds", []),
            "securityGroupIds": [group["GroupId"] for group in found.get("Groups", [])],
            "serviceName": found["ServiceName"],
            "state": found["State"],
            "subnetIds": found.get("SubnetIds") or [],
            "tags": as_map(found.get("Tags")),
            "vpcEndpointType": found["VpcEndpointType"],
            "vpcId": found["VpcId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change the policy, what it is attached to, and the tags."""
        found = self.find(aws, id_, news) or {}
        difference: dict[str, Any] = {}
        for field, key in _LISTS.items():
            before, after = _members(found.get(field)), _members(news.get(field, found.get(field)))
            difference |= {f"Add{key}": sorted(after - before), f"Remove{key}": sorted(before - after)}
        if news.get("policy"):
            difference["PolicyDocument"] = news["policy"]
        if news.get("privateDnsEnabled") is not None:
            difference["PrivateDnsEnabled"] = news["privateDnsEnabled"]
        aws.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=id_, **{key: value for key, value in difference.items() if value != []}
        )
        retag(aws, id_, state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the endpoint.

        The emulator then deletes its route from every table, and fails at one that was added later: it got none.
        """
        ec2 = aws.client("ec2")
        found = self.find(aws, id_, state)
        if found is None:
            return
        by_route = [{"Name": "route.gateway-id", "Values": [id_]}]
        routed = {table["RouteTableId"] for table in ec2.describe_route_tables(Filters=by_route)["RouteTables"]}
        without = [table for table in found["routeTableIds"] if table not in routed]
        if without:
            ec2.modify_vpc_endpoint(VpcEndpointId=id_, RemoveRouteTableIds=without)
        ec2.delete_vpc_endpoints(VpcEndpointIds=[id_])


def _members(value: Sequence[str] | None) -> set[str]:
    return set(value or ())


class FlowLog(Entity):
    """`aws:ec2/flowLog:FlowLog` of a network, into a log group. All but its tags is fixed once it is made."""

    token = "aws:ec2/flowLog:FlowLog"
    noun = "log of traffic"
    fields: ClassVar[Fields] = {
        "iamRoleArn": Field(kind="text", required=True, replaces=True),
        "logDestination": Field(kind="text", required=True, replaces=True),
        "logDestinationType": Field(
            kind="text", default="cloud-watch-logs", replaces=True, allowed=("cloud-watch-logs",)
        ),
        "logFormat": Field(kind="text", default=_FORMAT, replaces=True),
        "maxAggregationInterval": Field(kind="number", default=600, replaces=True, least=60, most=600),
        "tags": TAGS,
        "trafficType": Field(kind="text", required=True, replaces=True, allowed=("ACCEPT", "REJECT", "ALL")),
        "vpcId": Field(kind="text", required=True, replaces=True),
    }
    outputs: ClassVar = {"arn": "text"}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Create the log."""
        made = aws.client("ec2").create_flow_logs(
            ResourceIds=[inputs["vpcId"]],
            ResourceType="VPC",
            TrafficType=inputs["trafficType"],
            LogDestinationType=inputs["logDestinationType"],
            # The emulator looks for the log group by its name, which the official plugin does not send.
            LogGroupName=_name_of(inputs["logDestination"]),
            DeliverLogsPermissionArn=inputs["iamRoleArn"],
            LogFormat=inputs["logFormat"],
            MaxAggregationInterval=inputs["maxAggregationInterval"],
            **tagged("vpc-flow-log", inputs),
        )
        if made.get("Unsuccessful"):
            raise ProviderError(str(made["Unsuccessful"][0]["Error"]["Message"]))
        return made["FlowLogIds"][0], {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Refuse a log group that is not there: the emulator, as the service, only notes it."""
        log = self._described(aws, id_) or {}
        if log.get("DeliverLogsErrorMessage"):
            raise ProviderError(f"logDestination: {inputs['logDestination']}: {log['DeliverLogsErrorMessage']}")

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Ask for the log."""
        log = self._described(aws, id_)
        if log is None:
            return None
        asked = str(wanted.get("logDestination") or "")
        group = log.get("LogGroupName", "")
        return {
            "arn": aws.arn("ec2", f"vpc-flow-log/{id_}"),
            "iamRoleArn": log["DeliverLogsPermissionArn"],
            "logDestination": asked if _name_of(asked) == group else aws.arn("logs", f"log-group:{group}"),
            "logDestinationType": log["LogDestinationType"],
            "logFormat": log["LogFormat"],
            "maxAggregationInterval": log["MaxAggregationInterval"],
            "tags": as_map(log.get("Tags")),
            "trafficType": log["TrafficType"],
            "vpcId": log["ResourceId"],
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change the tags."""
        retag(aws, id_, state, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the log; what it wrote stays."""
        if self._described(aws, id_) is not None:
            unless_gone(lambda: aws.client("ec2").delete_flow_logs(FlowLogIds=[id_]), _NO_LOG)

    def clashes(self, old: Props, new: Props) -> bool:
        """Clash on the same network and group: there can be one."""
        return all(old.get(name) == new.get(name) for name in ("vpcId", "logDestination"))

    def _described(self, aws: Aws, id_: str) -> Props | None:
        ec2 = aws.client("ec2")
        return one_of(lambda: ec2.describe_flow_logs(FlowLogIds=[id_]), "FlowLogs", _NO_LOG)


def _name_of(arn: str) -> str:
    """Return the name of a log group out of its ARN, with or without `:*` behind it."""
    return arn.partition(":log-group:")[2].removesuffix(":*")


ENTITIES: Final[tuple[type[Entity], ...]] = (FlowLog, VpcEndpoint)
