"""What emulates the clouds: moto is AWS, `rehearsal.atlas` Atlas, `rehearsal.operator` what Kubernetes lacks here."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from rehearsal.addresses import free_port
from rehearsal.certificates import Certificates
from rehearsal.processes import Process, Processes

__all__ = ["Emulator", "start_atlas", "start_aws", "start_operator", "start_tls_front"]

_PROJECT = Path(__file__).resolve().parents[1]
_HERE = "127.0.0.1"
_TIMEOUT_S = 2


@dataclass(frozen=True, kw_only=True)
class Emulator:
    """A process that answers HTTP."""

    url: str
    process: Process
    ca_file: Path | None = None
    """Who signed its certificate, where it has one."""

    def finish(self) -> None:
        """Wait until it answers.

        Raises:
            RehearsalError: It does not come up; the text has its log's end.
        """
        self.process.until("it answers", lambda: _answers(self.url, self.ca_file))


def start_aws(processes: Processes) -> Emulator:
    """Start moto. It knows AWS's managed policies only when told to."""
    port = free_port()
    program = Path(sys.executable).with_name("moto_server")
    process = processes.start(
        "moto",
        [program, "-H", _HERE, "-p", str(port)],
        variables={"MOTO_IAM_LOAD_MANAGED_POLICIES": "true", "MOTO_EC2_LOAD_DEFAULT_AMIS": "false"},
    )
    return Emulator(url=f"http://{_HERE}:{port}", process=process)


def start_tls_front(processes: Processes, aws: Emulator, certificates: Certificates, folder: Path) -> Emulator:
    """Start TLS in front of moto, for who asks KMS by TLS only."""
    port = free_port()
    certificate, key = certificates.issue("aws", _HERE, folder)
    target = urlsplit(aws.url).netloc
    words = ("--port", str(port), "--target", target, "--certificate", str(certificate), "--key", str(key))
    process = _module("rehearsal.tls_front", "tls-front", processes, {}, *words)
    return Emulator(url=f"https://{_HERE}:{port}", process=process, ca_file=certificates.ca_file)


def start_atlas(processes: Processes, variables: Mapping[str, str]) -> Emulator:
    """Start the emulator of Atlas's API; its databases are the real replica set of `servers.json`."""
    port = free_port()
    process = _module("rehearsal.atlas", "atlas", processes, variables, "--port", str(port))
    return Emulator(url=f"http://{_HERE}:{port}", process=process)


def start_operator(processes: Processes, variables: Mapping[str, str]) -> Process:
    """Start what stands for Kubernetes' controllers and CloudNativePG's operator."""
    return _module("rehearsal.operator", "operator", processes, variables)


def _module(name: str, short: str, processes: Processes, variables: Mapping[str, str], *words: str) -> Process:
    command = [sys.executable, "-u", "-m", name, *words]
    return processes.start(short, command, variables=variables, cwd=_PROJECT)


def _answers(url: str, ca_file: Path | None) -> bool:
    try:
        requests.get(url, timeout=_TIMEOUT_S, verify=str(ca_file) if ca_file else True)
    except requests.RequestException:
        return False
    return True
