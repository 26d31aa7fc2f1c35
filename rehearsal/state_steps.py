"""Steps about a stack that is up: what is in it, what others change, what settings may change and what not."""

from collections.abc import Mapping
from typing import Any

from rehearsal import drift as drifting
from rehearsal.database_checks import check_mongodb, check_postgres, check_timescale
from rehearsal.engine import Outcome
from rehearsal.rehearsing import Found, Rehearsing

__all__ = ["change_setting", "drift", "look_inside", "refuse_replacement"]

_GUARD = "dataguard-forbid-data-loss"
_FORBIDDEN: Mapping[tuple[str, ...], Any] = {
    ("cloud", "rds", "masterUsername"): "somebody_else",
    ("mongodb", "database"): "fashion-wallet-other",
}
"""Settings that would replace the relational database, and all collections."""
_AT_STAKE = ("postgres-primary", "designs")


def look_inside(rehearsing: Rehearsing) -> Found:
    """Use the databases as services do."""
    outputs, ca_file = rehearsing.engine.outputs(), rehearsing.world.servers.certificates.ca_file
    lines = [*check_postgres(outputs), *check_timescale(outputs), *check_mongodb(outputs, ca_file)]
    return Found(lines=tuple(lines))


def drift(rehearsing: Rehearsing) -> Found:
    """Change things behind the engine's back, find that, and mend it."""
    made = drifting.make(rehearsing, rehearsing.engine.outputs())
    seen = rehearsing.engine.run("preview", "--refresh")
    _expect_only(seen.succeeded(), {each.type for each in made})
    mending = rehearsing.engine.run("up", "--refresh").succeeded()
    if broken := [each.done for each in made if not each.mended()]:
        raise mending.error(f"not mended: {'; '.join(broken)}")
    return Found(lines=tuple(f"found and mended: {each.done}" for each in made), resources=mending.resources)


def _expect_only(outcome: Outcome, types: set[str]) -> None:
    found = {change.type for change in outcome.changed}
    if missed := types - found:
        raise outcome.error(f"it misses changes of {', '.join(sorted(missed))}; it sees {', '.join(sorted(found))}")
    if more := [f"{change.type} {change.name}" for change in outcome.changed if change.type not in types]:
        raise outcome.error(f"it sees changes that nobody made: {', '.join(more[:8])}")


def change_setting(rehearsing: Rehearsing) -> Found:
    """Change a threshold and the largest storage; the update that lifts the protection changes them back."""
    changes = _changed_settings(rehearsing)
    settings = rehearsing.settings.variant("changed", changes)
    outcome = rehearsing.engine.run("up", settings=settings).succeeded()
    if wrong := [change for change in outcome.changed if change.operation != "update"]:
        named = ", ".join(f"{change.operation} {change.type} {change.name}" for change in wrong[:8])
        raise outcome.error(f"it must change resources in place only: {named}")
    if not outcome.changed:
        raise outcome.error(f"{_shown(changes)} changed nothing")
    named = ", ".join(sorted({change.name for change in outcome.changed})[:6])
    lines = (f"{_shown(changes)}: {len(outcome.changed)} changed in place ({named})",)
    return Found(lines=lines, resources=outcome.resources)


def refuse_replacement(rehearsing: Rehearsing) -> Found:
    """Preview changes that would cost data."""
    outcome = rehearsing.engine.run("preview", settings=rehearsing.settings.variant("forbidden", _FORBIDDEN))
    if not outcome.code:
        raise outcome.error(f"{_shown(_FORBIDDEN)} passes, although it would replace or delete what holds data")
    said = "\n".join([*outcome.errors, *(outcome.policies[name] for name in outcome.policies if name == _GUARD)])
    if missed := [name for name in _AT_STAKE if name not in said]:
        raise outcome.error(f"{_shown(_FORBIDDEN)} is refused, and nothing is said about {', '.join(missed)}")
    guards = [name for name in sorted(outcome.policies) if name == _GUARD]
    guards += ["protection"] if "marked for protection" in said else []
    lines = (f"{_shown(_FORBIDDEN)}: refused by {' and '.join(guards)}, which names {', '.join(_AT_STAKE)}",)
    return Found(lines=lines)


def _changed_settings(rehearsing: Rehearsing) -> Mapping[tuple[str, ...], Any]:
    largest = rehearsing.settings.get("cloud", "rds", "maxAllocatedStorageGib", default=1_000)
    processor = rehearsing.settings.get("cloud", "monitoring", "postgresql", "cpuPercent", default=80)
    return {
        ("cloud", "rds", "maxAllocatedStorageGib"): int(largest) + 500,
        ("cloud", "monitoring", "postgresql", "cpuPercent"): int(processor) - 5,
    }


def _shown(changes: Mapping[tuple[str, ...], Any]) -> str:
    return ", ".join(f"{'.'.join(path)} = {value}" for path, value in changes.items())
