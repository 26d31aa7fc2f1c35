"""What a message may show of a value, and what counts as off."""

import pytest

from policies.checks import off_or_unset, public_form
from policies.values import UNKNOWN, UNSET

_LONGEST = 32


@pytest.mark.parametrize(
    "text",
    [
        "rds-ca-2019",
        "10.0.0.0/8",
        "TLSv1.2",
        "s3:*",
        "a" * _LONGEST,
        "arn:aws:kms:a:1:key/" + "b" * 99,
        "alias/" + "c" * 99,
    ],
)
def test_names_versions_and_addresses_are_shown(text: str) -> None:
    assert public_form(text)


@pytest.mark.parametrize(
    "text", ["", "a" * (_LONGEST + 1), "two words", "p@ssw0rd", "{", "key=value", "not/an/arn:" + "d" * 99]
)
def test_what_may_be_a_secret_is_not(text: str) -> None:
    assert not public_form(text)


def test_only_false_and_nothing_are_off() -> None:
    assert all(off_or_unset(one) for one in (UNSET, False, "false"))
    assert not any(off_or_unset(one) for one in (0, "", True, "true", "False", None, UNKNOWN, []))
