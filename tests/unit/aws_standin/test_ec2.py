"""Networks of the aws stand-in over the emulator: made, drifted, mended, changed, replaced, deleted."""

import json

import pytest

from plugins.base import UNKNOWN, PartialFailure, ProviderError
from tests.fixtures.aws_standin import REGION, AwsMade, AwsPlugin, assert_as_declared

ZONE = f"{REGION}a"


@pytest.fixture
def vpc(plugin: AwsPlugin) -> AwsMade:
    return plugin.create("ec2.Vpc", cidrBlock="10.40.0.0/16", enableDnsHostnames=True, tags={"a": "b"})


def _subnet(vpc: AwsMade, cidr: str = "10.40.0.0/24") -> AwsMade:
    return vpc.plugin.create("ec2.Subnet", vpcId=vpc.id, cidrBlock=cidr, availabilityZone=ZONE, tags={"a": "b"})


def _group(vpc: AwsMade, name: str) -> AwsMade:
    return vpc.plugin.create("ec2.SecurityGroup", vpcId=vpc.id, name=name, description=name, tags={"a": "b"})


def test_a_network_lives_through_drift_and_change(plugin: AwsPlugin, vpc: AwsMade) -> None:
    assert_as_declared(vpc)
    for name, prefix in {
        "defaultNetworkAclId": "acl-",
        "defaultRouteTableId": "rtb-",
        "defaultSecurityGroupId": "sg-",
        "mainRouteTableId": "rtb-",
    }.items():
        assert vpc[name].startswith(prefix)
    ec2 = plugin.aws.client("ec2")
    ec2.modify_vpc_attribute(VpcId=vpc.id, EnableDnsHostnames={"Value": False})
    ec2.delete_tags(Resources=[vpc.id], Tags=[{"Key": "a"}])
    assert vpc.mend() == ("enableDnsHostnames", "tags")
    vpc.update(enableDnsSupport=False, enableDnsHostnames=False, tags={"c": "d"})
    assert_as_declared(vpc)
    assert vpc.diff(cidrBlock="10.41.0.0/16").replaces == ("cidrBlock",)
    assert not vpc.diff(cidrBlock="10.41.0.0/16").delete_before_replace
    vpc.delete()


def test_a_subnet_lives_through_drift_and_change(plugin: AwsPlugin, vpc: AwsMade) -> None:
    subnet = _subnet(vpc)
    assert_as_declared(subnet)
    plugin.aws.client("ec2").modify_subnet_attribute(SubnetId=subnet.id, MapPublicIpOnLaunch={"Value": True})
    assert subnet.mend() == ("mapPublicIpOnLaunch",)
    subnet.update(tags={})
    assert_as_declared(subnet)
    assert subnet.diff(availabilityZone=f"{REGION}b").replaces == ("availabilityZone",)
    assert subnet.diff(availabilityZone=f"{REGION}b").delete_before_replace
    assert not subnet.diff(cidrBlock="10.40.1.0/24").delete_before_replace
    with pytest.raises(ProviderError, match="cannot create subnet thing: AWS answered InvalidSubnet"):
        _subnet(vpc)
    subnet.delete()


def test_a_way_to_the_internet_that_somebody_adds_is_drift(plugin: AwsPlugin, vpc: AwsMade) -> None:
    table = plugin.create("ec2.RouteTable", vpcId=vpc.id, tags={"a": "b"})
    assert_as_declared(table)
    assert table["routes"] == []
    ec2 = plugin.aws.client("ec2")
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc.id)
    ec2.create_route(RouteTableId=table.id, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    assert table.mend() == ("routes",)
    assert [
        route["GatewayId"] for route in ec2.describe_route_tables(RouteTableIds=[table.id])["RouteTables"][0]["Routes"]
    ] == ["local"]
    table.delete()


def test_routes_come_change_and_go(plugin: AwsPlugin, vpc: AwsMade) -> None:
    other = plugin.create("ec2.Vpc", cidrBlock="10.50.0.0/16")
    third = plugin.create("ec2.Vpc", cidrBlock="10.60.0.0/16")
    ec2 = plugin.aws.client("ec2")
    to_other, to_third = (
        ec2.create_vpc_peering_connection(VpcId=vpc.id, PeerVpcId=peer.id)["VpcPeeringConnection"][
            "VpcPeeringConnectionId"
        ]
        for peer in (other, third)
    )
    through = [{"cidrBlock": "10.50.0.0/16", "vpcPeeringConnectionId": to_other}]
    table = plugin.create("ec2.RouteTable", vpcId=vpc.id, routes=through)
    assert_as_declared(table)
    table.update(routes=[{"cidrBlock": "10.50.0.0/16", "vpcPeeringConnectionId": to_third}])
    assert_as_declared(table)
    table.update(routes=[{"cidrBlock": "10.60.0.0/16", "vpcPeeringConnectionId": to_third}])
    assert_as_declared(table)
    assert (
        "routes[0].localGatewayId: the stand-in does not support"
        in (plugin.refusals("ec2.RouteTable", vpcId=vpc.id, routes=[{"localGatewayId": "x"}])[0])
    )


def test_a_subnet_has_the_table_that_it_is_given(plugin: AwsPlugin, vpc: AwsMade) -> None:
    subnet = _subnet(vpc)
    table, other = (plugin.create("ec2.RouteTable", vpcId=vpc.id) for _ in range(2))
    made = plugin.create("ec2.RouteTableAssociation", subnetId=subnet.id, routeTableId=table.id)
    assert_as_declared(made)
    made.update(routeTableId=other.id)
    assert_as_declared(made)
    assert made.diff(subnetId="subnet-2").replaces == ("subnetId",)
    found = plugin.imported("ec2.RouteTableAssociation", f"{subnet.id}/{other.id}")[0]
    assert found == {"subnetId": subnet.id, "routeTableId": other.id, "region": REGION}
    made.delete()
    with pytest.raises(ProviderError, match="has no route table of its own any more"):
        made.update(routeTableId=table.id)


def test_a_security_group_lets_nothing_out_until_told_to(plugin: AwsPlugin, vpc: AwsMade) -> None:
    group = _group(vpc, "databases")
    assert_as_declared(group)
    ec2 = plugin.aws.client("ec2")
    found = ec2.describe_security_groups(GroupIds=[group.id])["SecurityGroups"][0]
    assert found["IpPermissions"] == found["IpPermissionsEgress"] == []
    ec2.delete_tags(Resources=[group.id], Tags=[{"Key": "a"}])
    assert group.mend() == ("tags",)
    assert group.diff(description="b").replaces == ("description",)
    assert group.diff(description="b").delete_before_replace
    assert "ingress: the stand-in does not support" in plugin.refusals("ec2.SecurityGroup", ingress=[])[0]
    group.delete()


def test_groups_that_name_each_other_go_once_their_rules_are_revoked(plugin: AwsPlugin, vpc: AwsMade) -> None:
    group, client = _group(vpc, "databases"), _group(vpc, "clients")
    group.update(revokeRulesOnDelete=True)
    plugin.create(
        "vpc.SecurityGroupIngressRule",
        securityGroupId=group.id,
        referencedSecurityGroupId=client.id,
        ipProtocol="tcp",
        fromPort=5432,
        toPort=5432,
    )
    group.delete()
    client.delete()


def test_the_default_security_group_is_emptied_and_kept_empty(plugin: AwsPlugin, vpc: AwsMade) -> None:
    group = plugin.create("ec2.DefaultSecurityGroup", vpcId=vpc.id, tags={"a": "b"})
    assert group.id == vpc["defaultSecurityGroupId"]
    assert_as_declared(group)
    assert group["ingress"] == group["egress"] == []
    plugin.aws.client("ec2").authorize_security_group_ingress(
        GroupId=group.id,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
    )
    assert group.mend() == ("ingress",)
    rule = {"fromPort": 0, "toPort": 0, "protocol": "-1"}
    assert plugin.refusals("ec2.DefaultSecurityGroup", vpcId=vpc.id, egress=[rule]) == [
        "egress: the stand-in has the default security group without rules only. Leave it out"
    ]
    plugin.entity("ec2.DefaultSecurityGroup").delete(group.id, group.outputs, plugin.context())
    assert group.refresh()


@pytest.mark.parametrize("way", ["Ingress", "Egress"])
def test_a_rule_lives_through_drift_and_change(plugin: AwsPlugin, vpc: AwsMade, way: str) -> None:
    group, kind = _group(vpc, "databases"), f"vpc.SecurityGroup{way}Rule"
    rule = plugin.create(
        kind,
        securityGroupId=group.id,
        cidrIpv4="10.60.0.0/16",
        ipProtocol="tcp",
        fromPort=5432,
        toPort=5432,
        description="a",
        tags={"a": "b"},
    )
    assert rule.id == rule["securityGroupRuleId"]
    assert_as_declared(rule)
    plugin.aws.client("ec2").modify_security_group_rules(
        GroupId=group.id,
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule.id,
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "FromPort": 1,
                    "ToPort": 65535,
                    "CidrIpv4": "10.0.0.0/8",
                    "Description": "a",
                },
            }
        ],
    )
    assert rule.mend() == ("cidrIpv4", "fromPort", "toPort")
    rule.update(description="b", tags={"c": "d"})
    assert_as_declared(rule)
    assert rule.diff(securityGroupId="sg-2").replaces == ("securityGroupId",)
    other = plugin.entity(f"vpc.SecurityGroup{'Egress' if way == 'Ingress' else 'Ingress'}Rule")
    assert other.read(rule.id, {}, {}, plugin.context()) is None
    rule.delete()


def test_a_rule_names_another_group(plugin: AwsPlugin, vpc: AwsMade) -> None:
    group, client = _group(vpc, "databases"), _group(vpc, "clients")
    rule = plugin.create(
        "vpc.SecurityGroupEgressRule",
        securityGroupId=client.id,
        referencedSecurityGroupId=group.id,
        ipProtocol="-1",
        description="a",
    )
    assert_as_declared(rule)
    rule.update(description="b")
    assert_as_declared(rule)
    assert rule["referencedSecurityGroupId"] == group.id
    assert rule.diff(referencedSecurityGroupId=client.id).replaces == ("referencedSecurityGroupId",)
    rule.delete()


def test_a_rule_without_a_source_or_with_odd_ports_is_refused(plugin: AwsPlugin) -> None:
    kind, about = "vpc.SecurityGroupIngressRule", {"securityGroupId": "sg-1", "ipProtocol": "tcp"}
    both = plugin.refusals(kind, **about, fromPort=1, toPort=1, cidrIpv4="10.0.0.0/8", prefixListId="pl-1")
    assert len(both) == 1
    assert both[0].endswith("IngressRule: give one of cidrIpv4, prefixListId, referencedSecurityGroupId")
    assert "every other one has both" in plugin.refusals(kind, **about, cidrIpv4="10.0.0.0/8")[0]
    assert plugin.refusals(kind, **about, cidrIpv4=UNKNOWN, fromPort=UNKNOWN, toPort=1) == []


def test_an_interface_endpoint_lives_through_drift_and_change(plugin: AwsPlugin, vpc: AwsMade) -> None:
    subnet, other, group = _subnet(vpc), _subnet(vpc, "10.40.1.0/24"), _group(vpc, "endpoints")
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    endpoint = plugin.create(
        "ec2.VpcEndpoint",
        vpcId=vpc.id,
        serviceName=f"com.amazonaws.{REGION}.kms",
        vpcEndpointType="Interface",
        privateDnsEnabled=True,
        subnetIds=[subnet.id],
        securityGroupIds=[group.id],
        policy=policy,
        tags={"a": "b"},
    )
    assert_as_declared(endpoint)
    assert endpoint["state"] == "available"
    assert endpoint["dnsEntries"][0]["dnsName"]
    ec2 = plugin.aws.client("ec2")
    ec2.modify_vpc_endpoint(
        VpcEndpointId=endpoint.id, AddSubnetIds=[other.id], PolicyDocument=json.dumps({"Statement": ["x"]})
    )
    assert endpoint.mend() == ("policy", "subnetIds")
    endpoint.update(subnetIds=[other.id, subnet.id], privateDnsEnabled=False, tags={})
    assert_as_declared(endpoint)
    assert endpoint.diff(subnetIds=[subnet.id, other.id]).changes == ()
    assert endpoint.diff(serviceName="x").replaces == ("serviceName",)
    endpoint.delete()


def test_a_gateway_endpoint_is_no_route_of_the_program(plugin: AwsPlugin, vpc: AwsMade) -> None:
    table, other = (plugin.create("ec2.RouteTable", vpcId=vpc.id) for _ in range(2))
    endpoint = plugin.create(
        "ec2.VpcEndpoint", vpcId=vpc.id, serviceName=f"com.amazonaws.{REGION}.s3", routeTableIds=[table.id]
    )
    assert_as_declared(endpoint)
    assert endpoint["prefixListId"].startswith("pl-")
    assert_as_declared(table)
    endpoint.update(routeTableIds=[table.id, other.id])
    assert_as_declared(endpoint)
    refused = plugin.refusals("ec2.VpcEndpoint", vpcId=vpc.id, serviceName="x", subnetIds=["subnet-1"])
    assert refused == ["subnetIds: an endpoint of the kind Gateway has none. Leave it out"]
    endpoint.delete()


def test_traffic_is_logged_into_a_group_that_is_there(plugin: AwsPlugin, vpc: AwsMade) -> None:
    logs = plugin.aws.client("logs")
    logs.create_log_group(logGroupName="/flow")
    role = plugin.aws.arn("iam", "role/flow", region=False)
    about = {"vpcId": vpc.id, "trafficType": "ALL", "iamRoleArn": role, "maxAggregationInterval": 60}
    log = plugin.create(
        "ec2.FlowLog", **about, logDestination=plugin.aws.arn("logs", "log-group:/flow"), tags={"a": "b"}
    )
    assert_as_declared(log)
    plugin.aws.client("ec2").delete_tags(Resources=[log.id], Tags=[{"Key": "a"}])
    assert log.mend() == ("tags",)
    assert log.diff(trafficType="REJECT").replaces == ("trafficType",)
    assert log.diff(trafficType="REJECT").delete_before_replace
    log.delete()
    with pytest.raises(PartialFailure, match="log-group:/none: Access error"):
        plugin.create("ec2.FlowLog", **about, logDestination=plugin.aws.arn("logs", "log-group:/none"))
