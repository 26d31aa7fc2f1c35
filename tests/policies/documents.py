"""Helper: cases of policies in JSON that let everybody in, in each form that the language has."""

import json
from typing import Any

from policies.values import UNKNOWN, UNSET
from tests.policies.tables import Rows, Says

ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, action: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def public_policy_table(
    where: str, path: str, action: str, *, unset: bool, also: tuple[dict[str, Any], ...] = ()
) -> tuple[Rows, Rows, Rows, Says]:
    """Return FIRES, PASSES, CANNOT_TELL and SAYS of a policy of a resource that may not be for everybody.

    `also` are statements that every document has, where another rule looks for them.
    """
    everybody = allow("*", action)
    bad: list[object] = [
        document(everybody, *also),
        document(allow({"AWS": "*"}, action), *also),
        document(allow({"AWS": [ROOT["AWS"], "*"]}, action), *also),
        document(allow(ROOT, action), everybody, *also),
        document({"Effect": "Allow", "NotPrincipal": ROOT, "Action": action, "Resource": "*"}, *also),
        document({**everybody, **when("StringNotEquals", "aws:PrincipalOrgID", "o-1")}, *also),
        document({**everybody, **when("StringEqualsIfExists", "aws:PrincipalOrgID", "o-1")}, *also),
        document({**everybody, **when("StringLike", "aws:PrincipalArn", "*")}, *also),
        document({**everybody, **when("IpAddress", "aws:SourceIp", ["0.0.0.0/0"])}, *also),
        document({**everybody, **when("Bool", "aws:SecureTransport", "true")}, *also),
        {"Statement": [everybody, *also]},
    ]
    malformed: list[object] = [
        json.dumps({"Statement": everybody}),
        "no JSON",
        "{}",
        "[]",
        "null",
        document(),
        document({"Effect": "allow", "Principal": "*", "Action": action}),
        document({"Effect": "Allow", "Principal": "*", "Action": action, "Condition": "never"}),
        0,
        [],
        True,
    ]
    good: list[object] = [
        document(allow(ROOT, action), *also),
        document(allow({"Service": "s3.amazonaws.com"}, action), *also),
        document({**everybody, "Effect": "Deny"}, *also),
        document({**everybody, **when("StringEquals", "aws:PrincipalOrgID", "o-1")}, *also),
        document({**everybody, **when("StringEquals", "AWS:SourceAccount", "123456789012")}, *also),
        document({**everybody, **when("ArnLike", "aws:PrincipalTag/team", ["database"])}, *also),
    ]
    alone = [] if also else [*malformed, *([] if unset else [UNSET, ""])]
    says: Says = [
        (where, path, document(allow(ROOT, action), everybody, *also), f"{path}, statement 2, is an Allow for every"),
        (where, path, document({**everybody, "Sid": "Open"}, *also), f"{path}, statement Open, is an Allow for every"),
        (where, path, "no JSON", f"{path} is a text that is no JSON; allowed: a policy in JSON, and "),
    ]
    return (
        [(where, path, one) for one in (*bad, *alone)],
        [(where, path, one) for one in (*good, *([UNSET, ""] if unset and not also else []))],
        [(where, path, one) for one in (UNKNOWN, {"Statement": UNKNOWN}, {"Statement": [UNKNOWN]})],
        says,
    )
