"""Everything that stands for the clouds, up for as long as a `with` lasts."""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from localproc.layout import Owner
from rehearsal.addresses import Addresses
from rehearsal.emulators import Emulator, start_atlas, start_aws, start_operator, start_tls_front
from rehearsal.environment import CREDENTIALS, clean, stand_in_variables
from rehearsal.errors import RehearsalError
from rehearsal.kubernetes_server import KubernetesServer, StartingKubernetes
from rehearsal.processes import Process, Processes
from rehearsal.servers import Servers, Starting

__all__ = ["Scratch", "World", "scratch", "world"]

_OWNER = "postgres"


@dataclass(frozen=True, kw_only=True)
class World:
    """Servers and emulators that are up, and the rehearsal's folder."""

    folder: Path
    servers: Servers
    kubernetes: KubernetesServer
    aws: Emulator
    kms: Emulator
    """The same account, by TLS."""
    atlas: Emulator
    processes: Processes
    operator: Process

    @property
    def variables(self) -> dict[str, str]:
        """What the engine and the stand-ins are told about them."""
        return stand_in_variables(self.folder, aws=self.aws.url, kms=self.kms.url, atlas=self.atlas.url)


class Scratch:
    """The rehearsal's folder, and what of it stays."""

    def __init__(self, folder: Path) -> None:
        """Make what every part of the rehearsal expects in it."""
        self.folder = folder
        self.logs = folder / "logs"
        self.keep_logs = False
        """Set when something failed: the logs stay for whoever looks into it."""
        folder.chmod(0o755)  # the servers' user must be able to pass
        self.logs.mkdir(mode=0o700)  # event logs have secrets in clear
        (folder / "kept").mkdir(mode=0o700)

    def clear(self) -> None:
        """Remove what is not kept."""
        for path in self.folder.iterdir():
            if path == self.logs and self.keep_logs:
                continue
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        if not self.keep_logs:
            self.folder.rmdir()


@contextmanager
def scratch(chosen: Path | None, *, keep: bool) -> Iterator[Scratch]:
    """Lend the rehearsal's folder, empty; afterwards nothing of it is left but what is kept.

    Raises:
        RehearsalError: The chosen folder has something in it.
    """
    if chosen is None:
        folder = Path(tempfile.mkdtemp(prefix="fw-rehearsal-", dir="/tmp"))
    else:
        folder = chosen.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise RehearsalError(f"{folder} is not empty; name another folder, or leave --directory out")
    lent = Scratch(folder)
    try:
        yield lent
    finally:
        if not keep:
            lent.clear()


@contextmanager
def world(folder: Path, context: str, environ: Mapping[str, str] = os.environ) -> Iterator[World]:
    """Bring everything up side by side, and end it all afterwards, whatever happened.

    Raises:
        RehearsalError: Something does not come up; the text has its log's end.
    """
    processes = Processes(folder / "logs", {**clean(environ), **CREDENTIALS})
    try:
        owner = Owner.resolve(_OWNER)
        addresses = Addresses.choose()
        aws = start_aws(processes)
        servers = Starting(folder, addresses, owner, processes)
        kubernetes = StartingKubernetes(folder, context, addresses, servers.certificates, processes)
        servers.start_postgres()
        servers.write(folder / "servers.json")
        kms = start_tls_front(processes, aws, servers.certificates, servers.certificates.folder)
        variables = stand_in_variables(folder, aws=aws.url, kms=kms.url, atlas="")
        atlas = start_atlas(processes, variables)
        cluster = kubernetes.finish()
        operator = start_operator(processes, variables)
        up = servers.finish()
        aws.finish()
        kms.finish()
        atlas.finish()
        yield World(
            folder=folder,
            servers=up,
            kubernetes=cluster,
            aws=aws,
            kms=kms,
            atlas=atlas,
            processes=processes,
            operator=operator,
        )
    finally:
        with _uninterrupted():
            processes.stop()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """A second Ctrl-C waits until everything has ended."""
    old = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in old.items():
            signal.signal(number, handler)
