"""A cluster on Atlas stays on yearly releases."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import ATLAS_CLUSTER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-take-yearly-releases",
    title="A cluster on Atlas stays on yearly releases.",
    severity=Severity.MEDIUM,
    reason="with CONTINUOUS Atlas moves the cluster to a new release every few months, with no way back",
    fix="set versionReleaseSystem to LTS",
    spec=("7.1.2",),
    link="https://www.mongodb.com/docs/atlas/tutorial/major-version-change/",
    topic="versions",
    limits=(choice("allowed", ["LTS"], "The systems of releases that are allowed."),),
    absent="Unset is allowed: it is then LTS.",
    example=Example(refused='version_release_system="CONTINUOUS"', taken='version_release_system="LTS"'),
    types=(ATLAS_CLUSTER,),
    check=one_of("versionReleaseSystem", limit="allowed", unset=True),
)
