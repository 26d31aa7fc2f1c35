"""Cases of rds-instance-encrypt-performance-insights: resource, property, value."""

from tests.policies.tables import name

FIRES, PASSES, CANNOT_TELL, SAYS = name(
    "Instance:postgres-primary", "performanceInsightsKmsKeyId", good=[], bad=("alias/aws/rds",)
)
PASSES = [
    (
        "Instance:postgres-primary",
        "performanceInsightsKmsKeyId",
        "arn:aws:kms:eu-central-1:123456789012:key/mrk-relational",
    )
]
