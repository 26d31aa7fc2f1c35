"""What is left of the stack beside AWS: in Atlas, in Kubernetes, and in what stand-ins keep."""

import json
from pathlib import Path
from typing import Any

from rehearsal.kubernetes_server import KubernetesServer
from rehearsal.rehearsing import Rehearsing

__all__ = ["kubernetes_inventory", "leftovers", "notes"]

_KINDS = (
    "/api/v1/namespaces",
    "/api/v1/persistentvolumeclaims",
    "/api/v1/secrets",
    "/api/v1/serviceaccounts",
    "/apis/apps/v1/deployments",
    "/apis/batch/v1/cronjobs",
    "/apis/monitoring.coreos.com/v1/podmonitors",
    "/apis/monitoring.coreos.com/v1/prometheusrules",
    "/apis/networking.k8s.io/v1/networkpolicies",
    "/apis/policy/v1/poddisruptionbudgets",
    "/apis/postgresql.cnpg.io/v1/clusters",
    "/apis/postgresql.cnpg.io/v1/poolers",
    "/apis/postgresql.cnpg.io/v1/scheduledbackups",
    "/apis/storage.k8s.io/v1/storageclasses",
)


def leftovers(rehearsing: Rehearsing) -> list[str]:
    """A line for each thing that is still there and was not before the stack."""
    there = kubernetes_inventory(rehearsing.world.kubernetes)
    found = [f"kubernetes {each}" for each in there if each not in rehearsing.kubernetes_before]
    found += [f"atlas project {name}" for name in _atlas_projects(rehearsing.world.folder)]
    kept = rehearsing.world.folder / "kept"
    # What lies beside the folders are notes of emulators, not things.
    for path in sorted(kept.glob("*/*.json")):
        content: Any = json.loads(path.read_text(encoding="utf-8"))
        found.append(f"kept by a stand-in: {path.parent.name} {content.get('id', path.stem)}")
    return found


def notes(folder: Path) -> list[str]:
    """What emulators noted that they could not do, for the report."""
    found: list[str] = []
    for path in sorted((folder / "kept").glob("*.json")):
        found += json.loads(path.read_text(encoding="utf-8")).get("not_verified", [])
    return found


def kubernetes_inventory(server: KubernetesServer) -> list[str]:
    """Kind, namespace and name of all objects of the kinds that the stack uses."""
    found = []
    for path in _KINDS:
        for item in server.get(path).get("items") or []:
            metadata = item["metadata"]
            where = "/".join(filter(None, (metadata.get("namespace"), metadata["name"])))
            found.append(f"{path.rpartition('/')[2]} {where}")
    return sorted(found)


def _atlas_projects(folder: Path) -> list[str]:
    """Names of the projects that the emulator knows."""
    state = folder / "atlas.json"
    if not state.exists():
        return []
    groups = json.loads(state.read_text(encoding="utf-8"))["groups"]
    return sorted(str(group["name"]) for group in groups.values())
