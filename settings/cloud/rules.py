"""All rules of a stack in the cloud: which section is judged by which table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from settings.cloud.atlas_rules import ATLAS_MONGODB_RULES, ATLAS_RULES, AtlasInUse
from settings.cloud.backups_rules import BACKUP_PLACE_RULES, BACKUP_RULES, BackupPlace
from settings.cloud.kubernetes_rules import KUBERNETES_PLACE_RULES, KubernetesPlace
from settings.cloud.monitoring_rules import MONITORED_CLUSTER_RULES, MONITORING_RULES
from settings.cloud.network_rules import NETWORK_RULES
from settings.cloud.rds_rules import RDS_PLACE_RULES, RDS_RULES, RdsPlace
from settings.model import Settings
from settings.problems import Problem
from settings.rules import Rule, broken_rules

__all__ = ["CLOUD_TABLES", "SUBSTRATE_RULES", "broken_cloud_rules"]

CLOUD_TABLES: tuple[tuple[str, tuple[Rule[Any], ...]], ...] = (
    ("`cloud.network`", NETWORK_RULES),
    ("`cloud.rds`", RDS_RULES),
    ("`cloud.backups`", BACKUP_RULES),
    ("`cloud.monitoring`", MONITORING_RULES),
    ("`cloud.atlas`", ATLAS_RULES),
    ("`mongodb` in the cloud", ATLAS_MONGODB_RULES),
    ("`postgres`, `timescale` in the cloud", MONITORED_CLUSTER_RULES),
    ("a stack in the cloud", (*RDS_PLACE_RULES, *BACKUP_PLACE_RULES, *KUBERNETES_PLACE_RULES)),
)
"""For the reference page: what a table is about, and its rules."""

_LOCAL_ONLY = {
    "local": ("port_base", "listen_address", "service_user"),
    "postgres": (
        "major",
        "patroni",
        "shared_buffers_mib",
        "synchronous_standbys",
        "load_balancing",
        "reader_max_lag_mib",
    ),
    "timescale": ("major", "patroni", "load_balancing", "reader_max_lag_mib"),
    "mongodb": ("priorities", "election_timeout_ms", "cache_mib"),
}
"""What a service of the cloud decides by itself, or another setting says there."""


def _unread(settings: Settings) -> list[str]:
    """Return the keys that are set although only a stack on one machine reads them."""
    found = []
    for section, names in _LOCAL_ONLY.items():
        model = getattr(settings, section)
        found += [
            f"{section}.{type(model).model_fields[name].alias}" for name in names if name in model.model_fields_set
        ]
    return found


SUBSTRATE_RULES: tuple[Rule[Settings], ...] = (
    Rule(
        key="cloud",
        holds="there exactly where `substrate` is `cloud`",
        broken=lambda s: (s.substrate == "cloud") != (s.cloud is not None),
        cause=lambda s: (
            "is missing, so nobody knows region, zones and accounts"
            if s.cloud is None
            else "would be read by nobody: the substrate is local"
        ),
        got=lambda s: None if s.cloud is None else "a section",
        allowed=lambda _: "a section with substrate cloud, and none with substrate local",
        fix=lambda s: (
            "write the section (Pulumi.prod.yaml shows one), or set substrate to local"
            if s.cloud is None
            else "remove it, or set substrate to cloud"
        ),
    ),
    Rule(
        key="substrate",
        holds="`local` where a setting is there that only one machine has",
        broken=lambda s: s.substrate == "cloud" and bool(_unread(s)),
        cause=lambda s: f"is cloud, where nobody reads {', '.join(_unread(s))}",
        got=lambda s: s.substrate,
        allowed=lambda _: "cloud without those settings",
        fix=lambda s: f"remove {', '.join(_unread(s))}: the services of the cloud decide it by settings under cloud",
    ),
)


def broken_cloud_rules(settings: Settings, invalid: frozenset[str], prefix: str) -> Iterator[Problem]:
    """Yield a problem for each rule that a stack breaks; a section of `invalid` is not judged, nor what needs it."""
    if invalid & {"substrate", "cloud"}:
        return
    yield from broken_rules(settings, SUBSTRATE_RULES, prefix)
    cloud = settings.cloud
    if cloud is None:
        return
    for name, rules in (("network", NETWORK_RULES), ("rds", RDS_RULES), ("backups", BACKUP_RULES)):
        yield from broken_rules(getattr(cloud, name), rules, f"{prefix}cloud.{name}.")
    yield from broken_rules(cloud.monitoring, MONITORING_RULES, f"{prefix}cloud.monitoring.")
    yield from broken_rules(BackupPlace(backups=cloud.backups, rds=cloud.rds), BACKUP_PLACE_RULES, prefix)
    if "postgres" not in invalid and "tls" not in invalid:
        place = RdsPlace(rds=cloud.rds, network=cloud.network, postgres=settings.postgres, tls=settings.tls)
        yield from broken_rules(place, RDS_PLACE_RULES, prefix)
    if "postgres" not in invalid:
        yield from broken_rules(settings.postgres, MONITORED_CLUSTER_RULES, f"{prefix}postgres.")
    if "timescale" not in invalid:
        yield from broken_rules(settings.timescale, MONITORED_CLUSTER_RULES, f"{prefix}timescale.")
        yield from broken_rules(
            KubernetesPlace(
                kubernetes=cloud.kubernetes, network=cloud.network, timescale=settings.timescale, rds=cloud.rds
            ),
            KUBERNETES_PLACE_RULES,
            prefix,
        )
    if "mongodb" not in invalid:
        use = AtlasInUse(atlas=cloud.atlas, mongodb=settings.mongodb)
        yield from broken_rules(use, ATLAS_RULES, f"{prefix}cloud.atlas.")
        yield from broken_rules(use, ATLAS_MONGODB_RULES, f"{prefix}mongodb.")
