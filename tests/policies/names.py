"""Helper: names in the compliant stack's clouds: accounts, regions, ARNs, keys, and values marked as secret."""

import json
from typing import Any

from policies.decode import SECRET, SIGNATURE

ACCOUNT = "123456789012"
HOME, AWAY = "eu-central-1", "eu-west-1"
TAGS = {"Project": "fashion-wallet", "Stack": "prod", "Component": "database", "Owner": "platform", "CostCenter": "42"}


def arn(service: str, rest: str, region: str = HOME) -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{rest}"


def key(domain: str, region: str = HOME) -> str:
    return arn("kms", f"key/mrk-{domain}", region)


def secret(value: Any) -> dict[str, Any]:
    return {SIGNATURE: SECRET, "value": value}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(principal: Any, *actions: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": principal, "Action": list(actions), "Resource": resource, **more}
