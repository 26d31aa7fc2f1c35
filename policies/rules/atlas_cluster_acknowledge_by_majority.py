"""A write on Atlas is acknowledged when a majority has it."""

from pulumi_policy import Severity

from policies.checks import one_of
from policies.cloud import ATLAS_CLUSTER
from policies.limits import choice
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-cluster-acknowledge-by-majority",
    title="A write on Atlas is acknowledged when a majority has it.",
    severity=Severity.HIGH,
    reason="what one node alone had is rolled back after an election, though the client was told that it was written",
    fix="set defaultWriteConcern to majority",
    spec=("4.1.1", "7.1.2"),
    link="https://www.mongodb.com/docs/manual/reference/write-concern/",
    topic="documents",
    limits=(choice("allowed", ["majority"], "The write concerns that may be the default."),),
    example=Example(refused='default_write_concern="1"', taken='default_write_concern="majority"'),
    types=(ATLAS_CLUSTER,),
    check=one_of("advancedConfiguration", "defaultWriteConcern", limit="allowed"),
)
