"""Cases of s3-public-access-block-everything: resource, property, value."""

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import on

BLOCK = "BucketPublicAccessBlock:dumps"
FIRES, PASSES, CANNOT_TELL, SAYS = on(BLOCK, "blockPublicAcls")
FIRES += [
    (BLOCK, way, bad)
    for way in ("blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    for bad in (False, UNSET)
]
CANNOT_TELL += [(BLOCK, way, UNKNOWN) for way in ("blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")]
