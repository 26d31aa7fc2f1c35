"""etcd: the store in which Patroni keeps who leads."""

from __future__ import annotations

import dataclasses
import functools
import subprocess

from localproc.etcd_keys import EtcdKeys
from localproc.https import ClientIdentity
from localproc.layout import StackDirectory
from localproc.programs import find_program
from localproc.service import Service, apply, condition, explain, tls_files
from localproc.supervisor import Program
from localproc.waiting import Waiter

__all__ = ["Etcd"]

NEVER_MATCHING_CIPHER = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
"""etcd before 3.5 cannot be told a TLS minimum. Its only TLS 1.2 cipher is made one for RSA keys, and the
certificates are ECDSA: no TLS 1.2 handshake can succeed, while those of TLS 1.3 are always on in Go."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Etcd:
    """One etcd server."""

    directory: str
    name: str
    listen_address: str
    client_port: int
    peer_port: int
    cert_pem: str
    key_pem: str
    ca_bundle_pem: str

    @property
    def endpoint(self) -> str:
        """URL for clients."""
        return f"https://{self.listen_address}:{self.client_port}"

    def service(self, directory: StackDirectory) -> Service:
        """Files and program."""
        folder = directory.service(self.name)
        peer = f"https://{self.listen_address}:{self.peer_port}"
        arguments = {
            "name": self.name,
            "data-dir": folder / "data",
            "listen-client-urls": self.endpoint,
            "advertise-client-urls": self.endpoint,
            "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer,
            "initial-cluster": f"{self.name}={peer}",
            "cert-file": folder / "tls/server.crt",
            "key-file": folder / "tls/server.key",
            "trusted-ca-file": folder / "tls/ca.crt",
            "peer-cert-file": folder / "tls/server.crt",
            "peer-key-file": folder / "tls/server.key",
            "peer-trusted-ca-file": folder / "tls/ca.crt",
            "auto-compaction-retention": "1h",
            "logger": "zap",
            "log-outputs": "stderr",
            **_tls_minimum(),
        }
        command = [find_program("etcd"), *(f"--{key}={value}" for key, value in arguments.items())]
        command += ["--client-cert-auth", "--peer-client-cert-auth"]
        return Service(
            program=Program(name=self.name, command=tuple(command), folder=folder),
            files=tls_files(self.cert_pem, self.key_pem, self.ca_bundle_pem),
            restart_files=frozenset({"tls/ca.crt"}),
        )

    def identity(self, directory: StackDirectory) -> ClientIdentity:
        """The server's own certificate, which it accepts from a client as well."""
        folder = directory.service(self.name) / "tls"
        return ClientIdentity(folder / "ca.crt", folder / "server.crt", folder / "server.key")

    def ensure(self, waiter: Waiter) -> None:
        """Run as declared, and healthy.

        Raises:
            LocalprocError: it did not become healthy; with the end of its log.
        """
        directory = StackDirectory.open(self.directory)
        # etcd reads its certificate anew for each connection: nothing to do beside writing the files.
        apply(directory, self.service(directory), reload=lambda: None)
        client = EtcdKeys(self.endpoint, self.identity(directory))
        waiter.until(f"{self.name} to be healthy", client.healthy, details=lambda: explain(directory, self.name))

    def condition(self) -> str:
        """`running`, or what is not as declared."""
        directory = StackDirectory.open(self.directory)
        return condition(directory, self.service(directory))


@functools.cache
def _tls_minimum() -> dict[str, str]:
    """Options that make this etcd refuse everything below TLS 1.3."""
    said = subprocess.run([find_program("etcd"), "--help"], capture_output=True, text=True, check=False)
    if "--tls-min-version" in said.stdout + said.stderr:
        return {"tls-min-version": "TLS1.3"}
    return {"cipher-suites": NEVER_MATCHING_CIPHER}
