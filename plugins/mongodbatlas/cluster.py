"""The cluster: what is asked for, waited for, and found."""

from typing import Any, ClassVar, Final

from plugins.base import Context, PartialFailure, Props, ProviderError
from plugins.base.fields import Field, Fields, equal
from plugins.mongodbatlas.api import Api, segment
from plugins.mongodbatlas.cluster_wire import (
    REPLICATION_SPEC,
    cluster_body,
    cluster_props,
    configuration_fields,
    process_body,
)
from plugins.mongodbatlas.entity import Entity
from plugins.mongodbatlas.ids import split_import

__all__ = ["AdvancedCluster"]

_WRITE: Final = "2024-10-23"
_READ: Final = "2024-08-05"
_DELETE: Final = "2023-02-01"
_TIMES: Final[Fields] = {name: Field(kind="text") for name in ("create", "update", "delete")}
_FLAGS: Final = (
    "backupEnabled",
    "paused",
    "pitEnabled",
    "redactClientLogData",
    "terminationProtectionEnabled",
    "useAwsTimeBasedSnapshotCopyForFastInitialSync",
)
_ONCE: Final = frozenset({"projectId", "name", "deleteOnCreateTimeout", "timeouts", "retainBackupsEnabled"})
"""What no PATCH is for."""


class AdvancedCluster(Entity):
    """`mongodbatlas:index/advancedCluster:AdvancedCluster`: a replica set."""

    token = "mongodbatlas:index/advancedCluster:AdvancedCluster"
    noun = "cluster"
    timeout_s: ClassVar[float] = 3600.0
    autonamed = "name"
    kept = ("deleteOnCreateTimeout", "retainBackupsEnabled", "timeouts")
    fields: ClassVar[Fields] = {
        "projectId": Field(kind="text", required=True, replaces=True),
        "name": Field(kind="text", replaces=True),
        "clusterType": Field(kind="text", required=True, allowed=("REPLICASET",)),
        "replicationSpecs": Field(kind="objects", required=True, fields=REPLICATION_SPEC, ordered=True),
        "advancedConfiguration": Field(kind="object", fields=configuration_fields()),
        "deleteOnCreateTimeout": Field(kind="flag", local=True),
        "encryptionAtRestProvider": Field(kind="text", allowed=("NONE", "AWS")),
        "labels": Field(kind="map", unset={}),
        "mongoDbMajorVersion": Field(kind="text"),
        "replicaSetScalingStrategy": Field(kind="text"),
        "retainBackupsEnabled": Field(kind="flag", local=True),
        "rootCertType": Field(kind="text"),
        "tags": Field(kind="map", unset={}),
        "timeouts": Field(kind="object", fields=_TIMES, local=True),
        "versionReleaseSystem": Field(kind="text", allowed=("LTS", "CONTINUOUS")),
        **{name: Field(kind="flag") for name in _FLAGS},
    }

    def make(self, api: Api, inputs: Props, ctx: Context) -> str:
        """Ask for the cluster and wait until it is idle; one that was made and is not idle is not lost."""
        made = api.post(f"/groups/{inputs['projectId']}/clusters", cluster_body(inputs), _WRITE)
        id_ = str(made["id"])
        try:
            self._wait(api, inputs, ctx)
            self._configure(api, inputs, ctx)
        except ProviderError as error:
            # What the second request says may not have arrived: left out, the next update sends it.
            applied = {name: value for name, value in inputs.items() if name != "advancedConfiguration"}
            raise PartialFailure(id_, applied, applied, [f"made cluster {inputs['name']}, then: {error}"]) from None
        return id_

    def find(self, api: Api, id_: str, known: Props) -> Props | None:  # noqa: ARG002
        """Read the cluster, its process arguments, and the networks that Atlas made for it."""
        path = _path(known)
        found = api.find(path, _READ)
        if found is None or found["stateName"] == "DELETING":
            return None
        process = api.get(f"{path}/processArgs", _READ)
        listed = api.get(f"/groups/{known['projectId']}/containers?providerName=AWS")["results"]
        containers = {f"{one['providerName']}:{one['regionName']}": one["id"] for one in listed}
        return cluster_props(found, process, containers)

    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Send what differs, and only that: what Atlas has scaled meanwhile must not be set back beside it."""
        changed = {
            name: value for name, value in news.items() if name not in _ONCE and self._differs(name, state, news)
        }
        changed |= {name: {} for name in ("tags", "labels") if name not in news and state.get(name)}
        body = cluster_body(changed)
        if body:
            api.patch(_path(news), body, _WRITE)
            self._wait(api, news, ctx)
        if "advancedConfiguration" in changed:
            self._configure(api, news, ctx)

    def _differs(self, name: str, state: Props, news: Props) -> bool:
        return not equal(self.fields[name], state.get(name), news[name])

    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Delete the cluster and wait until it is gone."""
        path = _path(state)
        query = {"retainBackups": "true"} if state.get("retainBackupsEnabled") else {}
        api.delete(path, _DELETE, **query)
        api.wait(f"the end of cluster {state['name']}", ctx, lambda: api.find(path, _READ) is None or None)

    def parse(self, id_: str) -> tuple[str, Props]:
        """Take the official plugin's form; the id itself is read then."""
        parts = split_import(id_, ["project_id", "name"])
        return id_, {"projectId": parts["project_id"], "name": parts["name"]}

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Read it; after an import the id is the cluster's own."""
        found = super().read(id_, inputs, state, ctx)
        return None if found is None else (str(found[2]["clusterId"]), found[1], found[2])

    def _configure(self, api: Api, inputs: Props, ctx: Context) -> None:
        body = process_body(inputs)
        if body:
            api.patch(f"{_path(inputs)}/processArgs", body, _READ)
            self._wait(api, inputs, ctx)

    def _wait(self, api: Api, inputs: Props, ctx: Context) -> None:
        def idle() -> Any | None:
            found = api.get(_path(inputs), _READ)
            return found if found["stateName"] == "IDLE" else None

        api.wait(f"cluster {inputs['name']}", ctx, idle)


def _path(props: Props) -> str:
    return f"/groups/{props['projectId']}/clusters/{segment(props['name'])}"
