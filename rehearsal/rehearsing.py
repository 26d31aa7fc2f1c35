"""What every step works on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rehearsal.aws_account import AwsAccount
from rehearsal.engine import Engine
from rehearsal.prod_settings import ProdSettings
from rehearsal.world import World

__all__ = ["Found", "Rehearsing", "by_type", "types_of"]


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a step saw: how many resources the engine dealt with, and a line for each thing."""

    lines: tuple[str, ...]
    resources: int = 0


@dataclass
class Rehearsing:
    """The world, the engine, and what earlier steps leave for later ones."""

    project: Path
    world: World
    engine: Engine
    settings: ProdSettings
    account: AwsAccount
    inventory_before: frozenset[tuple[str, str]] = frozenset()
    """What the account had before the stack: default networks and the key of its secrets."""
    kubernetes_before: frozenset[str] = frozenset()
    """What Kubernetes had before the stack."""
    planned: int = 0
    """How many resources the first preview foresaw."""
    types: Mapping[str, int] = field(default_factory=dict)
    """Resource type → how many of it the whole stack has."""


def types_of(deployment: Mapping[str, Any]) -> dict[str, int]:
    """Resource type → how many of it a recorded deployment has, components left out."""
    resources = deployment.get("resources") or []
    return dict(Counter(each["type"] for each in resources if each.get("custom") and not _is_provider(each["type"])))


def by_type(types: Mapping[str, int], most: int = 6) -> str:
    """How many of which package, for people: `aws 120, kubernetes 30`."""
    packages: Counter[str] = Counter()
    for name, count in types.items():
        packages[name.partition(":")[0]] += count
    return ", ".join(f"{package} {count}" for package, count in packages.most_common(most))


def _is_provider(name: str) -> bool:
    return name.startswith("pulumi:providers:")
