"""A newcomer's first hour: a copy of the project, an empty HOME, an ordinary user, a folder with a space in its name.

The engine is the one of this run, on PATH, because building it takes minutes; everything else comes from nothing.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.fixtures.live_stack import PROJECT
from tests.fixtures.ports import free_port_base
from tests.fixtures.throwaway_project import engine_folder

pytestmark = [pytest.mark.live, pytest.mark.engine]

STACK = "test-newcomer"
PATIENCE_S = 900


@dataclass(frozen=True)
class Newcomer:
    """Somebody who is not root, and the folder that is all they have."""

    folder: Path
    account: pwd.struct_passwd

    @property
    def project(self) -> Path:
        return self.folder / "a project"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def environment(self) -> dict[str, str]:
        """What a login shell gives, and how this machine reaches its package index."""
        index = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        path = f"{self.folder / 'engine'}:/usr/local/bin:/usr/bin:/bin"
        return {"HOME": str(self.home), "PATH": path, "LANG": "C.UTF-8", "USER": self.account.pw_name, **index}

    def types(self, *command: str) -> str:
        """Run a command in the project, as this user; it must succeed."""
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            as_user = {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}
        done = subprocess.run(
            command,
            cwd=self.project,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=PATIENCE_S,
            **as_user,
        )
        assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-6000:]}"
        return done.stdout

    def processes(self) -> list[str]:
        """Command lines of what runs out of this folder."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if any(str(self.folder) in word for word in words):
                found.append(" ".join(words))
        return found


@pytest.fixture
def newcomer() -> Iterator[Newcomer]:
    account = pwd.getpwnam("games") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    folder = Path(tempfile.mkdtemp(prefix="fw-", dir="/tmp"))
    one = Newcomer(folder, account)
    try:
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=PROJECT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for name in filter(None, listed.split("\0")):
            source, target = PROJECT / name, one.project / name
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target, follow_symlinks=False)
        shutil.copytree(engine_folder(), folder / "engine")
        one.home.mkdir()
        settings = (
            f"config:\n  fashion-wallet:local: {{portBase: {free_port_base()}}}\n  fashion-wallet:protect: false\n"
        )
        (one.project / f"Pulumi.{STACK}.yaml").write_text(settings, encoding="utf-8")
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
        folder.chmod(0o755)
        yield one
    finally:
        if (one.project / ".venv").exists():
            one.types("make", "-s", "stop", f"STACK={STACK}")
        shutil.rmtree(folder)


def test_from_nothing_to_nothing(newcomer: Newcomer) -> None:
    word = f"STACK={STACK}"
    assert newcomer.account.pw_uid != 0
    newcomer.types("make", "up", word)
    newcomer.types(
        "bash", "-c", f"for _ in $(seq 60); do bin/walletdb health --stack {STACK} && exit; sleep 1; done; exit 1"
    )
    assert "postgres-3" in newcomer.types("bin/walletdb", "status", "--stack", STACK)

    outputs = json.loads(
        newcomer.types("bin/pulumi", "stack", "output", "-s", STACK, "--show-secrets", "--json", "--non-interactive")
    )
    url = outputs["services"]["avatar_service"]
    asked = newcomer.types("psql", url, "-X", "-A", "-t", "-c", "SELECT current_user, ssl FROM pg_stat_ssl LIMIT 1")
    assert asked.strip() == "avatar_service|t"

    again = newcomer.types("make", "up", word)
    assert "unchanged" in again
    assert "created" not in again.split("Resources:")[-1]

    newcomer.types("make", "down", word, "YES=1")
    newcomer.types("make", "clean")
    assert newcomer.processes() == []
    left = [path for path in newcomer.home.rglob("*") if not path.is_dir() and ".cache" not in path.parts]
    assert left == [], "outside the project nothing is left but pip's own cache"
    made = {path.name for path in newcomer.project.iterdir()} - {path.name for path in PROJECT.iterdir()}
    assert made <= {f"Pulumi.{STACK}.yaml", "__pycache__"}
