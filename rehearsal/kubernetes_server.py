"""A real Kubernetes API server over a real etcd, with the operators' own resource definitions in it.

No controllers and no nodes: `rehearsal.operator` does what the layer waits for. The server checks every object.
"""

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import yaml

from localproc.programs import find_program
from rehearsal.addresses import Addresses
from rehearsal.certificates import Certificates
from rehearsal.errors import RehearsalError
from rehearsal.files import secret_file
from rehearsal.processes import Process, Processes

__all__ = ["KubernetesServer", "StartingKubernetes"]

_ETCD_PORT, _PEER_PORT = 2379, 2380
_PORT = 6443
_USER = "rehearsal"
_GROUP = "system:masters"
_SERVICES = "10.96.0.0/16"
_ESTABLISHED_S = 30.0
_TIMEOUT_S = 10


@dataclass(frozen=True, kw_only=True)
class KubernetesServer:
    """Where the API server listens, and the token of its administrator."""

    url: str
    token: str
    ca_file: Path
    kubeconfig: Path

    def version(self) -> str:
        """What it says its version is, with its leading v."""
        return str(self.get("/version")["gitVersion"])

    def get(self, path: str) -> dict[str, Any]:
        """What is at a path of the API; empty where there is nothing.

        Raises:
            RehearsalError: The server answers with another error.
        """
        return self._call("GET", path)

    def apply(self, path: str, manifest: dict[str, Any]) -> dict[str, Any]:
        """Create or change an object by server-side apply, with strict validation.

        Raises:
            RehearsalError: The server refuses it.
        """
        query = {"fieldManager": "rehearsal", "fieldValidation": "Strict", "force": "true"}
        return self._call("PATCH", path, query, json.dumps(manifest), "application/apply-patch+yaml")

    def delete(self, path: str) -> None:
        """Delete an object.

        Raises:
            RehearsalError: The server refuses it.
        """
        self._call("DELETE", path)

    def ready(self) -> bool:
        """Whether it serves."""
        try:
            answer = requests.get(f"{self.url}/readyz", verify=str(self.ca_file), headers=self._headers, timeout=2)
        except requests.RequestException:
            return False
        return answer.status_code == requests.codes.ok

    def define(self, folder: Path) -> int:
        """Apply all resource definitions in a folder and wait until each is established; returns how many.

        Raises:
            RehearsalError: The server refuses one, or does not establish it in time.
        """
        paths = []
        for file in sorted(folder.glob("*.yaml")):
            for manifest in yaml.load_all(file.read_text(encoding="utf-8"), Loader=_LOADER):
                if manifest:
                    path = f"/apis/apiextensions.k8s.io/v1/customresourcedefinitions/{manifest['metadata']['name']}"
                    self.apply(path, manifest)
                    paths.append(path)
        deadline = time.monotonic() + _ESTABLISHED_S
        for path in paths:
            while not _established(self.get(path)):
                if time.monotonic() > deadline:
                    raise RehearsalError(f"Kubernetes did not establish {path} within {_ESTABLISHED_S:g} s")
                time.sleep(0.1)
        return len(paths)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: str = "",
        kind: str = "application/json",
    ) -> dict[str, Any]:
        answer = requests.request(
            method,
            f"{self.url}{path}",
            params=query,
            data=body or None,
            headers={**self._headers, "Content-Type": kind},
            verify=str(self.ca_file),
            timeout=_TIMEOUT_S,
        )
        if answer.status_code == requests.codes.not_found and method == "GET":
            return {}
        if not answer.ok:
            raise RehearsalError(f"Kubernetes refuses {method} {path} ({answer.status_code}): {answer.text[:1000]}")
        found: dict[str, Any] = answer.json()
        return found


class StartingKubernetes:
    """An API server on its way up."""

    def __init__(
        self, folder: Path, context: str, addresses: Addresses, certificates: Certificates, processes: Processes
    ) -> None:
        """Start etcd; the API server waits for it by itself, so that it is started as well.

        Raises:
            RehearsalError: A program is missing.
        """
        program = Path(__file__).resolve().parents[1] / ".kubernetes" / "bin" / "kube-apiserver"
        if not program.exists():
            raise RehearsalError(f"there is no API server at {program}: make rehearse builds it from Go modules")
        self._definitions = program.parents[1] / "definitions"
        self._folder = folder / "kubernetes"
        self._folder.mkdir()
        self._certificates = certificates
        etcd_address, address = addresses.take(), addresses.take()
        self._etcd(etcd_address, processes)
        self._server = KubernetesServer(
            url=f"https://{address}:{_PORT}",
            token=secrets.token_urlsafe(24),
            ca_file=certificates.ca_file,
            kubeconfig=folder / "kubeconfig",
        )
        self._process = self._api_server(program, address, etcd_address, processes)
        secret_file(self._server.kubeconfig, json.dumps(self._client_settings(context), indent=2) + "\n")

    def finish(self) -> KubernetesServer:
        """Wait until it serves and knows the operators' resources.

        Raises:
            RehearsalError: It does not come up; the text has its log's end.
        """
        self._process.until("it serves", self._server.ready)
        self._server.define(self._definitions)
        return self._server

    def _etcd(self, address: str, processes: Processes) -> Process:
        client, peer = f"http://{address}:{_ETCD_PORT}", f"http://{address}:{_PEER_PORT}"
        return processes.start(
            "etcd",
            [
                *(find_program("etcd"), "--data-dir", self._folder / "etcd", "--unsafe-no-fsync"),
                *("--listen-client-urls", client, "--advertise-client-urls", client),
                *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
                *("--name", "rehearsal", "--initial-cluster", f"rehearsal={peer}"),
            ],
        )

    def _api_server(self, program: Path, address: str, etcd_address: str, processes: Processes) -> Process:
        certificate, key = self._certificates.issue("kube-apiserver", address, self._folder)
        tokens = secret_file(self._folder / "tokens.csv", f'{self._server.token},{_USER},{_USER},"{_GROUP}"\n')
        return processes.start(
            "kube-apiserver",
            [
                *(program, f"--etcd-servers=http://{etcd_address}:{_ETCD_PORT}"),
                *(f"--bind-address={address}", f"--secure-port={_PORT}", f"--advertise-address={address}"),
                *(f"--tls-cert-file={certificate}", f"--tls-private-key-file={key}", "--tls-min-version=VersionTLS13"),
                *(f"--cert-dir={self._folder}", "--authorization-mode=RBAC", f"--token-auth-file={tokens}"),
                *(f"--service-account-key-file={certificate}", f"--service-account-signing-key-file={key}"),
                *("--service-account-issuer=https://rehearsal.invalid", f"--service-cluster-ip-range={_SERVICES}"),
                # Nobody makes the default service account of a namespace here.
                *("--disable-admission-plugins=ServiceAccount", "--endpoint-reconciler-type=none"),
                *("--allow-privileged=false", "--v=0"),
            ],
        )

    def _client_settings(self, context: str) -> dict[str, Any]:
        authority = self._certificates.ca_file
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [
                {"name": context, "cluster": {"server": self._server.url, "certificate-authority": str(authority)}}
            ],
            "users": [{"name": _USER, "user": {"token": self._server.token}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": _USER}}],
            "current-context": "",
        }


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _established(definition: dict[str, Any]) -> bool:
    conditions = definition.get("status", {}).get("conditions") or []
    return any(each["type"] == "Established" and each["status"] == "True" for each in conditions)
