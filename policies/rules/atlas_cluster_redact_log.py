"""The logs of a cluster on Atlas hold no values of documents."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import ATLAS_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-redact-log",
    title="The logs of a cluster on Atlas hold no values of documents.",
    severity=Severity.MEDIUM,
    reason="a slow query is logged with its filter, which holds addresses and names",
    fix="set redactClientLogData=True",
    spec=("6.2.1", "6.3.1"),
    link="https://www.mongodb.com/docs/manual/administration/monitoring/#log-redaction",
    topic="documents",
    example=Example(refused="redact_client_log_data=False", taken="redact_client_log_data=True"),
    types=(ATLAS_CLUSTER,),
    check=switch_on("redactClientLogData"),
    remedy=lambda _resource, _limits: {("redactClientLogData",): True},
)
