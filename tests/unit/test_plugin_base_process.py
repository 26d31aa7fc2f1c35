"""The plugin's process: it says its port, and ends when it should."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = "from plugins.base import Provider, serve; serve(Provider(name='demo', version='1.0.0', resources=[]))"
# Prints the plugin's pid and port, then hangs like an engine until it is killed.
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {PLUGIN!r}], stdout=subprocess.PIPE, text=True)
print(child.pid, child.stdout.readline().strip(), flush=True)
time.sleep(60)
"""


@pytest.fixture
def plugin() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", PLUGIN]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process
        if process.poll() is None:
            process.kill()


def _port(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def _gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_ends_on_a_signal(plugin: subprocess.Popen[str], number: signal.Signals) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{_port(plugin)}") as channel:
        info = provider_pb2_grpc.ResourceProviderStub(channel).GetPluginInfo(empty_pb2.Empty(), wait_for_ready=True)
    assert info.version == "1.0.0"
    os.kill(plugin.pid, number)
    assert plugin.wait(4) == 0


def test_it_ends_after_cancel_even_if_the_engine_forgets_it(plugin: subprocess.Popen[str]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{_port(plugin)}") as channel:
        provider_pb2_grpc.ResourceProviderStub(channel).Cancel(empty_pb2.Empty(), wait_for_ready=True)
    assert plugin.wait(20) == 0


def test_it_ends_when_its_parent_is_killed() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline().split()[0])
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 20
        while not _gone(pid) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert _gone(pid), f"plugin {pid} still runs 20 s after its parent was killed"


def test_both_executables_name_the_fix_where_there_is_no_python() -> None:
    for name in ("walletdb", "postgresql"):
        program = ROOT / "plugins" / name / f"pulumi-resource-{name}"
        environment = {**os.environ, "FASHION_WALLET_PYTHON": "/nowhere/python"}
        result = subprocess.run([program], env=environment, capture_output=True, text=True, check=False)
        assert result.returncode == 1
        assert f"plugin {name}: no Python at /nowhere/python" in result.stderr
        assert "make up" in result.stderr
