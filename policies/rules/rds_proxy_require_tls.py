"""Clients reach the proxy of RDS by TLS only."""

from pulumi_policy import Severity

from policies.checks import switch_on
from policies.cloud import RDS_PROXY
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="rds-proxy-require-tls",
    title="Clients reach the proxy of RDS by TLS only.",
    severity=Severity.CRITICAL,
    reason="the proxy is the hop that clients see, whatever the server behind it demands",
    fix="set requireTls=True",
    spec=("6.2.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html#rds-proxy-security.tls",
    topic="relational database",
    example=Example(refused="require_tls=False", taken="require_tls=True"),
    types=(RDS_PROXY,),
    check=switch_on("requireTls"),
    remedy=lambda _resource, _limits: {("requireTls",): True},
)
