"""Buckets of backups, each with a copy in the recovery region, and the buckets of their access logs.

Owns: the buckets with everything that protects them, and the role that copies. Does not own: what is written into
them, and by whom (the jobs' roles do).

Every bucket of backups is encrypted by the backups' key, versioned, locked, logged, reached by TLS only and never
public. Buckets of access logs differ in two points, since S3 delivers logs neither into a bucket encrypted by a key of
KMS nor into one with a default lock: they are encrypted by S3's own keys, and unlocked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import Provider, iam, s3

from components.backups import aws_policies as policies
from components.backups.layout import ACCESS_LOGS, DAILY, DUMPS, PURPOSES, TIMESCALE, WEEKLY
from components.encryption.aws import Keys
from components.tags import tags
from settings.cloud.backups import BackupSettings
from settings.cloud.tags import TagSettings

__all__ = ["Buckets", "BucketsArgs"]

_COMPONENT = "backups"
_RECOVERY = "recovery"
_REPLICATION_MIN = 15
"""S3 copies within this time and tells when it does not; it takes no other number. Also the RPO (spec 5.2.2)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BucketsArgs:
    """Arguments of `Buckets`."""

    stack: str
    settings: BackupSettings
    tags: TagSettings
    keys: Keys
    region: str
    recovery_region: str
    recovery: Provider
    protect: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class _Site:
    """One of the two regions: what is made there is made alike."""

    suffix: str
    provider: Provider | None
    key_arn: pulumi.Output[str]

    def options(
        self, parent: pulumi.Resource, *, after: Sequence[pulumi.Resource] = (), protect: bool = False
    ) -> pulumi.ResourceOptions:
        """Return the options of a child; `protect` is for what holds data."""
        return pulumi.ResourceOptions(
            parent=parent, depends_on=list(after), protect=protect or None, provider=self.provider
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """A bucket, and what says that it is versioned: S3 takes locks and copies only after that."""

    bucket: s3.Bucket
    versioning: s3.BucketVersioning


class Buckets(pulumi.ComponentResource):
    """Where dumps, WAL and base backups lie, in two regions."""

    names: Mapping[str, pulumi.Output[str]]
    """By purpose (`components/backups/layout.py`)."""
    arns: Mapping[str, pulumi.Output[str]]
    recovery_names: Mapping[str, pulumi.Output[str]]
    """The copies in the recovery region, by purpose."""
    warnings: list[str]
    """What they cannot give, and why."""

    def __init__(self, name: str, args: BucketsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the buckets."""
        super().__init__("fashionwallet:backups:Buckets", name, None, opts)
        self._component_name = name
        self._args = args
        here = _Site(suffix="", provider=None, key_arn=args.keys.key("backups").arn)
        there = _Site(suffix=f"-{_RECOVERY}", provider=args.recovery, key_arn=args.keys.recovery_key("backups").arn)
        sources = self._create_site(here)
        replicas = self._create_site(there)
        self._create_replication(sources, replicas)
        self.names = {purpose: made.bucket.bucket for purpose, made in sources.items()}
        self.arns = {purpose: made.bucket.arn for purpose, made in sources.items()}
        self.recovery_names = {purpose: made.bucket.bucket for purpose, made in replicas.items()}
        self.warnings = self._collect_warnings()
        self.register_outputs({"names": self.names, "recovery_names": self.recovery_names})

    def _create_site(self, site: _Site) -> dict[str, _Made]:
        made = {purpose: self._create_bucket(purpose, site, locked=True) for purpose in PURPOSES}
        logs = self._create_logs(site, [one.bucket.arn for one in made.values()])
        administrators = self._args.settings.vault_administrators
        for purpose, one in made.items():
            self._encrypt(purpose, one, site, key_arn=site.key_arn)
            self._lock(purpose, one, site)
            self._expire(purpose, one, site)
            self._allow(purpose, one, site, policies.data_bucket(one.bucket.arn, site.key_arn, administrators))
            self._log(purpose, one, site, logs)
        return made

    def _create_logs(self, site: _Site, sources: Sequence[pulumi.Output[str]]) -> s3.BucketPolicy:
        """Declare the bucket of access logs; return what lets S3 write into it."""
        made = self._create_bucket(ACCESS_LOGS, site, locked=False)
        self._encrypt(ACCESS_LOGS, made, site, key_arn=None)
        self._expire(ACCESS_LOGS, made, site)
        account = site.key_arn.apply(lambda arn: arn.split(":")[4])
        return self._allow(ACCESS_LOGS, made, site, policies.log_bucket(made.bucket.arn, sources, account))

    def _create_bucket(self, what: str, site: _Site, *, locked: bool) -> _Made:
        """Declare a bucket that nobody outside can reach, versioned."""
        settings = self._args.settings.buckets
        bucket = s3.Bucket(
            self._part(what, site),
            s3.BucketArgs(
                bucket=f"{settings.name_prefix}-{what}{site.suffix}",
                object_lock_enabled=locked,
                # Logs come as long as there is somebody who asks: only backups keep a stack from being taken down.
                force_destroy=not locked and not self._args.protect,
                tags=tags(self._args.stack, self._args.tags, component=_COMPONENT, data=locked),
            ),
            site.options(self, protect=self._args.protect),
        )
        s3.BucketOwnershipControls(
            self._part(what, site, "ownership"),
            bucket=bucket.bucket,
            rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
            opts=site.options(self),
        )
        versioning = s3.BucketVersioning(
            self._part(what, site, "versioning"),
            bucket=bucket.bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=site.options(self),
        )
        return _Made(bucket=bucket, versioning=versioning)

    def _encrypt(self, what: str, made: _Made, site: _Site, *, key_arn: pulumi.Output[str] | None) -> None:
        """Declare the key of everything that is uploaded; without one, S3's own."""
        default = s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
            sse_algorithm="AES256" if key_arn is None else "aws:kms", kms_master_key_id=key_arn
        )
        s3.BucketServerSideEncryptionConfiguration(
            self._part(what, site, "encryption"),
            bucket=made.bucket.bucket,
            rules=[
                s3.BucketServerSideEncryptionConfigurationRuleArgs(
                    apply_server_side_encryption_by_default=default, bucket_key_enabled=key_arn is not None
                )
            ],
            opts=site.options(self),
        )

    def _lock(self, what: str, made: _Made, site: _Site) -> None:
        """Declare how long a version cannot be deleted; what CloudNativePG deletes itself, no longer than it keeps."""
        settings = self._args.settings
        days = settings.buckets.object_lock.days
        s3.BucketObjectLockConfiguration(
            self._part(what, site, "lock"),
            bucket=made.bucket.bucket,
            rule=s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=settings.buckets.object_lock.mode,
                    days=min(days, settings.continuous_retention_days) if what == TIMESCALE else days,
                )
            ),
            opts=site.options(self, after=[made.versioning]),
        )

    def _expire(self, what: str, made: _Made, site: _Site) -> None:
        s3.BucketLifecycleConfiguration(
            self._part(what, site, "lifecycle"),
            bucket=made.bucket.bucket,
            rules=self._lifecycle_rules(what),
            opts=site.options(self, after=[made.versioning]),
        )

    def _lifecycle_rules(self, what: str) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
        settings = self._args.settings
        lives = {
            DUMPS: {DAILY: settings.daily_retention_days, WEEKLY: settings.weekly_retention_days},
            # WAL is needed for as long as a base backup is: CloudNativePG deletes both, a rule here would not know.
            TIMESCALE: {},
            ACCESS_LOGS: {"": settings.buckets.access_log_retention_days},
        }[what]
        leftovers = s3.BucketLifecycleConfigurationRuleArgs(
            id="leftovers",
            status="Enabled",
            filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
            # Where a life is set, S3 removes the markers of deleted objects by itself, and takes no second word on it.
            expiration=None
            if lives
            else s3.BucketLifecycleConfigurationRuleExpirationArgs(expired_object_delete_marker=True),
            noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=settings.buckets.noncurrent_expiry_days
            ),
            abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=settings.buckets.incomplete_upload_expiry_days
            ),
        )
        return [
            *(
                s3.BucketLifecycleConfigurationRuleArgs(
                    id=prefix.rstrip("/") or "all",
                    status="Enabled",
                    filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
                    expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
                )
                for prefix, days in lives.items()
            ),
            leftovers,
        ]

    def _allow(self, what: str, made: _Made, site: _Site, policy: pulumi.Output[str]) -> s3.BucketPolicy:
        """Declare who may use a bucket; S3 refuses two changes of a bucket's access at one time, so one by one."""
        block = s3.BucketPublicAccessBlock(
            self._part(what, site, "public-access"),
            bucket=made.bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=site.options(self),
        )
        return s3.BucketPolicy(
            self._part(what, site, "policy"),
            bucket=made.bucket.bucket,
            policy=policy,
            opts=site.options(self, after=[block]),
        )

    def _log(self, what: str, made: _Made, site: _Site, logs: s3.BucketPolicy) -> None:
        s3.BucketLogging(
            self._part(what, site, "logging"),
            bucket=made.bucket.bucket,
            target_bucket=logs.bucket,
            target_prefix=f"{what}/",
            opts=site.options(self, after=[logs]),
        )

    def _create_replication(self, sources: Mapping[str, _Made], replicas: Mapping[str, _Made]) -> None:
        role = self._create_replication_role(sources, replicas)
        for purpose, source in sources.items():
            replica = replicas[purpose]
            s3.BucketReplicationConfig(
                f"{self._component_name}-{purpose}-replication",
                bucket=source.bucket.bucket,
                role=role.arn,
                rules=[self._replication_rule(replica.bucket)],
                opts=pulumi.ResourceOptions(parent=self, depends_on=[source.versioning, replica.versioning]),
            )

    def _replication_rule(self, replica: s3.Bucket) -> s3.BucketReplicationConfigRuleArgs:
        return s3.BucketReplicationConfigRuleArgs(
            id="everything",
            priority=1,
            status="Enabled",
            filter=s3.BucketReplicationConfigRuleFilterArgs(prefix=""),
            # What CloudNativePG deletes must go in the copy too; the lock keeps versions there as long as here.
            delete_marker_replication=s3.BucketReplicationConfigRuleDeleteMarkerReplicationArgs(status="Enabled"),
            source_selection_criteria=s3.BucketReplicationConfigRuleSourceSelectionCriteriaArgs(
                sse_kms_encrypted_objects=s3.BucketReplicationConfigRuleSourceSelectionCriteriaSseKmsEncryptedObjectsArgs(
                    status="Enabled"
                )
            ),
            destination=s3.BucketReplicationConfigRuleDestinationArgs(
                bucket=replica.arn,
                encryption_configuration=s3.BucketReplicationConfigRuleDestinationEncryptionConfigurationArgs(
                    replica_kms_key_id=self._args.keys.recovery_key("backups").arn
                ),
                metrics=s3.BucketReplicationConfigRuleDestinationMetricsArgs(
                    status="Enabled",
                    event_threshold=s3.BucketReplicationConfigRuleDestinationMetricsEventThresholdArgs(
                        minutes=_REPLICATION_MIN
                    ),
                ),
                replication_time=s3.BucketReplicationConfigRuleDestinationReplicationTimeArgs(
                    status="Enabled",
                    time=s3.BucketReplicationConfigRuleDestinationReplicationTimeTimeArgs(minutes=_REPLICATION_MIN),
                ),
            ),
        )

    def _create_replication_role(self, sources: Mapping[str, _Made], replicas: Mapping[str, _Made]) -> iam.Role:
        role = iam.Role(
            f"{self._component_name}-replication",
            name=f"{self._component_name}-replication-{self._args.stack}",
            description="S3 copies the buckets of backups into the recovery region",
            assume_role_policy=policies.assumed_by("s3.amazonaws.com"),
            tags=tags(self._args.stack, self._args.tags, component=_COMPONENT),
            opts=pulumi.ResourceOptions(parent=self),
        )
        iam.RolePolicy(
            f"{self._component_name}-replication",
            name="replication",
            role=role.name,
            policy=policies.replication(
                [
                    policies.ReplicatedBucket(source_arn=source.bucket.arn, replica_arn=replicas[purpose].bucket.arn)
                    for purpose, source in sources.items()
                ],
                region=self._args.region,
                key_arn=self._args.keys.key("backups").arn,
                recovery_region=self._args.recovery_region,
                recovery_key_arn=self._args.keys.recovery_key("backups").arn,
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role

    def _collect_warnings(self) -> list[str]:
        lock = self._args.settings.buckets.object_lock
        found = ["buckets of access logs are encrypted by S3's own keys: it delivers logs into no others"]
        if lock.mode == "COMPLIANCE":
            found.append(
                f"backups.buckets.objectLock.mode is COMPLIANCE: for {lock.days} days nobody, AWS included, can delete "
                "a dump that was written, nor the bucket"
            )
        return found

    def _part(self, what: str, site: _Site, role: str = "") -> str:
        """Return `fashion-wallet-bucket-dumps-recovery`, or that of one of its parts."""
        return f"{self._component_name}-{what}{site.suffix}{f'-{role}' if role else ''}"
