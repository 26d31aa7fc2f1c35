"""One turn after the other: what each kind of object needs that nobody else does here."""

import base64
import contextlib
import datetime as dt
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import requests

from rehearsal.operator.api import Api, Document
from rehearsal.operator.database_server import DatabaseServer
from rehearsal.operator.notes import Notes

__all__ = ["Controllers"]

_GROUP = "/apis/postgresql.cnpg.io/v1"
_HEALTHY = "Cluster in healthy state"  # the operator's own words
_NOT_DONE = (
    "timescale: CloudNativePG's operator is played by rehearsal.operator: no pod runs, nothing fails over, nothing is "
    "archived to S3, no backup is taken and no connection is pooled"
)


@dataclass
class Controllers:
    """What has been seen, so that each state of an object is worked on once."""

    api: Api
    server: DatabaseServer
    notes: Notes
    _seen: dict[str, str] = field(default_factory=dict)
    _clusters: dict[str, Document] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> "Controllers":
        """Read where everything is."""
        servers = json.loads((folder / "servers.json").read_text(encoding="utf-8"))
        own, notes = servers["timescale"], Notes(folder)
        notes.add(_NOT_DONE)
        server = DatabaseServer(
            address=own["primary"],
            user=own["superuser"]["user"],
            password=own["superuser"]["password"],
            trusted=Path(servers["ca_file"]),
            notes=notes,
        )
        return cls(Api.of(folder / "kubeconfig"), server, notes)

    def turn(self) -> None:
        """Look at everything once. What fails is tried again in the next turn; the log says why."""
        for work in (
            self._balancers,
            self._run_clusters,
            self._databases,
            self._others,
            self._deployments,
            self._namespaces,
        ):
            try:
                work()
            except (requests.RequestException, psycopg.Error, OSError, KeyError) as error:
                self._say(f"{work.__name__.strip('_')}: {type(error).__name__}: {' '.join(str(error).split())}")

    def _say(self, line: str) -> None:
        if self._seen.get("said") != line:
            self._seen["said"] = line
            sys.stderr.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {line}\n")

    def _balancers(self) -> None:
        """Give load balancers the address of the real server."""
        for service in self.api.items("/api/v1/services"):
            wants = service["spec"].get("type") == "LoadBalancer"
            if wants and not service.get("status", {}).get("loadBalancer", {}).get("ingress"):
                self.api.report(_path("/api/v1", "services", service), _ingress(self.server.address))

    def _run_clusters(self) -> None:
        """Set the real server up as each Cluster says, and report it as healthy."""
        clusters = {_key(cluster): cluster for cluster in self.api.items(f"{_GROUP}/clusters")}
        for key in [key for key in self._clusters if key not in clusters]:
            self.server.clear(self._clusters.pop(key)["spec"]["bootstrap"]["initdb"]["database"])
            self._seen = {name: state for name, state in self._seen.items() if not name.startswith("databases")}
        for key, cluster in clusters.items():
            secrets = self._secrets(cluster)
            if secrets is None:
                continue  # the operator waits for them as well
            versions = [secret["metadata"]["resourceVersion"] for secret in secrets.values()]
            state = json.dumps([cluster["metadata"]["uid"], cluster["spec"], versions], sort_keys=True)
            if self._seen.get(f"clusters {key}") == state and cluster.get("status", {}).get("phase") == _HEALTHY:
                continue
            self._set_up(cluster, secrets)
            self.api.report(_path(_GROUP, "clusters", cluster), _cluster_status(cluster))
            self._clusters[key] = cluster
            self._seen[f"clusters {key}"] = state

    def _secrets(self, cluster: Document) -> dict[str, Document] | None:
        """Return the secrets that a Cluster names, by field; None while one is missing."""
        namespace = cluster["metadata"]["namespace"]
        found = {}
        for name, secret in cluster["spec"]["certificates"].items():
            document = self.api.get(f"/api/v1/namespaces/{namespace}/secrets/{secret}")
            if document is None:
                self._say(f"cluster {_key(cluster)} waits for the secret {secret}")
                return None
            found[name] = document
        return found

    def _set_up(self, cluster: Document, secrets: Mapping[str, Document]) -> None:
        spec = cluster["spec"]
        postgresql, initdb = spec["postgresql"], spec["bootstrap"]["initdb"]
        self.server.initialise(initdb)
        self.server.manage_roles(spec.get("managed", {}).get("roles", []))
        self.server.manage_extensions(initdb["database"], postgresql["parameters"])
        self.server.set_parameters(postgresql["parameters"])
        self.server.allow(postgresql["pg_hba"])
        self.server.serve_certificates(
            {
                "server_ca": _text(secrets["serverCASecret"], "ca.crt"),
                "ssl_cert_file": _text(secrets["serverTLSSecret"], "tls.crt"),
                "ssl_key_file": _text(secrets["serverTLSSecret"], "tls.key"),
                "ssl_ca_file": _text(secrets["clientCASecret"], "ca.crt"),
            }
        )

    def _databases(self) -> None:
        """Make what each Database asks for, once its Cluster is there."""
        for database in self.api.items(f"{_GROUP}/databases"):
            spec, metadata = database["spec"], database["metadata"]
            cluster = f"{metadata['namespace']}/{spec['cluster']['name']}"
            state = f"{metadata['uid']} {metadata['generation']}"
            if cluster not in self._clusters or self._seen.get(f"databases {_key(database)}") == state:
                continue
            self.server.own(spec["name"], spec["owner"])
            extensions = self.server.make_extensions(spec["name"], spec.get("extensions", []))
            status = {"applied": True, "observedGeneration": metadata["generation"], "extensions": extensions}
            self.api.report(_path(_GROUP, "databases", database), status)
            self._seen[f"databases {_key(database)}"] = state

    def _others(self) -> None:
        """Report what the operator would about poolers and schedules."""
        for pooler in self.api.items(f"{_GROUP}/poolers"):
            if pooler.get("status", {}).get("instances") != pooler["spec"]["instances"]:
                status = {"instances": pooler["spec"]["instances"], "phase": "active"}
                self.api.report(_path(_GROUP, "poolers", pooler), status)
        for schedule in self.api.items(f"{_GROUP}/scheduledbackups"):
            if not schedule.get("status", {}).get("lastCheckTime"):
                now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
                self.api.report(_path(_GROUP, "scheduledbackups", schedule), {"lastCheckTime": now})

    def _deployments(self) -> None:
        """Report deployments as rolled out, though no pod runs."""
        for deployment in self.api.items("/apis/apps/v1/deployments"):
            generation, pods = deployment["metadata"]["generation"], deployment["spec"]["replicas"]
            if deployment.get("status", {}).get("observedGeneration") == generation:
                continue
            available = {"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable"}
            counts = dict.fromkeys(("replicas", "updatedReplicas", "readyReplicas", "availableReplicas"), pods)
            status = {"observedGeneration": generation, **counts, "conditions": [available]}
            self.api.report(_path("/apis/apps/v1", "deployments", deployment), status)

    def _namespaces(self) -> None:
        """Finish the deletion of namespaces."""
        for namespace in self.api.items("/api/v1/namespaces"):
            if namespace["metadata"].get("deletionTimestamp"):
                # Two turns may meet in it: what is gone is gone.
                with contextlib.suppress(requests.HTTPError):
                    self.api.finish_namespace(namespace)


def _key(document: Document) -> str:
    return f"{document['metadata']['namespace']}/{document['metadata']['name']}"


def _path(root: str, plural: str, document: Document) -> str:
    metadata = document["metadata"]
    return f"{root}/namespaces/{metadata['namespace']}/{plural}/{metadata['name']}"


def _ingress(address: str) -> dict[str, Any]:
    return {"loadBalancer": {"ingress": [{"ip": address}]}}


def _text(secret: Document, name: str) -> str:
    return base64.b64decode(secret["data"][name]).decode()


def _cluster_status(cluster: Document) -> dict[str, Any]:
    name, instances = cluster["metadata"]["name"], cluster["spec"]["instances"]
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    ready = {"type": "Ready", "status": "True", "reason": "ClusterIsReady", "message": "Cluster is Ready"}
    return {
        "phase": _HEALTHY,
        "instances": instances,
        "readyInstances": instances,
        "currentPrimary": f"{name}-1",
        "targetPrimary": f"{name}-1",
        "image": cluster["spec"]["imageName"],
        "conditions": [{**ready, "lastTransitionTime": now}],
    }
