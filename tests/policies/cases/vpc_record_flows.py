"""Cases of vpc-record-flows: resource, property, value."""

from policies.values import UNKNOWN, UNSET

FIRES: list[tuple[str, str, object]] = [
    ("FlowLog:network", "", UNSET),
    *(("FlowLog:network", "trafficType", bad) for bad in (UNSET, "", "REJECT", 0)),
    *(("FlowLog:network", "vpcId", bad) for bad in (UNSET, "", "vpc-2")),
]
PASSES: list[tuple[str, str, object]] = [("FlowLog:network", "tags.More", "x")]
CANNOT_TELL: list[tuple[str, str, object]] = [
    ("FlowLog:network", "vpcId", UNKNOWN),
    ("FlowLog:network", "trafficType", UNKNOWN),
]
SAYS = [
    ("FlowLog:network", "", UNSET, "Vpc network: its flow log is not there, or not enough; allowed: a FlowLog of ALL")
]
