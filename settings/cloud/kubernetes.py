"""The settings of Kubernetes: where the time-series cluster and the jobs of backups run (spec 2.1, 3.2.2, 5.2.1).

Owns: the cluster of machines to use, images, sizes, names. Does not own: how many instances (`timescale.replicas`),
what PostgreSQL is told (`timescale`), when backups are made and how long they are kept (`backups.py`).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed
from settings.cloud.kubernetes_checks import administrator, host_names, image_major, postgres_image

__all__ = ["Image", "JobSettings", "KubernetesSettings", "PoolerSettings", "VolumeSettings"]

Label = Annotated[
    str,
    Allowed("small letters, digits and -, at most 63"),
    StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"),
]
Labels = Annotated[tuple[Label, ...], Allowed("a list of names of namespaces"), Field(strict=False)]
Image = Annotated[
    str,
    Allowed("an image with registry and tag, or digest"),
    StringConstraints(
        pattern=r"^[a-z0-9][a-z0-9._-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)+"
        r"(:[A-Za-z0-9_][A-Za-z0-9._-]{0,127}(@sha256:[0-9a-f]{64})?|@sha256:[0-9a-f]{64})$"
    ),
]
PostgresImage = Annotated[
    str,
    Allowed("an image with registry, and a tag that begins with PostgreSQL's major version"),
    BeforeValidator(postgres_image),
]
HostNames = Annotated[
    tuple[str, ...], Allowed("a list of full DNS names"), Field(strict=False), AfterValidator(host_names)
]
ProviderArn = Annotated[
    str,
    Allowed("the ARN of the cluster's OIDC provider in IAM"),
    StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:oidc-provider/[A-Za-z0-9./_-]+$"),
]
Administrator = Annotated[
    str,
    Allowed("small letters, digits and _, at most 63; no name of PostgreSQL's or the operator's own"),
    BeforeValidator(administrator),
]


class VolumeSettings(Model):
    """The volumes of each instance: encrypted EBS volumes of type gp3, kept when their claim goes."""

    storage_class: Label = Field(default="fashion-wallet-timeseries", description="Name of the class that is made.")
    storage_gib: int = Field(default=100, ge=1, le=16_384, description="Of each instance, for data. It only grows.")
    wal_storage_gib: int = Field(
        default=20, ge=4, le=16_384, description="Of each instance, for WAL: full, it stops writes and not the server."
    )
    iops: int = Field(default=3_000, ge=3_000, le=16_000, description="Of each volume; 3000 is in gp3's price.")
    throughput_mib_per_s: int = Field(
        default=125, ge=125, le=1_000, description="Of each volume; 125 is in gp3's price."
    )


class PoolerSettings(Model):
    """PgBouncer in front of the primary."""

    image: Image = Field(default="ghcr.io/cloudnative-pg/pgbouncer:1.25.1", description="Of version 1.21 or newer.")
    instances: int = Field(default=2, ge=2, le=10, description="Pods; one less may be away at a time.")
    cpu_millicores: int = Field(default=500, ge=100, le=16_000, description="Of each pod, asked for and granted.")
    memory_mib: int = Field(default=256, ge=64, le=65_536, description="Of each pod, asked for and granted.")


class JobSettings(Model):
    """The jobs of logical dumps and of their restore tests: images, and what each may use."""

    postgres_image: PostgresImage = Field(
        default="ghcr.io/cloudnative-pg/postgresql:17.5",
        description="Has pg_dump and a server for the relational dump's test; its major is that of the database.",
    )
    mongodb_image: Image = Field(
        default="docker.io/library/mongo:8.0",
        description="Has mongodump, mongorestore and a mongod for the test.",
    )
    transfer_image: Image = Field(
        default="public.ecr.aws/aws-cli/aws-cli:2.27.0", description="Has the command aws, which moves dumps to S3."
    )
    scratch_gib: int = Field(
        default=100, ge=1, le=16_384, description="Encrypted disk of a job: a compressed dump, and a restored database."
    )
    cpu_millicores: int = Field(default=1_000, ge=100, le=16_000, description="Of a job, asked for and granted.")
    memory_mib: int = Field(default=2_048, ge=256, le=65_536, description="Of a job, asked for and granted.")
    history: int = Field(default=3, ge=1, le=100, description="Finished jobs that are kept, of each outcome.")


class KubernetesSettings(Model):
    """An existing Kubernetes cluster on EKS, with CloudNativePG's operator and its Barman Cloud plugin in it."""

    context: Annotated[str, StringConstraints(min_length=1, max_length=253)] = Field(
        description="Context of the kubeconfig that names the cluster: never whichever happens to be the current one."
    )
    namespace: Label = Field(default="fashion-wallet", description="Namespace of everything the layer makes.")
    operator_namespace: Label = Field(default="cnpg-system", description="Where CloudNativePG's operator runs.")
    monitoring_namespace: Label = Field(default="monitoring", description="Where Prometheus runs.")
    client_namespaces: Labels = Field(
        default=(), description="Namespaces whose pods may connect to the pooler and to the servers."
    )
    oidc_provider_arn: ProviderArn = Field(
        description="IAM's OIDC provider of the cluster: by it service accounts become roles, and no key is kept."
    )
    image: PostgresImage = Field(
        description="Image of the instances: PostgreSQL with TimescaleDB and pgaudit, fit for CloudNativePG."
    )
    administrator: Administrator = Field(
        default="fashion_wallet_admin",
        description="Role that owns the database and makes roles; no superuser, and it logs in by certificate.",
    )
    host_names: HostNames = Field(
        default=(),
        description="DNS names by which clients reach the primary, beside the load balancer's own: they are in the "
        "server's certificate.",
    )
    cpu_millicores: int = Field(
        default=2_000, ge=250, le=128_000, description="Of each instance, asked for and granted."
    )
    memory_mib: int = Field(default=8_192, ge=512, le=1_048_576, description="Of each instance, asked for and granted.")
    volumes: VolumeSettings = Field(default_factory=VolumeSettings, description="Disks of the instances.")
    pooler: PoolerSettings = Field(default_factory=PoolerSettings, description="PgBouncer.")
    jobs: JobSettings = Field(default_factory=JobSettings, description="Logical dumps and restore tests.")
    stop_timeout_s: int = Field(
        default=180, ge=30, le=3_600, description="Longest wait for an instance to stop in order before it is killed."
    )
    ready_timeout_s: int = Field(
        default=900, ge=60, le=7_200, description="Longest wait of an update for the cluster to be healthy."
    )

    @property
    def major(self) -> int:
        """PostgreSQL's major version of the instances."""
        return image_major(self.image)

    @property
    def oidc_issuer(self) -> str:
        """The issuer without its scheme, as IAM's conditions name it."""
        return self.oidc_provider_arn.partition(":oidc-provider/")[2]
