"""The version of PostgreSQL of the time series is maintained, and will be for half a year."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import CNPG_CLUSTER
from policies.images import image_form, tag_of
from policies.limits import least
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import show
from policies.versions import POSTGRESQL, major_of, problem

__all__ = ["RULE"]


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Read the major from the image's tag, where the operator reads it."""
    image = resource.at("spec", "imageName")
    major = major_of(tag_of(image).replace("-", "."), parts=1) if isinstance(image, str) else ""
    wrong = problem(major or "empty", POSTGRESQL, limits.today, limits["noticeDays"])
    if wrong:
        found = wrong if major else show(image, image_form)
        allowed = f"an image of a version that is maintained for {limits['noticeDays']} days or more"
        yield Finding.judge(resource, "spec.imageName", image, found=found, allowed=allowed)


RULE = ResourceRule(
    id="cnpg-cluster-use-supported-version",
    title="The version of PostgreSQL of the time series is maintained, and will be for half a year.",
    severity=Severity.HIGH,
    reason="holes that are found after its end stay open",
    fix="set fashion-wallet:cloud kubernetes.image to a newer major, after reading how the operator upgrades",
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
    absent="Unset is a violation: the operator then chooses. An image without a version in its tag is one too.",
    example=Example(
        refused="imageName: ghcr.io/cloudnative-pg/postgresql:13",
        taken="imageName: ghcr.io/clevyr/cloudnativepg-timescale:17.2-ts2.18",
    ),
    types=(CNPG_CLUSTER,),
    check=check,
)
