"""Who checks what a rehearsal does, and who does not: what a green run does not say."""

from collections.abc import Iterable

from plugins.aws.provider import entities
from rehearsal.prod_settings import ProdSettings
from rehearsal.servers import Servers

__all__ = ["NOBODY", "lax", "verifiers"]

NOBODY = "stand-in"
_PACKAGES = {
    "kubernetes": "kube-apiserver",
    "postgresql": "PostgreSQL",
    "walletdb": "the real servers",
    # The emulator of Atlas is this project's own.
    "mongodbatlas": NOBODY,
}
_LAX = (
    "AWS: moto takes any instance class, engine version and source of a replica; the settings check the first two",
    "AWS: policies of IAM, KMS, S3 and endpoints are kept and compared, and nobody enforces them",
    "AWS: no packet passes a VPC: security groups, endpoints and routes are made and compared, and filter nothing",
    "RDS Proxy: it is made and compared; the pool's URL leads to the primary itself",
    "RDS: parameter groups are made and compared; the local servers do not run with them",
    "Atlas: the API is emulated by this project after its published description; the databases behind it are real",
    "Kubernetes: the API server checks every object; no pod runs, and rehearsal.operator plays the operator",
    "backups: plans, vaults and schedules are made and compared; no backup is taken and none restored",
)


def verifiers(types: Iterable[str]) -> dict[str, str]:
    """Resource type → who beside its stand-in takes it: an emulator, a real server, or nobody."""
    aws = {entity.token: entity.verified_by for entity in entities()}
    return {name: aws.get(name) or _PACKAGES.get(name.partition(":")[0], NOBODY) for name in types}


def lax(servers: Servers, settings: ProdSettings) -> list[str]:
    """What is checked less here than in production, a line each."""
    wanted = str(settings.get("cloud", "rds", "engineVersion", default="17"))
    lines = [*_LAX]
    if servers.postgres_version.partition(".")[0] != wanted.partition(".")[0]:
        lines.append(f"PostgreSQL: this machine has {servers.postgres_version}, production is to have {wanted}")
    if not servers.timescaledb:
        lines.append("TimescaleDB: this machine's PostgreSQL does not have it; the database is made without it")
    return lines
