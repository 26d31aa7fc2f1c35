"""Atlas uses the key of the documents by a role, and with no stored key."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import present, switch_on
from policies.cloud import ATLAS_ENCRYPTION
from policies.rule import Example, Finding, Limits, Resource, ResourceRule
from policies.values import UNSET

__all__ = ["RULE"]


_ENABLED = switch_on("awsKmsConfig", "enabled")
_KEY = present("awsKmsConfig", "customerMasterKeyId", allowed="the ARN of the key of the domain documents")
_ROLE = present("awsKmsConfig", "roleId", allowed="the id of the role that Atlas takes on")


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge the switch, the key, the role, and that there is no pair of keys of AWS."""
    for one in (_ENABLED, _KEY, _ROLE):
        yield from one(resource, limits)
    for name in ("accessKeyId", "secretAccessKey"):
        value = resource.at("awsKmsConfig", name)
        if value not in (UNSET, ""):
            where = f"awsKmsConfig.{name}"
            yield Finding.judge(resource, where, value, found="given", allowed="a role instead")


RULE = ResourceRule(
    id="atlas-encryption-use-role",
    title="Atlas uses the key of the documents by a role, and with no stored key.",
    severity=Severity.CRITICAL,
    reason="a pair of keys does not end, and lies in the state and with Atlas",
    fix="authorize a role (CloudProviderAccessAuthorization) and set roleId",
    spec=("6.2.1", "6.1.1"),
    link="https://www.mongodb.com/docs/atlas/security-aws-kms/",
    topic="documents",
    absent="Unset and empty are violations, but of the pair of keys, which must be absent.",
    example=Example(refused="access_key_id=…, secret_access_key=…", taken="role_id=authorization.role_id"),
    types=(ATLAS_ENCRYPTION,),
    check=check,
)
