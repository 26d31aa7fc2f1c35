"""The region in a name of AWS's, and what is no such name."""

import pytest

from policies.arns import region_of
from policies.values import UNSET


@pytest.mark.parametrize(
    "arn,region",
    [
        ("arn:aws:kms:eu-west-1:123456789012:key/a", "eu-west-1"),
        ("arn:aws:rds:eu-west-1:123456789012:db:name", "eu-west-1"),
        ("arn:aws:s3:::bucket", ""),
        ("urn:aws:kms:eu-west-1:123456789012:key/a", ""),
        ("arn:aws:kms:eu-west-1:123456789012", ""),
        ("second", ""),
        ("", ""),
        (0, ""),
        (["arn:aws:kms:eu-west-1:123456789012:key/a"], ""),
        (UNSET, ""),
    ],
)
def test_the_region_is_the_fourth_part_of_an_arn(arn: object, region: str) -> None:
    assert region_of(arn) == region
