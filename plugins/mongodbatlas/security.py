"""How Atlas gets at an AWS account, encryption at rest by a key there, and auditing."""

import time
from typing import Any, ClassVar, Final

from plugins.base import Context, Props
from plugins.base.fields import Field, Fields
from plugins.mongodbatlas.api import Api
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.errors import AtlasError
from plugins.mongodbatlas.ids import decode_id, encode_id, split_import
from plugins.mongodbatlas.mapping import from_api, to_api

__all__ = ["Auditing", "CloudProviderAccessAuthorization", "CloudProviderAccessSetup", "EncryptionAtRest"]

_TRIES: Final = 3
_PAUSE_S: Final = 1.0
_PASSING: Final = frozenset(
    {"CANNOT_ASSUME_ROLE", "INVALID_AWS_CREDENTIALS", "CLOUD_PROVIDER_ACCESS_ROLE_NOT_AUTHORIZED"}
)
"""AWS takes a while until a role and its policy are known everywhere."""
_KMS: Final = {
    "customerMasterKeyId": "customerMasterKeyID",
    "enabled": "enabled",
    "region": "region",
    "requirePrivateNetworking": "requirePrivateNetworking",
    "roleId": "roleId",
}
_AUDIT: Final = {
    "auditAuthorizationSuccess": "auditAuthorizationSuccess",
    "auditFilter": "auditFilter",
    "enabled": "enabled",
}


class CloudProviderAccessSetup(Entity):
    """`mongodbatlas:index/cloudProviderAccessSetup:CloudProviderAccessSetup`, for AWS."""

    token = "mongodbatlas:index/cloudProviderAccessSetup:CloudProviderAccessSetup"
    noun = "set-up of access"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "providerName": Field(kind="text", required=True, replaces=True, allowed=("AWS",)),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Ask for an external id."""
        body = {"providerName": inputs["providerName"]}
        made = api.post(f"/groups/{inputs['projectId']}/cloudProviderAccess", body)
        return encode_id(id=made["roleId"], project_id=inputs["projectId"], provider_name="AWS")

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read the role."""
        parts = decode_id(id_)
        found = api.find(f"/groups/{parts['project_id']}/cloudProviderAccess/{parts['id']}")
        if found is None:
            return None
        config = {
            "atlasAwsAccountArn": found["atlasAWSAccountArn"],
            "atlasAssumedRoleExternalId": found["atlasAssumedRoleExternalId"],
        }
        return {
            "projectId": parts["project_id"],
            "providerName": "AWS",
            "awsConfigs": [config],
            "createdDate": found["createdDate"],
            "gcpConfigs": [],
            "lastUpdatedDate": "",
            "roleId": found["roleId"],
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:
        """There is nothing to change: every input replaces."""

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take the access back."""
        parts = decode_id(id_)
        api.delete(f"/groups/{parts['project_id']}/cloudProviderAccess/AWS/{parts['id']}")

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the official plugin's form."""
        parts = split_import(id_, ["project_id", "provider_name", "id"])
        return encode_id(**parts), {}


class CloudProviderAccessAuthorization(Entity):
    """`mongodbatlas:index/cloudProviderAccessAuthorization:CloudProviderAccessAuthorization`, for AWS."""

    token = "mongodbatlas:index/cloudProviderAccessAuthorization:CloudProviderAccessAuthorization"
    noun = "authorization of a role"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "roleId": Field(kind="text", required=True, replaces=True),
        "aws": Field(kind="object", required=True, fields={"iamAssumedRoleArn": Field(kind="text", required=True)}),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Tell Atlas the role; AWS may not know it everywhere yet."""
        self._authorize(api, inputs)
        return encode_id(id=inputs["roleId"], project_id=inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read the role; without an authorization there is nothing."""
        parts = decode_id(id_)
        found = api.find(f"/groups/{parts['project_id']}/cloudProviderAccess/{parts['id']}")
        if found is None or not found.get("authorizedDate"):
            return None
        return {
            "projectId": parts["project_id"],
            "roleId": found["roleId"],
            "aws": {"iamAssumedRoleArn": found["iamAssumedRoleArn"]},
            "authorizedDate": found["authorizedDate"],
            "featureUsages": found["featureUsages"],
        }

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Tell Atlas the other role."""
        self._authorize(api, news)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:
        """Leave it: as with the official plugin, it goes with the set-up."""

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take project and role."""
        parts = split_import(id_, ["project_id", "id"])
        return encode_id(**parts), {}

    def _authorize(self, api: Api, inputs: Props) -> None:
        body = {"providerName": "AWS", "iamAssumedRoleArn": inputs["aws"]["iamAssumedRoleArn"]}
        _patient(lambda: api.patch(f"/groups/{inputs['projectId']}/cloudProviderAccess/{inputs['roleId']}", body))


class EncryptionAtRest(Entity):
    """`mongodbatlas:index/encryptionAtRest:EncryptionAtRest`, by a key of AWS."""

    token = "mongodbatlas:index/encryptionAtRest:EncryptionAtRest"
    noun = "encryption at rest"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "awsKmsConfig": Field(
            kind="object",
            required=True,
            fields={
                "customerMasterKeyId": Field(kind="text", required=True),
                "enabled": Field(kind="flag"),
                "region": Field(kind="text", required=True),
                "requirePrivateNetworking": Field(kind="flag"),
                "roleId": Field(kind="text", required=True),
            },
        ),
        "enabledForSearchNodes": Field(kind="flag", default=False),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Tell Atlas key and role."""
        self._put(api, inputs)
        return str(inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it; one that is off is gone."""
        found = api.find(f"/groups/{id_}/encryptionAtRest")
        if found is None or not found["awsKms"].get("enabled"):
            return None
        kms = {**from_api(_KMS, found["awsKms"]), "valid": found["awsKms"]["valid"]}
        return {"projectId": id_, "awsKmsConfig": kms, "enabledForSearchNodes": found["enabledForSearchNodes"]}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Tell Atlas the other key or role."""
        self._put(api, news)

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Turn it off."""
        off = {"enabled": False}
        api.patch(f"/groups/{id_}/encryptionAtRest", {"awsKms": off, "azureKeyVault": off, "googleCloudKms": off})

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the project's id."""
        return split_import(id_, ["project_id"])["project_id"], {}

    def _put(self, api: Api, inputs: Props) -> None:
        kms = {"enabled": True, **to_api(_KMS, inputs["awsKmsConfig"])}
        kms["region"] = kms["region"].upper().replace("-", "_")
        body = {"awsKms": kms, "enabledForSearchNodes": inputs["enabledForSearchNodes"]}
        _patient(lambda: api.patch(f"/groups/{inputs['projectId']}/encryptionAtRest", body))


class Auditing(Entity):
    """`mongodbatlas:index/auditing:Auditing`."""

    token = "mongodbatlas:index/auditing:Auditing"
    noun = "auditing"
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "auditAuthorizationSuccess": Field(kind="flag"),
        "auditFilter": Field(kind="json"),
        "enabled": Field(kind="flag"),
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:  # noqa: ARG002
        """Turn it on."""
        api.patch(f"/groups/{inputs['projectId']}/auditLog", to_api(_AUDIT, inputs))
        return str(inputs["projectId"])

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = api.find(f"/groups/{id_}/auditLog")
        if found is None:
            return None
        return {"projectId": id_, **from_api(_AUDIT, found), "configurationType": found["configurationType"]}

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Change it."""
        api.patch(f"/groups/{id_}/auditLog", to_api(_AUDIT, news))

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Turn it off."""
        api.patch(f"/groups/{id_}/auditLog", {"enabled": False})

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the project's id."""
        return split_import(id_, ["project_id"])["project_id"], {}


def _patient(request: Any) -> None:
    for last in (*[False] * (_TRIES - 1), True):
        try:
            request()
            return
        except AtlasError as error:
            if last or error.code not in _PASSING:
                raise
            time.sleep(_PAUSE_S)
