"""Which changes make the official plugin replace an object instead of changing it.

Everything else that the server refuses to change is an error, there as here.
Source: forceNewProperties of pulumi-kubernetes.
"""

from collections.abc import Mapping
from typing import Any, Final

from plugins.base import Props, contains_unknown

__all__ = ["replacing"]

_IDENTITY: Final = ("metadata.name", "metadata.namespace")
_WORKLOAD: Final = ("spec.selector",)
_PATHS: Final[Mapping[tuple[str, str], tuple[str, ...]]] = {
    ("apps/v1", "DaemonSet"): _WORKLOAD,
    ("apps/v1", "Deployment"): _WORKLOAD,
    ("apps/v1", "StatefulSet"): (
        *_WORKLOAD,
        "spec.podManagementPolicy",
        "spec.revisionHistoryLimit",
        "spec.serviceName",
        "spec.volumeClaimTemplates",
    ),
    ("batch/v1", "Job"): (*_WORKLOAD, "spec.completions", "spec.parallelism", "spec.template"),
    ("rbac.authorization.k8s.io/v1", "ClusterRoleBinding"): ("roleRef",),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"): ("roleRef",),
    ("storage.k8s.io/v1", "StorageClass"): ("parameters", "provisioner"),
    ("v1", "ConfigMap"): ("binaryData", "data"),
    ("v1", "PersistentVolumeClaim"): ("spec",),
    ("v1", "ResourceQuota"): ("spec.scopes",),
    ("v1", "Secret"): ("type", "stringData", "data"),
    ("v1", "Service"): ("spec.clusterIP",),
}
# Settings of the provider by which the contents of these are changed in place.
_MUTABLE: Final = {"ConfigMap": "enableConfigMapMutable", "Secret": "enableSecretMutable"}


def replacing(api_version: str, kind: str, old: Props, new: Props, config: Props) -> tuple[str, ...]:
    """Return the top-level properties whose change replaces the object."""
    paths = _PATHS.get((api_version, kind), ())
    if config.get(_MUTABLE.get(kind, "")) is True:
        paths = tuple(path for path in paths if path == "type")
    changed = [path for path in (*_IDENTITY, *paths) if _differs(_at(old, path), _at(new, path))]
    return tuple(dict.fromkeys(path.partition(".")[0] for path in changed))


def _differs(old: Any, new: Any) -> bool:
    return contains_unknown(new) or bool(old != new)


def _at(document: Any, path: str) -> Any:
    for key in path.split("."):
        if not isinstance(document, Mapping):
            return document if contains_unknown(document) else None
        document = document.get(key)
    return document
