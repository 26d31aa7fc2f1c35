"""Every image has a version."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.cloud import CRON_JOB, DEPLOYMENT, JOB, POD, STATEFUL_SET
from policies.images import containers_of, image_form, tag_of
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import show

__all__ = ["RULE"]


def check(resource: Resource, _limits: Limits) -> Iterator[Finding]:
    """Judge the tag or digest of each image."""
    for one in containers_of(resource):
        image = one.at("image")
        pinned = isinstance(image, str) and ("@sha256:" in image or tag_of(image) not in {"", "latest"})
        if not pinned:
            allowed = "a name with a version, or a digest"
            yield Finding.judge(resource, f"{one.where}.image", image, found=show(image, image_form), allowed=allowed)


RULE = ResourceRule(
    id="pod-pin-images",
    title="Every image has a version.",
    severity=Severity.MEDIUM,
    reason="what `latest` is changes without a change of ours, and cannot be gone back from",
    fix="write the version: registry/name:1.2.3",
    spec=("6.1",),
    link="https://kubernetes.io/docs/concepts/containers/images/#image-names",
    topic="kubernetes",
    absent="Unset is a violation.",
    example=Example(refused="image: postgres", taken="image: ghcr.io/cloudnative-pg/postgresql:17.5"),
    types=(CRON_JOB, JOB, DEPLOYMENT, STATEFUL_SET, POD),
    check=check,
)
