"""The settings of the network in the cloud: regions, zones, addresses, ways in and out."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed
from settings.cloud.network_checks import cidr, client_cidr, each_once, region, zone_subnets

__all__ = ["ALL_ENDPOINTS", "AccountId", "Cidr", "Endpoint", "NetworkSettings", "Region", "SubnetOfZone", "Zone"]

Region = Annotated[
    str,
    Allowed("a region of AWS, say eu-central-1"),
    StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[1-9]$"),
    AfterValidator(region),
]
Zone = Annotated[
    str,
    Allowed("an availability zone, say eu-central-1a"),
    StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[1-9][a-z]$"),
]
Cidr = Annotated[str, Allowed("a private IPv4 network, say 10.40.0.0/16"), BeforeValidator(cidr)]
ClientCidr = Annotated[str, Allowed("a private IPv4 network, say 10.60.0.0/16"), BeforeValidator(client_cidr)]
SubnetOfZone = Annotated[
    dict[Zone, Cidr], Allowed("zones, each with a private IPv4 network"), AfterValidator(zone_subnets)
]
SubnetId = Annotated[
    str, Allowed("the id of a subnet, say subnet-0a1b2c3d"), StringConstraints(pattern=r"^subnet-[0-9a-f]{8,17}$")
]
VpcId = Annotated[str, Allowed("the id of a VPC, say vpc-0a1b2c3d"), StringConstraints(pattern=r"^vpc-[0-9a-f]{8,17}$")]
RouteTarget = Annotated[
    str,
    Allowed("the id of a peering connection or transit gateway, say pcx-0a1b2c3d or tgw-0a1b2c3d"),
    StringConstraints(pattern=r"^(pcx|tgw)-[0-9a-f]{8,17}$"),
]
AccountId = Annotated[
    str, Allowed('the 12 digits of an account, say "123456789012"'), StringConstraints(pattern=r"^[0-9]{12}$")
]
Endpoint = Literal["kms", "logs", "monitoring", "s3", "secretsmanager", "sts"]

ALL_ENDPOINTS: Final[tuple[Endpoint, ...]] = get_args(Endpoint)
"""What databases' clients and the rotation of passwords call: without a way to the internet, each needs its own."""


class NetworkSettings(Model):
    """A VPC of the layer's own with one isolated subnet a zone, or an existing one by its ids."""

    account_id: AccountId = Field(
        description="The account of AWS, 12 digits in quotes. An update with credentials of another one is refused."
    )
    region: Region = Field(description="The region of the databases.")
    recovery_region: Region = Field(
        description="Another region: copies of backups, keys and secrets, and the replica for disaster recovery "
        "(spec 5.2.2)."
    )
    vpc_cidr: Cidr = Field(default="10.40.0.0/16", description="Addresses of the VPC, of an existing one too.")
    subnets: SubnetOfZone = Field(
        description="Availability zones of `region`, three or more, each with the addresses of its isolated subnet. "
        "One zone for each instance at least (spec 3.1.1, 7.1)."
    )
    vpc_id: VpcId | None = Field(default=None, description="An existing VPC. Omitted: one is made.")
    subnet_ids: dict[Zone, SubnetId] = Field(
        default_factory=dict,
        description="With `vpcId`: its isolated subnets, one for each zone of `subnets`. Nobody checks that no route "
        "leads from them to the internet.",
    )
    client_cidrs: Annotated[tuple[ClientCidr, ...], AfterValidator(each_once)] = Field(
        default=(),
        strict=False,
        description="Networks of clients outside the VPC (peered, VPN) that may connect to the databases.",
    )
    client_routes: dict[ClientCidr, RouteTarget] = Field(
        default_factory=dict,
        description="Networks of `clientCidrs`, each with the peering connection or transit gateway that leads there. "
        "With `vpcId` its owner sets the routes.",
    )
    endpoints: Annotated[tuple[Endpoint, ...], AfterValidator(each_once)] | None = Field(
        default=None,
        strict=False,
        description="Services of AWS that are reached inside the VPC. Omitted: all in a VPC of the layer's own, and "
        "none in an existing one, which has its owner's.",
    )
    flow_log_retention_days: Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827] = Field(
        default=90,
        description="Life of the log of refused and accepted connections, one of the figures that CloudWatch takes.",
    )

    @property
    def endpoint_services(self) -> tuple[Endpoint, ...]:
        """Return the services that an endpoint is made for."""
        if self.endpoints is not None:
            return self.endpoints
        return ALL_ENDPOINTS if self.vpc_id is None else ()

    def elsewhere(self, *, vpc_cidr: str, subnets: dict[str, str]) -> NetworkSettings:
        """Return the settings of the network in the recovery region: of its own, and without clients from outside."""
        return self.model_copy(
            update={
                "region": self.recovery_region,
                "recovery_region": self.region,
                "vpc_cidr": vpc_cidr,
                "subnets": subnets,
                "vpc_id": None,
                "subnet_ids": {},
                "client_cidrs": (),
                "client_routes": {},
                "endpoints": (),
            }
        )
