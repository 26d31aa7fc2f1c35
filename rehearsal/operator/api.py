"""The API server as controllers ask it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

__all__ = ["Api", "Document"]

Document = dict[str, Any]
_TIMEOUT_S = 10
_MANAGER = "rehearsal-operator"


@dataclass(frozen=True)
class Api:
    """One server; errors are those of `requests`."""

    url: str
    session: requests.Session

    @classmethod
    def of(cls, kubeconfig: Path) -> "Api":
        """Read the one cluster and user of the rehearsal's own kubeconfig."""
        settings = yaml.safe_load(kubeconfig.read_text(encoding="utf-8"))
        cluster, user = settings["clusters"][0]["cluster"], settings["users"][0]["user"]
        session = requests.Session()
        session.trust_env = False
        session.verify = cluster["certificate-authority"]
        session.headers["Authorization"] = f"Bearer {user['token']}"
        return cls(cluster["server"], session)

    def items(self, path: str) -> list[Document]:
        """All objects at a path, in any namespace."""
        found: list[Document] = self._call("GET", path)["items"]
        return found

    def get(self, path: str) -> Document | None:
        """One object, or None where it is not there."""
        answer = self.session.get(f"{self.url}{path}", timeout=_TIMEOUT_S)
        if answer.status_code == requests.codes.not_found:
            return None
        answer.raise_for_status()
        found: Document = answer.json()
        return found

    def report(self, path: str, status: Mapping[str, Any]) -> None:
        """Set the status of an object; one that is gone meanwhile is no error."""
        body = json.dumps({"status": status})
        answer = self.session.patch(
            f"{self.url}{path}/status?fieldManager={_MANAGER}",
            data=body,
            headers={"Content-Type": "application/merge-patch+json"},
            timeout=_TIMEOUT_S,
        )
        if answer.status_code != requests.codes.not_found:
            answer.raise_for_status()

    def finish_namespace(self, namespace: Document) -> None:
        """Remove everything in a namespace that is being deleted, and the namespace's own hold on itself."""
        name = namespace["metadata"]["name"]
        for root in self._roots():
            for kind in self._call("GET", root)["resources"]:
                if kind["namespaced"] and "deletecollection" in kind["verbs"]:
                    self._call("DELETE", f"{root}/namespaces/{name}/{kind['name']}")
        done = {**namespace, "spec": {**namespace.get("spec", {}), "finalizers": []}}
        answer = self.session.put(f"{self.url}/api/v1/namespaces/{name}/finalize", json=done, timeout=_TIMEOUT_S)
        if answer.status_code not in (requests.codes.not_found, requests.codes.conflict):
            answer.raise_for_status()

    def _roots(self) -> list[str]:
        groups = self._call("GET", "/apis")["groups"]
        return ["/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)]

    def _call(self, method: str, path: str) -> Document:
        answer = self.session.request(method, f"{self.url}{path}", timeout=_TIMEOUT_S)
        answer.raise_for_status()
        found: Document = answer.json()
        return found
