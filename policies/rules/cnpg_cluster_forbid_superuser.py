"""Nobody logs in to the time-series cluster as its superuser."""

from pulumi_policy import Severity

from policies.checks import switch_off
from policies.cloud import CNPG_CLUSTER
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="cnpg-cluster-forbid-superuser",
    title="Nobody logs in to the time-series cluster as its superuser.",
    severity=Severity.HIGH,
    reason="its password lies in a Secret of the namespace, and no grant binds it",
    fix="leave enableSuperuserAccess out; use the administrator, who is none",
    spec=("6.1.1",),
    link="https://cloudnative-pg.io/documentation/current/security/#postgresql-authentication",
    topic="kubernetes",
    absent="Unset is allowed: it is then false.",
    example=Example(refused="enableSuperuserAccess: true", taken="# it is left out"),
    types=(CNPG_CLUSTER,),
    check=switch_off("spec", "enableSuperuserAccess", unset=True),
    remedy=lambda _resource, _limits: {("spec", "enableSuperuserAccess"): False},
)
