"""S3: buckets, and what stands on its own in each (versioning, encryption, policy, public access, ownership).

Locks, lifecycles, access logs and copies are in `s3_rules.py`.
"""

import abc
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.entity import Entity
from plugins.aws.s3_wire import from_wire, to_wire
from plugins.aws.tags import TAGS, as_list, as_map
from plugins.base import UNKNOWN, CheckFailure, Context, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields, Kind

__all__ = ["BUCKET", "ENTITIES", "GONE", "OfBucket", "bucket_name", "is_locked"]

GONE: Final = "NoSuchBucket"
BUCKET: Final = Field(kind="text", required=True, replaces=True)
"""The bucket that a setting is of."""
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")
_HOME: Final = "us-east-1"
"""The one region that takes no location: it is where buckets are made unless told otherwise."""


def bucket_name(name: str, value: Any) -> list[CheckFailure]:
    """Return what is wrong with a bucket's name: S3 takes dots too, but TLS to such a bucket fails."""
    if not isinstance(value, str) or _NAME.fullmatch(value):
        return []
    reason = (
        f"{name}: got {value!r}, allowed are 3 to 63 small letters, digits and -, no - at the ends. Choose another name"
    )
    return [CheckFailure(name, reason)]


def is_locked(aws: Aws, bucket: str) -> bool:
    """Say whether a bucket was made with object lock, which keeps it versioned for ever."""
    found = unless_gone(
        lambda: aws.client("s3").get_object_lock_configuration(Bucket=bucket),
        GONE,
        "ObjectLockConfigurationNotFoundError",
    )
    return found is not None and found["ObjectLockConfiguration"].get("ObjectLockEnabled") == "Enabled"


def _empty(aws: Aws, bucket: str) -> None:
    """Delete every version of every object; locks of the mode GOVERNANCE are overridden, as by the official plugin."""
    s3 = aws.client("s3")
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        found = [
            {"Key": one["Key"], "VersionId": one["VersionId"]}
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        if found:
            s3.delete_objects(Bucket=bucket, Delete={"Objects": found}, BypassGovernanceRetention=True)


class Bucket(Entity):
    """A bucket; all else is in resources of its own, as the official provider wants it since version 7."""

    token = "aws:s3/bucket:Bucket"
    noun = "bucket"
    autonamed = "bucket"
    fields: ClassVar[Fields] = {
        "bucket": Field(kind="text", replaces=True),
        "objectLockEnabled": Field(kind="flag", default=False, replaces=True),
        "forceDestroy": Field(kind="flag", default=False, local=True),
        "tags": TAGS,
    }
    outputs: ClassVar[Mapping[str, Kind]] = {
        "arn": "text",
        "bucketDomainName": "text",
        "bucketRegion": "text",
        "bucketRegionalDomainName": "text",
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check the name."""
        return bucket_name("bucket", inputs["bucket"])

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Make an empty bucket."""
        bucket = inputs["bucket"]
        where = {} if aws.region == _HOME else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
        aws.client("s3").create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=inputs["objectLockEnabled"], **where)
        return bucket, {}

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:  # noqa: ARG002
        """Tag it."""
        self._tag(aws, id_, inputs)

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Look it up in its region."""
        head = unless_gone(lambda: aws.client("s3").head_bucket(Bucket=id_), "404", GONE)
        if head is None:
            return None
        if head["BucketRegion"] != aws.region:
            raise ProviderError(f"it is in {head['BucketRegion']}, and was looked for in {aws.region}")
        tagged = unless_gone(lambda: aws.client("s3").get_bucket_tagging(Bucket=id_), "NoSuchTagSet")
        return {
            "bucket": id_,
            "objectLockEnabled": is_locked(aws, id_),
            "forceDestroy": bool(wanted.get("forceDestroy")),
            "tags": as_map(tagged["TagSet"] if tagged else []),
            "arn": f"arn:aws:s3:::{id_}",
            "bucketDomainName": f"{id_}.s3.amazonaws.com",
            "bucketRegion": aws.region,
            "bucketRegionalDomainName": f"{id_}.s3.{aws.region}.amazonaws.com",
        }

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Tag it anew."""
        self._tag(aws, id_, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete it if nothing is in it, or with all that is where the program says so."""
        if state.get("forceDestroy"):
            unless_gone(lambda: _empty(aws, id_), GONE)
        unless_gone(lambda: aws.client("s3").delete_bucket(Bucket=id_), GONE)

    def _tag(self, aws: Aws, id_: str, inputs: Props) -> None:
        if inputs.get("tags"):
            aws.client("s3").put_bucket_tagging(Bucket=id_, Tagging={"TagSet": as_list(inputs["tags"])})
        else:
            aws.client("s3").delete_bucket_tagging(Bucket=id_)


class OfBucket(Entity):
    """A setting of a bucket: one of a kind for each, written as a whole, its id the bucket's name."""

    missing: ClassVar[str]
    """The code by which the service says that the bucket has none."""

    @abc.abstractmethod
    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write the setting."""

    @abc.abstractmethod
    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:
        """Return the setting without the bucket; None where it has none. The two codes for that may be raised."""

    @abc.abstractmethod
    def remove(self, aws: Aws, bucket: str, state: Props) -> None:
        """Take the setting away."""

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Write it."""
        self.put(aws, inputs["bucket"], inputs)
        return inputs["bucket"], {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Read it."""
        found = unless_gone(lambda: self.get(aws, id_, wanted), GONE, self.missing)
        return None if found is None else {"bucket": id_, **found}

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Write it anew."""
        self.put(aws, id_, news)

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Take it away, which may have gone with its bucket."""
        unless_gone(lambda: self.remove(aws, id_, state), GONE, self.missing)

    def clashes(self, old: Props, new: Props) -> bool:
        """Say that a bucket has one of these at a time."""
        return old.get("bucket") == new.get("bucket")


class BucketVersioning(OfBucket):
    """Whether what is overwritten or deleted stays."""

    token = "aws:s3/bucketVersioning:BucketVersioning"
    noun = "versioning of bucket"
    missing = "NoSuchVersioningConfiguration"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "versioningConfiguration": Field(
            kind="object",
            required=True,
            fields={"status": Field(kind="text", required=True, allowed=("Enabled", "Suspended"))},
        ),
    }

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Turn it on or off; a bucket with object lock stays versioned."""
        status = inputs["versioningConfiguration"]["status"]
        if status == "Suspended" and is_locked(aws, bucket):
            raise ProviderError(
                "versioningConfiguration.status: got 'Suspended', allowed is 'Enabled': the bucket was made with "
                "object lock, and such a bucket stays versioned"
            )
        aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it; a bucket that never was versioned has none, one that is suspended has."""
        status = aws.client("s3").get_bucket_versioning(Bucket=bucket).get("Status")
        return {"versioningConfiguration": {"status": status}} if status else None

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Suspend it, where that is possible."""
        if not is_locked(aws, bucket):
            aws.client("s3").put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})


class BucketServerSideEncryptionConfiguration(OfBucket):
    """By which key what is uploaded is encrypted."""

    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    noun = "encryption of bucket"
    missing = "ServerSideEncryptionConfigurationNotFoundError"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "rules": Field(
            kind="objects",
            required=True,
            fields={
                "applyServerSideEncryptionByDefault": Field(
                    kind="object",
                    required=True,
                    fields={
                        "sseAlgorithm": Field(
                            kind="text", required=True, allowed=("AES256", "aws:kms", "aws:kms:dsse")
                        ),
                        "kmsMasterKeyId": Field(kind="text", unset=""),
                    },
                ),
                "bucketKeyEnabled": Field(kind="flag", default=False),
            },
        ),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check that there is one rule, and that a key of KMS goes with KMS."""
        rules = inputs["rules"]
        if rules is UNKNOWN:
            return []
        if len(rules) != 1:
            reason = f"rules: got {len(rules)}, allowed is one: S3 has one for a bucket. Keep one"
            return [CheckFailure("rules", reason)]
        if contains_unknown(rules[0]):
            return []
        default = rules[0]["applyServerSideEncryptionByDefault"]
        if default.get("kmsMasterKeyId") and default.get("sseAlgorithm") == "AES256":
            path = "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId"
            reason = f"{path}: given, but sseAlgorithm is 'AES256', which has no key of KMS. Write 'aws:kms'"
            return [CheckFailure(path, reason)]
        return []

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it."""
        aws.client("s3").put_bucket_encryption(
            Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": to_wire(inputs["rules"])}
        )

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = aws.client("s3").get_bucket_encryption(Bucket=bucket)
        return {"rules": from_wire(found["ServerSideEncryptionConfiguration"]["Rules"])}

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Go back to S3's own keys."""
        aws.client("s3").delete_bucket_encryption(Bucket=bucket)


class BucketPublicAccessBlock(OfBucket):
    """What keeps a bucket from being public whatever its policy says."""

    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    noun = "public access block of bucket"
    missing = "NoSuchPublicAccessBlockConfiguration"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "blockPublicAcls": Field(kind="flag", default=False),
        "blockPublicPolicy": Field(kind="flag", default=False),
        "ignorePublicAcls": Field(kind="flag", default=False),
        "restrictPublicBuckets": Field(kind="flag", default=False),
    }

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it."""
        wanted = {name: inputs[name] for name in self.fields if name != "bucket"}
        aws.client("s3").put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=to_wire(wanted))

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = aws.client("s3").get_public_access_block(Bucket=bucket)
        return dict(from_wire(found["PublicAccessBlockConfiguration"]))

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Take it away."""
        aws.client("s3").delete_public_access_block(Bucket=bucket)


class BucketOwnershipControls(OfBucket):
    """Whose the objects are, and whether access lists count."""

    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    noun = "ownership controls of bucket"
    missing = "OwnershipControlsNotFoundError"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "rule": Field(
            kind="object",
            required=True,
            fields={
                "objectOwnership": Field(
                    kind="text",
                    required=True,
                    allowed=("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
                )
            },
        ),
    }

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it."""
        aws.client("s3").put_bucket_ownership_controls(
            Bucket=bucket, OwnershipControls={"Rules": [to_wire(inputs["rule"])]}
        )

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = aws.client("s3").get_bucket_ownership_controls(Bucket=bucket)
        return {"rule": from_wire(found["OwnershipControls"]["Rules"][0])}

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Take it away."""
        aws.client("s3").delete_bucket_ownership_controls(Bucket=bucket)


class BucketPolicy(OfBucket):
    """Who may do what with a bucket."""

    token = "aws:s3/bucketPolicy:BucketPolicy"
    noun = "policy of bucket"
    missing = "NoSuchBucketPolicy"
    fields: ClassVar[Fields] = {"bucket": BUCKET, "policy": Field(kind="json", required=True)}

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it."""
        aws.client("s3").put_bucket_policy(Bucket=bucket, Policy=inputs["policy"])

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        return {"policy": aws.client("s3").get_bucket_policy(Bucket=bucket)["Policy"]}

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Take it away."""
        aws.client("s3").delete_bucket_policy(Bucket=bucket)


ENTITIES: Final = (
    Bucket,
    BucketOwnershipControls,
    BucketPolicy,
    BucketPublicAccessBlock,
    BucketServerSideEncryptionConfiguration,
    BucketVersioning,
)
