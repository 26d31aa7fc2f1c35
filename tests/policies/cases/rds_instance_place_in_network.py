"""Cases of rds-instance-place-in-network: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    *(("Instance:postgres-primary", "vpcSecurityGroupIds", bad) for bad in (UNSET, [], "", 0, [""], "sg-1")),
    *(("Instance:postgres-primary", "dbSubnetGroupName", bad) for bad in (UNSET, "", " ", 0)),
    ("Instance:postgres-replica-b", "vpcSecurityGroupIds", []),
]
PASSES: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "vpcSecurityGroupIds", ["sg-1", "sg-2"]),
    ("Instance:postgres-primary", "vpcSecurityGroupIds", [UNKNOWN]),
    ("Instance:postgres-replica-b", "dbSubnetGroupName", UNSET),
]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("Instance:postgres-primary", "vpcSecurityGroupIds", UNKNOWN),
    ("Instance:postgres-primary", "dbSubnetGroupName", UNKNOWN),
    ("Instance:postgres-primary", "", {"dbSubnetGroupName": UNSET, "replicateSourceDb": UNKNOWN}),
]
SAYS = [
    (
        "Instance:postgres-primary",
        "dbSubnetGroupName",
        UNSET,
        "dbSubnetGroupName is unset; allowed: a group of isolated subnets.",
    )
]
