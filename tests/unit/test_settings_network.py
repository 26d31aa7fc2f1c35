"""The settings of network and keys: values that are refused, and rules between them, a case each."""

from typing import Any

import pytest
from pydantic import ValidationError

from settings.cloud.keys import KeySettings
from settings.cloud.network import ALL_ENDPOINTS, NetworkSettings
from settings.cloud.network_rules import NETWORK_RULES
from settings.rules import broken_rules

SUBNETS = {f"eu-central-1{letter}": f"10.40.{index}.0/24" for index, letter in enumerate("abc")}
OWN: dict[str, Any] = {
    "accountId": "123456789012",
    "region": "eu-central-1",
    "recoveryRegion": "eu-west-1",
    "subnets": SUBNETS,
}
IDS = {zone: f"subnet-0a1b2c3{index}" for index, zone in enumerate(SUBNETS)}
EXISTING = {**OWN, "vpcId": "vpc-0a1b2c3d", "subnetIds": IDS}
A, B, C = SUBNETS


def _network(base: dict[str, Any] = OWN, **changes: object) -> NetworkSettings:
    return NetworkSettings.model_validate({**base, **changes})


BROKEN: list[tuple[str, str, NetworkSettings, str]] = [
    ("recoveryRegion", "not `region`", _network(recoveryRegion="eu-central-1"), "is the region itself"),
    ("subnets", "3 zones or more", _network(subnets={A: "10.40.0.0/24", B: "10.40.1.0/24"}), "names 2 zones"),
    (
        "subnets",
        "zones of `region`",
        _network(subnets={**SUBNETS, "eu-west-1a": "10.40.9.0/24"}),
        "names eu-west-1a, which is no zone of eu-central-1",
    ),
    (
        "subnets",
        "within `vpcCidr`",
        _network(subnets={**SUBNETS, A: "10.41.0.0/24"}),
        "has 10.41.0.0/24, which is outside of vpcCidr",
    ),
    ("subnets", "/26 or larger", _network(subnets={**SUBNETS, A: "10.40.0.0/27"}), "has 10.40.0.0/27, too few"),
    ("subnetIds", "given exactly with", _network(subnetIds=IDS), "is given without vpcId"),
    (
        "subnetIds",
        "for the zones",
        _network(EXISTING, subnetIds={A: IDS[A], B: IDS[B]}),
        f"and subnets differ in {C}",
    ),
    ("subnetIds", "each subnet once", _network(EXISTING, subnetIds={**IDS, C: IDS[A]}), "names one subnet for two"),
    (
        "clientCidrs",
        "apart from",
        _network(clientCidrs=["10.0.0.0/8"]),
        "has 10.0.0.0/8, which overlaps with vpcCidr",
    ),
    (
        "clientRoutes",
        "for networks of",
        _network(clientRoutes={"10.60.0.0/16": "pcx-0a1b2c3d"}),
        "leads to 10.60.0.0/16, which is no client",
    ),
    (
        "clientRoutes",
        "empty with",
        _network(EXISTING, clientCidrs=["10.60.0.0/16"], clientRoutes={"10.60.0.0/16": "pcx-0a1b2c3d"}),
        "whose routes are its owner's",
    ),
    ("endpoints", "without `s3`", _network(EXISTING, endpoints=["kms", "s3"]), "has s3, which is a route"),
]


@pytest.mark.parametrize("key, holds, network, cause", BROKEN, ids=[f"{case[0]} {case[1]}" for case in BROKEN])
def test_a_broken_rule_names_its_key_and_its_cause(key: str, holds: str, network: NetworkSettings, cause: str) -> None:
    problem, *others = broken_rules(network, NETWORK_RULES, "fashion-wallet:cloud.network.")
    assert others == []
    assert problem.path == f"fashion-wallet:cloud.network.{key}"
    assert cause in str(problem)
    assert problem.fix
    (rule,) = [one for one in NETWORK_RULES if one.broken(network)]
    assert rule.holds.startswith(holds)


def test_every_rule_has_a_case() -> None:
    broken = {id(rule) for rule in NETWORK_RULES for *_, network, _ in BROKEN if rule.broken(network)}
    assert broken == {id(rule) for rule in NETWORK_RULES}


def test_an_existing_vpc_needs_its_subnets() -> None:
    (problem,) = broken_rules(_network(EXISTING, subnetIds={}), NETWORK_RULES, "")
    assert "is empty, and vpcId names an existing VPC" in str(problem)


def test_clients_may_not_overlap_with_each_other() -> None:
    (problem,) = broken_rules(_network(clientCidrs=["10.60.0.0/16", "10.60.1.0/24"]), NETWORK_RULES, "")
    assert "has 10.60.1.0/24, which overlaps with 10.60.0.0/16" in str(problem)


@pytest.mark.parametrize(
    "network",
    [
        _network(),
        _network(EXISTING),
        _network(EXISTING, endpoints=["kms"]),
        # Subnets of an existing VPC are its owner's: secondary addresses and all.
        _network(EXISTING, subnets={**SUBNETS, A: "10.99.0.0/28"}),
        _network(clientCidrs=["10.60.0.0/16"], clientRoutes={"10.60.0.0/16": "tgw-0a1b2c3d"}),
    ],
)
def test_what_is_right_breaks_no_rule(network: NetworkSettings) -> None:
    assert list(broken_rules(network, NETWORK_RULES, "")) == []


@pytest.mark.parametrize(
    "changes, cause",
    [
        ({"vpcCidr": "10.40.0.1/16"}, "is no IPv4 network: 10.40.0.1/16 has host bits set"),
        ({"vpcCidr": "8.8.0.0/16"}, "is not private"),
        ({"vpcCidr": "10.0.0.0/8"}, "is /8, and AWS takes between /16 and /28"),
        ({"vpcCidr": 10}, "is no text"),
        ({"subnets": {}}, "names no zone"),
        ({"subnets": {A: "10.40.0.0/24", B: "10.40.0.0/25"}}, f"has 10.40.0.0/24 in {A} and 10.40.0.0/25 in {B}"),
        ({"subnets": {"eu-central-1": "10.40.0.0/24"}}, "String should match pattern"),
        ({"clientCidrs": ["0.0.0.0/0"]}, "is not private"),
        ({"clientCidrs": ["10.60.0.0/16", "10.60.0.0/16"]}, "names 10.60.0.0/16 twice"),
        ({"endpoints": ["kms", "kms"]}, "names kms twice"),
        ({"endpoints": ["ec2"]}, "Input should be 'kms'"),
        ({"region": "cn-north-1"}, "is in another partition of AWS"),
        ({"accountId": "12"}, "String should match pattern"),
        ({"vpcId": "vpc-x"}, "String should match pattern"),
        ({"clientRoutes": {"10.60.0.0/16": "igw-0a1b2c3d"}}, "String should match pattern"),
        ({"flowLogRetentionDays": 91}, "Input should be 1, 3, 5"),
    ],
)
def test_a_wrong_value_is_refused_with_its_cause(changes: dict[str, Any], cause: str) -> None:
    with pytest.raises(ValidationError) as refused:
        _network(**changes)
    assert cause in str(refused.value)


def test_endpoints_are_those_of_the_layer_s_own_vpc_unless_told_otherwise() -> None:
    assert _network().endpoint_services == ALL_ENDPOINTS
    assert _network(EXISTING).endpoint_services == ()
    assert _network(endpoints=["kms"]).endpoint_services == ("kms",)


@pytest.mark.parametrize(
    "changes, cause",
    [
        ({"rotationPeriodDays": 30}, "greater than or equal to 90"),
        ({"deletionWindowDays": 3}, "greater than or equal to 7"),
        ({"administrators": ["*"]}, "String should match pattern"),
        ({"administrators": ["arn:aws:iam::123456789012:role/a"] * 2}, "names arn:aws:iam::123456789012:role/a twice"),
    ],
)
def test_a_wrong_value_of_the_keys_is_refused_with_its_cause(changes: dict[str, Any], cause: str) -> None:
    with pytest.raises(ValidationError) as refused:
        KeySettings.model_validate(changes)
    assert cause in str(refused.value)


def test_keys_rotate_yearly_and_can_be_brought_back_for_a_month() -> None:
    assert (KeySettings().rotation_period_days, KeySettings().deletion_window_days) == (365, 30)
