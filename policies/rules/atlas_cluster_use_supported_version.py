"""The version of MongoDB on Atlas is maintained, and will be for half a year."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import public_form
from policies.cloud import ATLAS_CLUSTER
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import show
from policies.versions import MONGODB, major_of, problem

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Look the major up in the table of versions."""
    version = resource.at("mongoDbMajorVersion")
    major = major_of(version, parts=2) if isinstance(version, str) else ""
    wrong = problem(major or "empty", MONGODB, limits.today, limits["noticeDays"])
    if wrong:
        found = wrong if major else show(version, public_form)
        allowed = f"maintained for {limits['noticeDays']} days or more"
        yield Finding.judge(resource, "mongoDbMajorVersion", version, found=found, allowed=allowed)


RULE = ResourceRule(
    id="atlas-cluster-use-supported-version",
    title="The version of MongoDB on Atlas is maintained, and will be for half a year.",
    severity=Severity.HIGH,
    reason="at its end Atlas upgrades by itself, in a week that it chooses",
    fix="plan the upgrade and raise fashion-wallet:cloud atlas.mongodbMajor",
    spec=("6.2.1",),
    link="https://www.mongodb.com/legal/support-policy/lifecycles",
    topic="versions",
    limits=(
        least(
            "noticeDays",
            180,
            "The days before its end from which on a version is refused: an upgrade needs them.",
            maximum=730,
        ),
    ),
    absent="Unset is a violation: Atlas then chooses. A version that the table does not know is one too.",
    example=Example(refused='mongo_db_major_version="6.0"', taken='mongo_db_major_version="8.0"'),
    types=(ATLAS_CLUSTER,),
    check=check,
)
