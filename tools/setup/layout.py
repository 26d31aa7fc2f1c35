"""Where everything lies: one place that turns the environment's variables into paths."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.setup.errors import SetupError

__all__ = ["PROJECT", "PROJECT_NAME", "STACKS", "STACK_MARKER", "SUPERVISOR_SOCKET", "Layout", "default_home"]

PROJECT = Path(__file__).resolve().parents[2]
STACKS = ("dev", "prod")  # whose settings are in the project
PROJECT_NAME = "fashion-wallet"  # as in Pulumi.yaml: the backend files stacks under it
STACK_MARKER = ".fashion-wallet-stack"  # lies in every stack directory that this project made
SUPERVISOR_SOCKET = "run/supervisor.sock"  # below a stack directory, there while its supervisor runs
_STACK_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")


def default_home(environ: Mapping[str, str], *, root: bool) -> Path:
    """The data folder: FASHION_WALLET_HOME, else what the operating system's conventions say."""
    if chosen := environ.get("FASHION_WALLET_HOME"):
        return Path(chosen).expanduser().absolute()
    if root:
        return Path("/var/lib/fashion-wallet")
    data = environ.get("XDG_DATA_HOME") or str(Path("~/.local/share").expanduser())
    return Path(data) / "fashion-wallet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Paths and names of one run.

    Attributes:
        project: The project's root.
        home: The data folder; `tools/`, `pulumi/` and `stacks/<stack>/` lie below it.
        stack: The stack's name.
        pulumi_home: PULUMI_HOME of the engine.
        backend_url: Where the engine keeps its state.
        root: Whether this run is root's, so that servers must drop to another user.
    """

    project: Path
    home: Path
    stack: str
    pulumi_home: Path
    backend_url: str
    root: bool

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], *, project: Path = PROJECT) -> "Layout":
        """Read STACK, FASHION_WALLET_HOME, PULUMI_HOME and PULUMI_BACKEND_URL.

        Raises:
            SetupError: The stack's name is none that Pulumi takes.
        """
        root = os.geteuid() == 0
        home = default_home(environ, root=root)
        stack = environ.get("STACK") or "dev"
        if not _STACK_NAME.fullmatch(stack):
            raise SetupError(
                f"STACK={stack!r} is no name for a stack",
                "use 1 to 100 letters, digits, '-', '_' or '.', beginning with a letter or a digit",
            )
        pulumi_home = Path(environ.get("PULUMI_HOME") or home / "pulumi")
        backend = environ.get("PULUMI_BACKEND_URL") or f"file://{home}/pulumi/state"
        return cls(project=project, home=home, stack=stack, pulumi_home=pulumi_home, backend_url=backend, root=root)

    @property
    def tools(self) -> Path:
        """Engine, virtual environments, logs and locks of set-up."""
        return self.home / "tools"

    @property
    def logs(self) -> Path:
        """One log for each step that runs a foreign command."""
        return self.tools / "logs"

    @property
    def environment_link(self) -> Path:
        """`.venv` in the project: a link, since the project may lie where servers' users cannot look."""
        return self.project / ".venv"

    @property
    def engine_link(self) -> Path:
        """`.engine` in the project: a link to the folder of the `pulumi` in use."""
        return self.project / ".engine"

    @property
    def kubernetes_link(self) -> Path:
        """`.kubernetes` in the project: a link to the folder of the rehearsal's API server and its definitions."""
        return self.project / ".kubernetes"

    @property
    def python(self) -> Path:
        """The virtual environment's Python."""
        return self.environment_link / "bin" / "python"

    @property
    def passphrase(self) -> Path:
        """The file with the passphrase of the stacks' secrets."""
        return self.home / "pulumi" / "passphrase"

    @property
    def state(self) -> Path | None:
        """The folder of a `file://` backend, None for any other backend."""
        parts = urlsplit(self.backend_url)
        if parts.scheme != "file":
            return None
        return Path(unquote(parts.netloc + parts.path)).expanduser() / ".pulumi"

    @property
    def stack_file(self) -> Path:
        """The stack's settings."""
        return self.project / f"Pulumi.{self.stack}.yaml"

    @property
    def default_stack_directory(self) -> Path:
        """Where a local stack keeps its servers unless its settings say otherwise."""
        return self.home / "stacks" / self.stack
