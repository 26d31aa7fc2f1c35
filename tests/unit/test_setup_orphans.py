"""Whose processes set-up ends after a killed engine."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tools.setup import orphans
from tools.setup.layout import Layout


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Callable[[Path, Path], subprocess.Popen[bytes]]]:
    """Start `sleep` under a program's path, as the child of another program's path."""
    started: list[subprocess.Popen[bytes]] = []

    def start(parent: Path, program: Path) -> subprocess.Popen[bytes]:
        for path, source in ((parent, shutil.which("bash")), (program, shutil.which("sleep"))):
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.exists():
                shutil.copy(source or "", path)
        process = subprocess.Popen([parent, "-c", f"'{program}' 60 & echo $!; wait"], stdout=subprocess.PIPE)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def pid_of(process: subprocess.Popen[bytes], program: Path) -> int:
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    deadline = time.monotonic() + 30
    while Path(f"/proc/{pid}/exe").readlink() != program:  # bash has forked, and is not yet that program
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return pid


def test_only_an_orphaned_host_of_this_engine_is_ended(
    tmp_path: Path, host: Callable[[Path, Path], subprocess.Popen[bytes]]
) -> None:
    layout = Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "home")}, project=tmp_path / "project")
    engine = tmp_path / "engine"
    layout.project.mkdir()
    layout.engine_link.symlink_to(engine)
    ours, other = engine / "pulumi-language-python", tmp_path / "elsewhere" / "pulumi-language-python"
    orphan = pid_of(host(tmp_path / "adopter", ours), ours)
    cared_for = pid_of(host(engine / "pulumi", ours), ours)
    another = pid_of(host(tmp_path / "adopter", other), other)
    try:
        assert orphans.end(layout) == [orphan]
    finally:
        for pid in (cared_for, another):
            os.kill(pid, 15)
