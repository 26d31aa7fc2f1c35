"""Policies in JSON: one statement or many, one action or many, and the negated forms."""

import json
from typing import Any

import pytest

from policies.documents import Malformed, Statement, statements_of
from policies.values import UNKNOWN, UNSET


def read(**statement: Any) -> Statement:
    (one,) = statements_of({"Statement": {"Effect": "Allow", **statement}})
    assert isinstance(one, Statement)
    return one


def test_text_and_object_one_and_many_read_alike() -> None:
    entry = {"Effect": "Deny", "Principal": {"AWS": "a"}, "Action": "S3:GetObject", "Resource": "r", "Sid": "x"}
    forms = [json.dumps({"Statement": entry}), {"Statement": entry}, {"Statement": [entry]}]
    for document in forms:
        (one,) = statements_of(document)
        assert (one.allows, one.principals, one.actions, one.resources) == (False, ("a",), ("s3:getobject",), ("r",))


@pytest.mark.parametrize("document", [UNKNOWN, {"Statement": UNKNOWN}, {"Statement": [{"Effect": "Allow"}, UNKNOWN]}])
def test_what_is_not_known_is_unknown(document: Any) -> None:
    assert statements_of(document) is UNKNOWN


@pytest.mark.parametrize("document", [UNSET, ""])
def test_nothing_is_no_policy(document: Any) -> None:
    assert statements_of(document) is UNSET


@pytest.mark.parametrize(
    "document,text",
    [
        ("x", "a text that is no JSON"),
        ("[]", "a list"),
        (1, "a int"),
        ({}, "an object without statements"),
        ({"Statement": []}, "an object without statements"),
        ({"Statement": "x"}, "an object without statements"),
        ({"Statement": {}}, "a statement whose Effect is neither Allow nor Deny"),
        ({"Statement": {"Effect": "allow"}}, "a statement whose Effect is neither Allow nor Deny"),
        ({"Statement": {"Effect": "Allow", "Condition": {"Bool": "x"}}}, "a statement whose Condition is no object of"),
    ],
)
def test_what_is_no_policy_is_refused(document: Any, text: str) -> None:
    with pytest.raises(Malformed, match=text):
        statements_of(document)


@pytest.mark.parametrize(
    "actions,does",
    [
        ({"Action": "s3:GetObject"}, True),
        ({"Action": ["s3:PutObject", "S3:GET*"]}, True),
        ({"Action": "*"}, True),
        ({"Action": "s3:Get?bject"}, True),
        ({"Action": "s3:PutObject"}, False),
        ({"NotAction": "s3:PutObject"}, True),
        ({"NotAction": ["s3:Get*", "kms:*"]}, False),
        ({}, False),
    ],
)
def test_what_a_statement_does(actions: dict[str, Any], does: bool) -> None:  # noqa: FBT001
    assert read(**actions).does("s3:GetObject") is does


@pytest.mark.parametrize(
    "principal,everybody",
    [
        ({"Principal": "*"}, True),
        ({"Principal": {"AWS": "*"}}, True),
        ({"Principal": {"AWS": ["a", "*"]}}, True),
        ({"Principal": {"Service": "a", "AWS": "arn:aws:iam::*:root"}}, True),
        ({"NotPrincipal": {"AWS": "a"}}, True),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}}, False),
        ({"Principal": {"Federated": "a"}}, False),
        ({}, False),
    ],
)
def test_who_everybody_is(principal: dict[str, Any], everybody: bool) -> None:  # noqa: FBT001
    assert read(**principal).everybody is everybody


@pytest.mark.parametrize(
    "resource,everything",
    [
        ({"Resource": "*"}, True),
        ({"Resource": ["a", "*"]}, True),
        ({"NotResource": "a"}, True),
        ({"Resource": "arn:aws:s3:::*"}, False),
        ({}, False),
    ],
)
def test_what_everything_is(resource: dict[str, Any], everything: bool) -> None:  # noqa: FBT001
    assert read(**resource).everything is everything


@pytest.mark.parametrize(
    "condition,narrowed",
    [
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, True),
        ({"stringlike": {"AWS:PrincipalTag/team": "a*"}}, True),
        ({"ArnLike": {"aws:SourceArn": ["a", "b"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, True),
        ({"StringEquals": {"kms:CallerAccount": "1"}, "Bool": {"aws:SecureTransport": "true"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, False),
        ({"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"ArnNotLike": {"aws:PrincipalArn": "a"}}, False),
        ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"Null": {"aws:PrincipalOrgID": "false"}}, False),
        ({"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringLike": {"aws:PrincipalArn": ["a", "*"]}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}, False),
        ({"StringEquals": {"aws:PrincipalOrgID": []}}, False),
        ({"StringLike": {"aws:PrincipalOrgID": "o-*"}}, False),
        ({"StringLike": {"aws:PrincipalAccount": "?23456789012"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}, False),
        ({"StringLike": {"aws:SourceVpc": "**"}}, False),
        ({"StringEquals": {"aws:SourceVpc": ""}}, False),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, True),
        ({"StringLike": {"aws:PrincipalOrgPaths": "o-1/r-1/*"}}, True),
        ({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}, True),
        ({"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}}, True),
        ({"ArnLike": {"aws:PrincipalArn": "arn:*"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/deploy"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::12345678901?:role/deploy"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::acme-*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::a*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-west-1:123456789012:db:*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-west-1:*:db:main"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "128.0.0.0/1"]}}, False),
        ({"IpAddress": {"aws:SourceIp": "8.0.0.0/7"}}, False),
        ({"IpAddress": {"aws:SourceIp": "8.8.8.8"}}, True),
        ({"IpAddress": {"aws:SourceIp": "2000::/3"}}, False),
        ({"IpAddress": {"aws:SourceIp": "2a00:1450::/32"}}, True),
        ({}, False),
    ],
)
def test_which_conditions_say_who(condition: dict[str, Any], narrowed: bool) -> None:  # noqa: FBT001
    assert read(Condition=condition).narrowed is narrowed
