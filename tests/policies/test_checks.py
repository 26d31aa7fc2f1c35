"""What a message may show of a value, and what counts as off."""

import pytest

from policies.checks import off_or_unset, public_form
from policies.values import UNKNOWN, UNSET, ip_addresses, show

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


@pytest.mark.parametrize(
    "value,shown",
    [
        (UNSET, "unset"),
        (UNKNOWN, "not known yet"),
        (True, "true"),
        (0, "0"),
        (1.5, "1.5"),
        ("eu-west-1", "eu-west-1"),
        ("p@ssw0rd", "a text of another form (not printed: it may be secret)"),
        ("", "empty"),
        ("  ", "empty"),
        ([], "empty"),
        ({}, "empty"),
        (["p@ssw0rd"], "a list of 1"),
        ({"key": "p@ssw0rd", "more": 1}, "a dict of 2"),
        (None, "a value of type NoneType"),
    ],
)
def test_a_message_shows_a_value_and_no_secret(value: object, shown: str) -> None:
    assert show(value, public_form) == shown


def test_addresses_of_a_listener_are_shown() -> None:
    assert all(ip_addresses(one) for one in ("127.0.0.1", "::1, 10.0.0.1", "*", "localhost"))
    assert not any(ip_addresses(one) for one in ("p@ssw0rd", "127.0.0.1, secret", "LOCALHOST", ""))
