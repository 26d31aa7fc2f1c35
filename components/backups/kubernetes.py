"""Jobs in Kubernetes that make logical dumps, and those that restore them every month to see that they can be.

Owns: CronJobs, the accounts and roles they run as, their secrets, disks and network policy. Does not own: the bucket
and the life of what is in it (`aws.py`), the databases and their logins, the alerts on jobs that fail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_kubernetes.batch import v1 as batch
from pulumi_kubernetes.core import v1 as core
from pulumi_kubernetes.meta import v1 as meta
from pulumi_kubernetes.networking import v1 as networking
from pulumi_kubernetes.storage import v1 as storage

from components.backups.kubernetes_jobs import (
    JobPlace,
    MongodbSource,
    PostgresSource,
    cron_job_spec,
    dump_pod,
    restore_pod,
    stored_password,
)
from components.backups.layout import DAILY, WEEKLY
from components.timescale.kubernetes_identity import Bucket, PodRole, PodRoleArgs, StoredSecret, pod_role_name
from components.timescale.kubernetes_names import CLUSTER_LABEL, JOB_LABEL, MANAGED_BY, POSTGRES_PORT
from components.timescale.kubernetes_network import https
from components.timescale.kubernetes_workspace import Workspace, object_name
from settings.cloud.backups import BackupSettings
from settings.cloud.backups_schedule import WEEKDAYS
from settings.cloud.kubernetes import KubernetesSettings
from settings.cloud.tags import TagSettings

__all__ = ["BackupJobs", "BackupJobsArgs", "dump_role_name"]

_WRITER, _TESTER = "dump-writer", "dump-tester"
_WRITER_ACTIONS = ("s3:AbortMultipartUpload", "s3:PutObject")
_TESTER_ACTIONS = ("s3:GetObject",)
_ATLAS_PORTS = (1024, 65535)  # Atlas gives a private endpoint ports of this range
_LABELS = {**MANAGED_BY, **JOB_LABEL}
_MIN_S = 60


def dump_role_name(stack: str, source: str) -> str:
    """Return the name of the role that dumps a source whose password is stored: the secret's policy has to name it."""
    return pod_role_name(stack, _own_writer(source))


def _own_writer(source: str) -> str:
    return f"{_WRITER}-{source}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupJobsArgs:
    """Arguments of `BackupJobs`.

    Raises:
        ValueError: no source, or two with one name.
    """

    stack: str
    kubernetes: KubernetesSettings
    backups: BackupSettings
    tags: TagSettings
    workspace: Workspace
    network_cidr: pulumi.Input[str]
    """Of the VPC: RDS and Atlas's private endpoint are in it."""
    volume_key_arn: pulumi.Input[str]
    """Encrypts the jobs' disks."""
    bucket: Bucket
    """For dumps."""
    sources: Sequence[PostgresSource | MongodbSource]

    def __post_init__(self) -> None:
        """Check what shapes the graph."""
        names = [source.name for source in self.sources]
        if not names or len(set(names)) != len(names):
            raise ValueError(f"sources of dumps: got {names}; allowed are one or more, each with a name of its own")


class BackupJobs(pulumi.ComponentResource):
    """Daily and weekly dumps of each source, and a restore test of the latest one every month."""

    names: tuple[str, ...]
    """Of the CronJobs in Kubernetes."""

    def __init__(self, name: str, args: BackupJobsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the jobs and what they need."""
        super().__init__("fashionwallet:backups:BackupJobs", name, None, opts)
        self._component_name = name
        self._args = args
        self._namespace = args.workspace.namespace
        self._place = JobPlace(
            settings=args.kubernetes.jobs,
            bucket=args.bucket.name,
            key_arn=args.bucket.key_arn,
            scratch_class=self._create_scratch_class(),
        )
        self._create_policy()
        # They have to be there before any job; those name them, but do not depend on them.
        self._accounts = [
            self._create_account(_WRITER, _WRITER_ACTIONS),
            self._create_account(_TESTER, _TESTER_ACTIONS),
            *self._create_own_writers(),
        ]
        self.names = tuple(job for source in args.sources for job in self._create_jobs(source))
        self.register_outputs({"names": list(self.names)})

    def _create_scratch_class(self) -> pulumi.Output[str]:
        """Disks of jobs: encrypted as those of the servers, and gone with the job."""
        made = storage.StorageClass(
            f"{self._component_name}-scratch",
            metadata=meta.ObjectMetaArgs(name=f"{self._args.kubernetes.namespace}-scratch", labels=MANAGED_BY),
            provisioner="ebs.csi.aws.com",
            parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": self._args.volume_key_arn},
            reclaim_policy="Delete",
            volume_binding_mode="WaitForFirstConsumer",
            opts=pulumi.ResourceOptions(parent=self),
        )
        return object_name(made)

    def _create_policy(self) -> None:
        """Let jobs reach the databases, services of the cloud and nothing else; nobody reaches them."""
        inside = networking.NetworkPolicyPeerArgs(ip_block=networking.IPBlockArgs(cidr=self._args.network_cidr))
        servers = networking.NetworkPolicyPeerArgs(pod_selector=meta.LabelSelectorArgs(match_labels=CLUSTER_LABEL))
        first, last = _ATLAS_PORTS
        networking.NetworkPolicy(
            f"{self._component_name}-traffic",
            metadata=meta.ObjectMetaArgs(name="backup-jobs", namespace=self._namespace, labels=MANAGED_BY),
            spec=networking.NetworkPolicySpecArgs(
                pod_selector=meta.LabelSelectorArgs(match_labels=JOB_LABEL),
                policy_types=["Ingress", "Egress"],
                egress=[
                    networking.NetworkPolicyEgressRuleArgs(
                        to=[servers], ports=[networking.NetworkPolicyPortArgs(port=POSTGRES_PORT, protocol="TCP")]
                    ),
                    networking.NetworkPolicyEgressRuleArgs(
                        to=[inside],
                        ports=[networking.NetworkPolicyPortArgs(port=first, end_port=last, protocol="TCP")],
                    ),
                    https(),
                ],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_own_writers(self) -> list[core.ServiceAccount]:
        """Declare an account for each source whose password is stored: dumps of the others have no use for it."""
        stored = {source.name: stored_password(source) for source in self._args.sources}
        return [
            self._create_account(_own_writer(name), _WRITER_ACTIONS, secret)
            for name, secret in stored.items()
            if secret is not None
        ]

    def _create_account(
        self, account: str, actions: Sequence[str], secret: StoredSecret | None = None
    ) -> core.ServiceAccount:
        args = self._args
        role = PodRole(
            f"{self._component_name}-{account}",
            PodRoleArgs(
                stack=args.stack,
                purpose=account,
                settings=args.kubernetes,
                tags=args.tags,
                service_account=account,
                bucket=args.bucket,
                object_actions=actions,
                secret=secret,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        return core.ServiceAccount(
            f"{self._component_name}-account-{account}",
            metadata=meta.ObjectMetaArgs(
                name=account,
                namespace=self._namespace,
                labels=MANAGED_BY,
                annotations={"eks.amazonaws.com/role-arn": role.arn},
            ),
            automount_service_account_token=False,
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _create_jobs(self, source: PostgresSource | MongodbSource) -> list[str]:
        dumps, test = self._args.backups.dumps, self._args.backups.restore_test
        secret = self._create_secret(source)
        writer = _WRITER if stored_password(source) is None else _own_writer(source.name)
        daily = dump_pod(source, self._place, DAILY, secret, writer)
        weekly = dump_pod(source, self._place, WEEKLY, secret, writer)
        restore = restore_pod(source, self._place, DAILY, _TESTER)
        weekday = str(WEEKDAYS.index(dumps.weekly_on))
        return [
            self._create_job(f"dump-daily-{source.name}", _schedule(dumps.daily_at), daily),
            self._create_job(f"dump-weekly-{source.name}", _schedule(dumps.weekly_at, weekday=weekday), weekly),
            self._create_job(
                f"restore-test-{source.name}",
                _schedule(dumps.restore_test_at, day_of_month=str(test.day_of_month)),
                restore,
            ),
        ]

    def _create_secret(self, source: PostgresSource | MongodbSource) -> pulumi.Output[str]:
        made = core.Secret(
            f"{self._component_name}-secret-{source.name}",
            metadata=meta.ObjectMetaArgs(name=f"dump-{source.name}", namespace=self._namespace, labels=MANAGED_BY),
            type="Opaque",
            string_data=pulumi.Output.secret(source.texts),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return object_name(made)

    def _create_job(self, job: str, schedule: str, pod: dict[str, Any]) -> str:
        # As it stands: the type checker would compare it with every nested type of a pod, and run out of memory.
        spec: Any = cron_job_spec(
            schedule,
            pod,
            deadline_s=self._args.backups.dumps.time_limit_min * _MIN_S,
            history=self._args.kubernetes.jobs.history,
            labels=_LABELS,
        )
        batch.CronJob(
            f"{self._component_name}-{job}",
            metadata=meta.ObjectMetaArgs(name=job, namespace=self._namespace, labels=_LABELS),
            spec=spec,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._accounts),
        )
        return job


def _schedule(at: str, *, day_of_month: str = "*", weekday: str = "*") -> str:
    """Return a schedule of Kubernetes (UTC) at `HH:MM`."""
    hours, minutes = at.split(":")
    return f"{int(minutes)} {int(hours)} {day_of_month} * {weekday}"
