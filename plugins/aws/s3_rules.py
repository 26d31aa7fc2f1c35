"""S3: what happens to objects of a bucket by themselves: locks, ends of life, logs of access, copies elsewhere.

Each checks what S3 would and the emulator does not: what a lock, a copy and a log need of the other bucket.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.aws.s3 import BUCKET, GONE, OfBucket, is_locked
from plugins.aws.s3_wire import from_wire, to_wire
from plugins.base import UNKNOWN, CheckFailure, Context, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields, Kind

__all__ = ["ENTITIES"]

_ON_OFF: Final = Field(kind="text", required=True, allowed=("Enabled", "Disabled"))
_REPLICATION_MIN: Final = 15
_BUCKET_ARN: Final = "arn:aws:s3:::"


class BucketObjectLockConfiguration(OfBucket):
    """How long a version cannot be deleted."""

    token = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration"
    noun = "object lock of bucket"
    missing = "ObjectLockConfigurationNotFoundError"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "objectLockEnabled": Field(kind="text", default="Enabled", replaces=True, allowed=("Enabled",)),
        "rule": Field(
            kind="object",
            required=True,
            fields={
                "defaultRetention": Field(
                    kind="object",
                    required=True,
                    fields={
                        "mode": Field(kind="text", required=True, allowed=("COMPLIANCE", "GOVERNANCE")),
                        "days": Field(kind="number", unset=0, least=1, most=36_500),
                        "years": Field(kind="number", unset=0, least=1, most=100),
                    },
                )
            },
        ),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check that the life is given once."""
        if contains_unknown(inputs["rule"]):
            return []
        retention = inputs["rule"]["defaultRetention"]
        given = [name for name in ("days", "years") if retention.get(name) is not None]
        if len(given) == 1:
            return []
        path = "rule.defaultRetention"
        got = " and ".join(given) or "neither"
        return [CheckFailure(path, f"{path}: got {got}, allowed is one of days and years. Give one of them")]

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it into a bucket that was made for it."""
        if not is_locked(aws, bucket):
            raise ProviderError(f"bucket {bucket} was made without object lock. Make it with objectLockEnabled")
        aws.client("s3").put_object_lock_configuration(
            Bucket=bucket,
            ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": to_wire(inputs["rule"])},
        )

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it; the emulator says 0 years where none are set."""
        found = aws.client("s3").get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
        retention = found.get("Rule", {}).get("DefaultRetention")
        if not retention:
            return None
        given = {name: value for name, value in from_wire(retention).items() if value}
        return {"objectLockEnabled": "Enabled", "rule": {"defaultRetention": given}}

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Take the default away; that objects can be locked stays for the bucket's life."""
        aws.client("s3").put_object_lock_configuration(
            Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"}
        )


class BucketLifecycleConfiguration(OfBucket):
    """When objects are deleted by themselves."""

    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    noun = "lifecycle of bucket"
    missing = "NoSuchLifecycleConfiguration"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "rules": Field(
            kind="objects",
            required=True,
            fields={
                "id": Field(kind="text", required=True),
                "status": _ON_OFF,
                "filter": Field(kind="object", required=True, fields={"prefix": Field(kind="text", default="")}),
                "expiration": Field(
                    kind="object",
                    unset={},
                    fields={
                        "days": Field(kind="number", unset=0, least=1),
                        "expiredObjectDeleteMarker": Field(kind="flag", unset=False),
                    },
                ),
                "noncurrentVersionExpiration": Field(
                    kind="object",
                    unset={},
                    fields={"noncurrentDays": Field(kind="number", required=True, unset=0, least=1)},
                ),
                "abortIncompleteMultipartUpload": Field(
                    kind="object",
                    unset={},
                    fields={"daysAfterInitiation": Field(kind="number", required=True, unset=0, least=1)},
                ),
            },
        ),
    }
    outputs: ClassVar[Mapping[str, Kind]] = {"transitionDefaultMinimumObjectSize": "text"}

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check that every rule has a name of its own and something to do, and one word on the end of life."""
        failures = []
        seen: set[str] = set()
        for index, rule in _known(inputs["rules"]):
            path = f"rules[{index}]"
            if rule["id"] in seen:
                failures.append(CheckFailure(f"{path}.id", f"{path}.id: {rule['id']!r} is there twice. Rename one"))
            seen.add(rule["id"])
            failures += _actions(path, rule)
        return failures

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it."""
        aws.client("s3").put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": to_wire(inputs["rules"])}
        )

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = aws.client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)
        return {
            "rules": from_wire(found["Rules"]),
            "transitionDefaultMinimumObjectSize": found["TransitionDefaultMinimumObjectSize"],
        }

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Let objects stay for ever."""
        aws.client("s3").delete_bucket_lifecycle(Bucket=bucket)


def _known(rules: Any) -> list[tuple[int, Props]]:
    """Return those of some rules that hold nothing unknown, with their places."""
    return [] if rules is UNKNOWN else [(at, rule) for at, rule in enumerate(rules) if not contains_unknown(rule)]


def _actions(path: str, rule: Props) -> list[CheckFailure]:
    actions = ("expiration", "noncurrentVersionExpiration", "abortIncompleteMultipartUpload")
    if not any(rule.get(name) for name in actions):
        return [CheckFailure(path, f"{path}: says nothing to do. Give one of {', '.join(actions)}")]
    expiration = rule.get("expiration") or {}
    if len([value for value in expiration.values() if value is not None]) > 1:
        where = f"{path}.expiration"
        reason = f"{where}: got {' and '.join(sorted(expiration))}, allowed is one of them in a rule. Use two rules"
        return [CheckFailure(where, reason)]
    return []


class BucketLogging(OfBucket):
    """Where it is written down who used a bucket."""

    token = "aws:s3/bucketLogging:BucketLogging"
    noun = "access log of bucket"
    missing = GONE
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "targetBucket": Field(kind="text", required=True),
        "targetPrefix": Field(kind="text", required=True),
    }

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it, if S3 can deliver there: no key of KMS, no default lock (its policy the emulator checks)."""
        target = inputs["targetBucket"]
        _refuse_target(aws, target)
        aws.client("s3").put_bucket_logging(
            Bucket=bucket,
            BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": inputs["targetPrefix"]}},
        )

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it."""
        found = aws.client("s3").get_bucket_logging(Bucket=bucket).get("LoggingEnabled")
        return {"targetBucket": found["TargetBucket"], "targetPrefix": found["TargetPrefix"]} if found else None

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Log no more."""
        aws.client("s3").put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})


def _refuse_target(aws: Aws, target: str) -> None:
    s3 = aws.client("s3")
    encryption = unless_gone(
        lambda: s3.get_bucket_encryption(Bucket=target), GONE, "ServerSideEncryptionConfigurationNotFoundError"
    )
    rules = encryption["ServerSideEncryptionConfiguration"]["Rules"] if encryption else []
    if any(rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "AES256" for rule in rules):
        raise ProviderError(
            f"targetBucket: {target} is encrypted by a key of KMS, allowed is S3's own (AES256): S3 delivers access "
            "logs into no other bucket. Change its encryption"
        )
    lock = unless_gone(lambda: s3.get_object_lock_configuration(Bucket=target), GONE, _NO_LOCK)
    if lock is not None and "Rule" in lock["ObjectLockConfiguration"]:
        raise ProviderError(
            f"targetBucket: {target} locks objects by default: S3 delivers access logs into no such bucket. "
            "Remove its object lock configuration"
        )


_NO_LOCK: Final = "ObjectLockConfigurationNotFoundError"


class BucketReplicationConfig(OfBucket):
    """What is copied into another bucket.

    The emulator keeps the role, the destinations and which rules are on, and gives the rest back wrongly: that is kept
    beside it.
    """

    token = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
    noun = "replication of bucket"
    missing = "ReplicationConfigurationNotFoundError"
    fields: ClassVar[Fields] = {
        "bucket": BUCKET,
        "role": Field(kind="text", required=True),
        "rules": Field(
            kind="objects",
            required=True,
            fields={
                "id": Field(kind="text", required=True),
                "priority": Field(kind="number", required=True, least=0),
                "status": _ON_OFF,
                "filter": Field(kind="object", required=True, fields={"prefix": Field(kind="text", default="")}),
                "deleteMarkerReplication": Field(kind="object", required=True, fields={"status": _ON_OFF}),
                "sourceSelectionCriteria": Field(
                    kind="object",
                    unset={},
                    fields={
                        "sseKmsEncryptedObjects": Field(
                            kind="object", required=True, unset={}, fields={"status": _ON_OFF}
                        )
                    },
                ),
                "destination": Field(
                    kind="object",
                    required=True,
                    fields={
                        "bucket": Field(kind="text", required=True),
                        "encryptionConfiguration": Field(
                            kind="object",
                            unset={},
                            fields={"replicaKmsKeyId": Field(kind="text", required=True, unset="")},
                        ),
                        "metrics": Field(
                            kind="object",
                            unset={},
                            fields={
                                "status": Field(kind="text", required=True, unset="", allowed=_ON_OFF.allowed),
                                "eventThreshold": Field(
                                    kind="object",
                                    fields={
                                        "minutes": Field(
                                            kind="number", required=True, least=_REPLICATION_MIN, most=_REPLICATION_MIN
                                        )
                                    },
                                ),
                            },
                        ),
                        "replicationTime": Field(
                            kind="object",
                            unset={},
                            fields={
                                "status": Field(kind="text", required=True, unset="", allowed=_ON_OFF.allowed),
                                "time": Field(
                                    kind="object",
                                    required=True,
                                    fields={
                                        "minutes": Field(
                                            kind="number", required=True, least=_REPLICATION_MIN, most=_REPLICATION_MIN
                                        )
                                    },
                                ),
                            },
                        ),
                    },
                ),
            },
        ),
    }

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Check what S3 wants together: a key of KMS and the objects that are encrypted by one; time and metrics."""
        failures = []
        for index, rule in enumerate([] if inputs["rules"] is UNKNOWN else inputs["rules"]):
            path, destination = f"rules[{index}]", {} if rule is UNKNOWN else rule["destination"]
            if not isinstance(destination, dict) or not destination:
                continue
            # Which of them are given is known, also where their values are not.
            if ("sourceSelectionCriteria" in rule) != ("encryptionConfiguration" in destination):
                reason = (
                    f"{path}: sourceSelectionCriteria.sseKmsEncryptedObjects and "
                    "destination.encryptionConfiguration.replicaKmsKeyId go together. Give both, or neither"
                )
                failures.append(CheckFailure(path, reason))
            if "replicationTime" in destination and "metrics" not in destination:
                where = f"{path}.destination.replicationTime"
                failures.append(CheckFailure(where, f"{where}: given without metrics, which it needs. Give them too"))
        return failures

    def put(self, aws: Aws, bucket: str, inputs: Props) -> None:
        """Write it, if the other bucket is there and versioned."""
        for rule in inputs["rules"]:
            _refuse_destination(aws, rule["destination"]["bucket"])
        configuration = {"Role": inputs["role"], "Rules": to_wire(inputs["rules"])}
        aws.client("s3").put_bucket_replication(Bucket=bucket, ReplicationConfiguration=configuration)
        aws.store.put(self.token, bucket, {"rules": inputs["rules"]})

    def get(self, aws: Aws, bucket: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Read it: what the emulator knows from there, the rest from beside it."""
        found = aws.client("s3").get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"]
        kept = {rule["id"]: rule for rule in (aws.store.get(self.token, bucket) or {}).get("rules", [])}
        return {"role": found["Role"], "rules": [_merged(from_wire(rule), kept) for rule in found["Rules"]]}

    def remove(self, aws: Aws, bucket: str, state: Props) -> None:  # noqa: ARG002
        """Copy no more; copies stay."""
        aws.client("s3").delete_bucket_replication(Bucket=bucket)
        aws.store.remove(self.token, bucket)


def _merged(found: Props, kept: Mapping[str, Props]) -> Props:
    """Return a rule of the emulator with what it forgets; its numbers come back as text."""
    real = {name: found[name] for name in ("id", "status", "destination")}
    return {**kept.get(found["id"], {}), **_numbers(real), "priority": int(found["priority"])}


def _numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: int(item) if name == "minutes" else _numbers(item) for name, item in value.items()}
    return value


def _refuse_destination(aws: Aws, arn: str) -> None:
    bucket = arn.removeprefix(_BUCKET_ARN)
    found = unless_gone(lambda: aws.client("s3").get_bucket_versioning(Bucket=bucket), GONE)
    if found is None or found.get("Status") != "Enabled":
        state = "does not exist" if found is None else "is not versioned"
        raise ProviderError(
            f"destination.bucket: {bucket} {state}, allowed is a versioned bucket. Make its BucketVersioning first"
        )


ENTITIES: Final = (
    BucketLifecycleConfiguration,
    BucketLogging,
    BucketObjectLockConfiguration,
    BucketReplicationConfig,
)
