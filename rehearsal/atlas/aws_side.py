"""What Atlas would see of AWS: whether it may take on a role, and whether that role may use a key.

Only where AWS_ENDPOINT_URL names an emulator of AWS on this machine; else nothing is looked at.
"""

import json
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.atlas.errors import ApiError

__all__ = ["ACCOUNT_ARN", "AwsSide"]

ACCOUNT_ARN: Final = "arn:aws:iam::536727724300:root"
"""Atlas's own account in AWS, which takes on roles."""
_NEEDED: Final = ("kms:Decrypt", "kms:DescribeKey", "kms:Encrypt")
_CONFIG: Final = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 1})


class AwsSide:
    """Looks at roles and keys in the emulator of AWS."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take the endpoint, region and keys of a process's environment."""
        self._endpoint = environment.get("AWS_ENDPOINT_URL", "")
        self._keys = {
            "aws_access_key_id": environment.get("AWS_ACCESS_KEY_ID", "emulated"),
            "aws_secret_access_key": environment.get("AWS_SECRET_ACCESS_KEY", "emulated"),
        }

    def check_role(self, arn: str, external_id: str) -> None:
        """Refuse a role that Atlas could not take on.

        Raises:
            ApiError: it is not there, or its trust policy does not let Atlas in with the external id.
        """
        if not self._endpoint:
            return
        try:
            role = self._client("iam", "us-east-1").get_role(RoleName=arn.rpartition("/")[2])["Role"]
        except (BotoCoreError, ClientError) as error:
            raise _cannot_assume(arn, str(error)) from None
        for statement in _statements(role["AssumeRolePolicyDocument"]):
            wanted = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
            if ACCOUNT_ARN in _listed(statement.get("Principal", {}).get("AWS")) and wanted == external_id:
                return
        raise _cannot_assume(arn, f"its trust policy must allow {ACCOUNT_ARN} with external id {external_id}")

    def check_key(self, key: str, region: str, role_arn: str) -> None:
        """Refuse a key that the role could not use.

        Raises:
            ApiError: it is not there, is not enabled, or its policy does not let the role do what Atlas needs.
        """
        if not self._endpoint:
            return
        client = self._client("kms", region.lower().replace("_", "-"))
        try:
            found = client.describe_key(KeyId=key)["KeyMetadata"]
            policy = json.loads(client.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        except (BotoCoreError, ClientError) as error:
            raise _invalid_key(str(error)) from None
        if not found["Enabled"]:
            raise _invalid_key(f"key {key} is {found['KeyState']}")
        allowed = {
            action
            for statement in _statements(policy)
            if statement["Effect"] == "Allow" and role_arn in _listed(statement.get("Principal", {}).get("AWS"))
            for action in _listed(statement["Action"])
        }
        missing = [name for name in _NEEDED if not allowed & {name, "kms:*", f"{name}*"}]
        if missing:
            raise _invalid_key(f"the policy of key {key} does not let {role_arn} do {', '.join(missing)}")

    def _client(self, service: str, region: str) -> Any:
        return boto3.client(service, endpoint_url=self._endpoint, region_name=region, config=_CONFIG, **self._keys)


def _statements(policy: Any) -> Iterator[Any]:
    document = json.loads(policy) if isinstance(policy, str) else policy
    statements = document["Statement"]
    yield from statements if isinstance(statements, list) else [statements]


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)


def _cannot_assume(arn: str, why: str) -> ApiError:
    detail = f"Atlas cannot assume role {arn}: {why}."
    return ApiError(HTTPStatus.BAD_REQUEST, "CANNOT_ASSUME_ROLE", detail, arn)


def _invalid_key(why: str) -> ApiError:
    detail = f"The AWS credentials or key are invalid: {why}."
    return ApiError(HTTPStatus.BAD_REQUEST, "INVALID_AWS_CREDENTIALS", detail)
