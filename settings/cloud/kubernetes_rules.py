"""Rules between the settings of Kubernetes and the rest of the stack's.

Rules are about `KubernetesPlace`: a section of the cloud cannot see the rest of a stack's settings by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from settings.cloud.kubernetes import KubernetesSettings
from settings.cloud.kubernetes_checks import image_major
from settings.cloud.network import NetworkSettings
from settings.cloud.rds import RdsSettings
from settings.cloud.rds_checks import Version
from settings.model import TimescaleSettings
from settings.rules import Rule

__all__ = ["KUBERNETES_PLACE_RULES", "KubernetesPlace"]

_EKS_ISSUER = re.compile(r"oidc\.eks\.([a-z0-9-]+)\.amazonaws\.com")
_CACHE_SHARE = 2
"""One in so many MiB of an instance may be PostgreSQL's own cache: sessions and the system's cache need the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KubernetesPlace:
    """What the rules are about."""

    kubernetes: KubernetesSettings
    network: NetworkSettings
    timescale: TimescaleSettings
    rds: RdsSettings

    @property
    def relational_major(self) -> int:
        """Major version of the relational database."""
        return Version.of(self.rds.engine_version).major

    @property
    def instances(self) -> int:
        """Instances of the time-series cluster."""
        return self.timescale.replicas + 1

    @property
    def issuer_region(self) -> str:
        """The region of the cluster as its OIDC issuer names it; empty where that is not one of EKS."""
        found = _EKS_ISSUER.match(self.kubernetes.oidc_issuer)
        return found[1] if found else ""


def _largest_cache(place: KubernetesPlace) -> int:
    return place.kubernetes.memory_mib // _CACHE_SHARE


KUBERNETES_PLACE_RULES: tuple[Rule[KubernetesPlace], ...] = (
    Rule(
        key="timescale.replicas",
        holds="one instance a zone: less than the zones of `cloud.network.subnets`",
        broken=lambda p: p.instances > len(p.network.subnets),
        cause=lambda p: (
            f"makes {p.instances} instances, which must each be in a zone of its own, and there are "
            f"{len(p.network.subnets)} zones"
        ),
        got=lambda p: p.timescale.replicas,
        allowed=lambda p: f"0 to {len(p.network.subnets) - 1}",
        fix=lambda p: f"lower it to {len(p.network.subnets) - 1} or less, or add a zone to cloud.network.subnets",
    ),
    Rule(
        key="timescale.timescaledb",
        holds="`required` in the cloud (ruling on spec 3.2.2)",
        broken=lambda p: p.timescale.timescaledb != "required",
        cause=lambda _: "would let the time series do without TimescaleDB, which the cloud's image has",
        got=lambda p: p.timescale.timescaledb,
        allowed=lambda _: "required",
        fix=lambda _: "set it to required",
    ),
    Rule(
        key="timescale.major",
        holds="that of `cloud.kubernetes.image`, or omitted",
        broken=lambda p: p.timescale.major is not None and p.timescale.major != p.kubernetes.major,
        cause=lambda p: f"is not that of cloud.kubernetes.image, {p.kubernetes.major}",
        got=lambda p: p.timescale.major,
        allowed=lambda p: f"{p.kubernetes.major}, or nothing",
        fix=lambda _: "leave it out, or choose an image of that version",
    ),
    Rule(
        key="timescale.sharedBuffersMib",
        holds=f"at most one in {_CACHE_SHARE} of `cloud.kubernetes.memoryMib`",
        broken=lambda p: p.timescale.shared_buffers_mib > _largest_cache(p),
        cause=lambda p: f"is more than half of an instance's memory, {p.kubernetes.memory_mib} MiB",
        got=lambda p: p.timescale.shared_buffers_mib,
        allowed=lambda p: f"16 to {_largest_cache(p)}",
        fix=lambda p: f"lower it to {_largest_cache(p)} or less, or raise cloud.kubernetes.memoryMib",
    ),
    Rule(
        key="cloud.kubernetes.oidcProviderArn",
        holds="in `cloud.network.region`, where buckets, keys and volumes are",
        broken=lambda p: p.issuer_region not in ("", p.network.region),
        cause=lambda p: f"is of a cluster in another region than cloud.network.region, {p.network.region}",
        got=lambda p: p.kubernetes.oidc_provider_arn,
        allowed=lambda p: f"a provider of a cluster in {p.network.region}",
        fix=lambda _: "name the provider of the cluster that the context is about",
    ),
    Rule(
        key="cloud.kubernetes.jobs.postgresImage",
        holds="of the major version of `cloud.rds.engineVersion`",
        broken=lambda p: image_major(p.kubernetes.jobs.postgres_image) != p.relational_major,
        cause=lambda p: f"has another major version than the relational database, {p.relational_major}",
        got=lambda p: p.kubernetes.jobs.postgres_image,
        allowed=lambda p: f"an image whose tag begins with {p.relational_major}",
        fix=lambda p: f"choose an image of PostgreSQL {p.relational_major}: an older pg_dump refuses the server",
    ),
)
