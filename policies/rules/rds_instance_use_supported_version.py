"""The version of PostgreSQL on RDS is maintained, and will be for half a year."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import RDS_INSTANCE, is_replica
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNKNOWN, UNSET, show
from policies.versions import POSTGRESQL, major_of, problem

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Look the major up in the table of versions; a replica that says nothing has its source's."""
    version = resource.at("engineVersion")
    if version is UNSET and is_replica(resource) is True:
        return
    text = version if isinstance(version, str) else ""
    wrong = problem(major_of(text, parts=1) or "empty", POSTGRESQL, limits.today, limits["noticeDays"])
    if wrong:
        unknown = UNKNOWN if version is UNKNOWN or (version is UNSET and is_replica(resource) is UNKNOWN) else version
        found = wrong if major_of(text, parts=1) else show(version, public_form)
        yield Finding.judge(
            resource,
            "engineVersion",
            unknown,
            found=found,
            allowed=f"maintained for {limits['noticeDays']} days or more",
        )


RULE = ResourceRule(
    id="rds-instance-use-supported-version",
    title="The version of PostgreSQL on RDS is maintained, and will be for half a year.",
    severity=Severity.HIGH,
    reason="holes that are found after its end stay open, and RDS charges for its extended support",
    fix="plan the upgrade to a newer major (docs/how-to/upgrade-postgres.md) and raise "
    "fashion-wallet:cloud rds.engineVersion",
    spec=("6.2.1", "3.2.2"),
    link="https://www.postgresql.org/support/versioning/",
    topic="versions",
    limits=(
        least(
            "noticeDays",
            180,
            "The days before its end from which on a version is refused: an upgrade needs them.",
            maximum=730,
        ),
    ),
    absent="Unset is a violation, but on a replica, which has its source's version. A version that the "
    "table does not know is one too.",
    example=Example(refused='engine_version="13"', taken='engine_version="17"'),
    types=(RDS_INSTANCE,),
    check=check,
)
