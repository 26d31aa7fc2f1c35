"""The network in AWS as the program declares it: what is isolated, who is let in, what may pass the endpoints."""

import functools
import json
from typing import Any

import pulumi
import pytest

from components.network.aws import Network, NetworkArgs
from components.network.aws_policies import endpoint_policy
from settings.cloud.network import ALL_ENDPOINTS, NetworkSettings
from settings.cloud.tags import TagSettings
from tests.component.graph import Graph, Node, leaves, record

ACCOUNT = "123456789012"
REGION = "eu-central-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/logs"
SUBNETS = {f"{REGION}{letter}": f"10.40.{index}.0/24" for index, letter in enumerate("abc")}
OWN: dict[str, Any] = {"accountId": ACCOUNT, "region": REGION, "recoveryRegion": "eu-west-1", "subnets": SUBNETS}
EXISTING = {
    **OWN,
    "vpcId": "vpc-0a1b2c3d",
    "subnetIds": {zone: f"subnet-0a1b2c3{index}" for index, zone in enumerate(SUBNETS)},
}


@functools.cache
def _made(settings: str) -> Graph:
    def declare() -> dict[str, Any]:
        network = Network(
            "fashion-wallet-network",
            NetworkArgs(
                stack="prod",
                settings=NetworkSettings.model_validate(json.loads(settings)),
                tags=TagSettings(owner="data", cost_center="42"),
                logs_key_arn=pulumi.Output.from_input(KEY),
            ),
        )
        return {
            "vpc": network.vpc_id,
            "cidr": network.cidr,
            "subnets": dict(network.subnet_ids),
            "tables": dict(network.route_table_ids),
            "database": network.database_security_group_id,
            "client": network.client_security_group_id,
            "endpoint": network.endpoint_security_group_id,
        }

    return record(declare)


def _own(**changes: object) -> Graph:
    return _made(json.dumps({**OWN, **changes}))


def _existing(**changes: object) -> Graph:
    return _made(json.dumps({**EXISTING, **changes}))


def _rules(graph: Graph) -> dict[str, Node]:
    return {**graph.of("SecurityGroupIngressRule"), **graph.of("SecurityGroupEgressRule")}


def test_each_zone_has_an_isolated_subnet_with_routes_of_its_own() -> None:
    graph = _own()
    assert {node.inputs["availabilityZone"]: node.inputs["cidrBlock"] for node in graph.of("Subnet").values()} == (
        SUBNETS
    )
    assert [node.inputs["mapPublicIpOnLaunch"] for node in graph.of("Subnet").values()] == [False] * 3
    assert [node.inputs["routes"] for node in graph.of("RouteTable").values()] == [[]] * 3
    pairs = {
        (node.inputs["subnetId"], node.inputs["routeTableId"]) for node in graph.of("RouteTableAssociation").values()
    }
    assert pairs == {
        (f"fashion-wallet-network-subnet-{zone}-id", f"fashion-wallet-network-routes-{zone}-id") for zone in SUBNETS
    }
    assert list(graph.outputs["subnets"]) == list(graph.outputs["tables"]) == sorted(SUBNETS)


def test_nothing_that_has_a_public_address_or_leads_to_one_is_declared() -> None:
    for graph in (_own(), _existing()):
        kinds = {node.kind for node in graph.nodes.values()}
        assert not kinds & {"InternetGateway", "NatGateway", "Eip", "Instance", "EgressOnlyInternetGateway"}
        assert "0.0.0.0/0" not in {leaf for node in graph.nodes.values() for leaf in leaves(node.inputs)}


def test_names_resolve_inside() -> None:
    vpc = _own().one("Vpc", "fashion-wallet-network-vpc").inputs
    assert vpc["enableDnsSupport"] is vpc["enableDnsHostnames"] is True
    assert vpc["cidrBlock"] == "10.40.0.0/16"


def test_the_default_group_lets_nothing_through() -> None:
    (group,) = _own().of("DefaultSecurityGroup").values()
    assert group.inputs["ingress"] == group.inputs["egress"] == []


def test_groups_are_let_in_by_name_and_databases_start_no_connection() -> None:
    graph = _own()
    ids = {role: graph.outputs[role] for role in ("database", "client", "endpoint")}
    assert len(set(ids.values())) == 3
    ways = {
        (node.kind.removeprefix("SecurityGroup"), node.inputs["securityGroupId"], node.inputs["fromPort"]): (
            node.inputs.get("referencedSecurityGroupId")
        )
        for node in _rules(graph).values()
        if "referencedSecurityGroupId" in node.inputs
    }
    assert ways == {
        ("EgressRule", ids["client"], 5432): ids["database"],
        ("IngressRule", ids["database"], 5432): ids["client"],
        ("EgressRule", ids["client"], 443): ids["endpoint"],
        ("IngressRule", ids["endpoint"], 443): ids["client"],
    }
    assert ids["database"] not in {
        node.inputs["securityGroupId"] for node in graph.of("SecurityGroupEgressRule").values()
    }
    assert all(
        node.inputs["ipProtocol"] == "tcp" and node.inputs["fromPort"] == node.inputs["toPort"]
        for node in _rules(graph).values()
    )
    assert all(
        "ingress" not in node.inputs and "egress" not in node.inputs for node in graph.of("SecurityGroup").values()
    )


def test_clients_outside_are_let_in_by_address_and_reached_by_a_route() -> None:
    graph = _own(
        clientCidrs=["10.60.0.0/16", "172.16.8.0/21"],
        clientRoutes={"10.60.0.0/16": "pcx-0a1b2c3d", "172.16.8.0/21": "tgw-0a1b2c3d"},
    )
    rule = graph.one("SecurityGroupIngressRule", "fashion-wallet-network-groups-database-from-10-60-0-0-16")
    assert (rule.inputs["cidrIpv4"], rule.inputs["fromPort"]) == ("10.60.0.0/16", 5432)
    for table in graph.of("RouteTable").values():
        assert table.inputs["routes"] == [
            {"cidrBlock": "10.60.0.0/16", "vpcPeeringConnectionId": "pcx-0a1b2c3d"},
            {"cidrBlock": "172.16.8.0/21", "transitGatewayId": "tgw-0a1b2c3d"},
        ]


def test_each_service_has_an_endpoint_with_a_policy_for_this_account() -> None:
    graph = _own()
    endpoints = graph.of("VpcEndpoint")
    assert set(endpoints) == {f"fashion-wallet-network-endpoint-{service}" for service in ALL_ENDPOINTS}
    for service in ALL_ENDPOINTS:
        node = endpoints[f"fashion-wallet-network-endpoint-{service}"]
        assert node.inputs["serviceName"] == f"com.amazonaws.{REGION}.{service}"
        assert json.loads(node.inputs["policy"]) == endpoint_policy(service, ACCOUNT)
        if service == "s3":
            assert node.inputs["vpcEndpointType"] == "Gateway"
            assert sorted(node.inputs["routeTableIds"]) == sorted(graph.outputs["tables"].values())
        else:
            assert node.inputs["privateDnsEnabled"] is True
            assert node.inputs["securityGroupIds"] == [graph.outputs["endpoint"]]
            assert sorted(node.inputs["subnetIds"]) == sorted(graph.outputs["subnets"].values())
    assert "fashion-wallet-network-groups-client-to-s3" in graph.of("SecurityGroupEgressRule")


@pytest.mark.parametrize("service", ALL_ENDPOINTS)
def test_no_statement_of_an_endpoint_is_without_a_bound_to_the_account(service: str) -> None:
    for statement in endpoint_policy(service, ACCOUNT)["Statement"]:
        bound = statement.get("Condition", {}).get("StringEquals", {}).get("aws:PrincipalAccount") == ACCOUNT
        assert bound or statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/*"


def test_data_does_not_leave_for_another_account() -> None:
    """Whoever could write to a bucket of another account through the endpoint could carry data out."""
    for service in ("s3", "secretsmanager", "kms"):
        (statement,) = endpoint_policy(service, ACCOUNT)["Statement"]
        assert statement["Condition"]["StringEquals"]["aws:ResourceAccount"] == ACCOUNT


def test_traffic_is_logged_into_an_encrypted_group_by_a_role_that_can_do_nothing_else() -> None:
    graph = _own(flowLogRetentionDays=180)
    (group,), (log,) = graph.of("LogGroup").values(), graph.of("FlowLog").values()
    assert group.inputs["kmsKeyId"] == KEY
    assert group.inputs["retentionInDays"] == 180
    assert group.inputs["name"].startswith("/fashion-wallet/prod/")
    assert log.inputs["trafficType"] == "ALL"
    (role,), (right,) = graph.of("Role").values(), graph.of("RolePolicy").values()
    (trust,) = json.loads(role.inputs["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "vpc-flow-logs.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
    (may,) = json.loads(right.inputs["policy"])["Statement"]
    assert all("*" not in action for action in may["Action"])
    assert {resource.removesuffix(":*") for resource in may["Resource"]} == {log.inputs["logDestination"]}
    assert "RolePolicy:fashion-wallet-network-traffic-role-policy" in graph.ancestors(log)


def test_of_an_existing_network_only_groups_are_made() -> None:
    graph = _existing()
    assert {node.kind for node in graph.nodes.values() if node.custom} == {
        "SecurityGroup",
        "SecurityGroupIngressRule",
        "SecurityGroupEgressRule",
    }
    assert {node.inputs["vpcId"] for node in graph.of("SecurityGroup").values()} == {"vpc-0a1b2c3d"}
    assert graph.outputs["subnets"] == EXISTING["subnetIds"]
    assert graph.outputs["tables"] == {}
    asked = _existing(endpoints=["kms"])
    assert list(asked.of("VpcEndpoint")) == ["fashion-wallet-network-endpoint-kms"]


def test_everything_that_takes_tags_has_them_and_a_parent() -> None:
    graph = _own(clientCidrs=["10.60.0.0/16"])
    without = {node.kind for node in graph.nodes.values() if node.custom and "tags" not in node.inputs}
    assert without == {"RouteTableAssociation", "RolePolicy"}
    known = {node.urn for node in graph.nodes.values()}
    assert [node.name for node in graph.nodes.values() if node.parent not in known] == ["fashion-wallet-network"]
    assert all(node.name.startswith("fashion-wallet-network") for node in graph.nodes.values())
