"""No snapshot of a database is shared with another account."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import RDS_SNAPSHOT, RDS_SNAPSHOT_COPY
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET

__all__ = ["RULE"]

_PATH = "sharedAccounts"


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Refuse any account in the list; `all` in it is the whole world."""
    shared = resource.at(_PATH)
    if shared in (UNSET, []):
        return
    found = "the whole world" if isinstance(shared, list) and "all" in shared else "other accounts, or no list"
    yield Finding.judge(resource, _PATH, shared, found=found, allowed="unset, or an empty list")


RULE = ResourceRule(
    id="rds-snapshot-forbid-sharing",
    title="No snapshot of a database is shared with another account.",
    severity=Severity.CRITICAL,
    reason="whoever may restore it has every row of it, without any grant of the database",
    fix="leave shared_accounts out; copies for disaster recovery are made by the backup plan, under our own keys",
    spec=("6.1", "5.2.2"),
    frameworks=("AWS Security Hub RDS.1",),
    link="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",
    topic="relational database",
    absent="Unset and an empty list are allowed.",
    example=Example(refused='shared_accounts=["all"]', taken="# it is left out"),
    types=(RDS_SNAPSHOT, RDS_SNAPSHOT_COPY),
    check=check,
)
