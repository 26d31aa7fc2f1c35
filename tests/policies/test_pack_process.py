"""The pack as the engine starts it: the executable, its first line, its protocol, its end."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2
from pulumi.runtime.proto.analyzer_pb2_grpc import AnalyzerStub

import policies
from policies.registry import RULES
from tests.policies.world import World

SOURCE = Path(policies.__file__).parent
ENGINE = "127.0.0.1:1"  # the pack takes the engine's address and never calls it
DEADLINE_S = 20.0


@pytest.fixture
def pack_file(tmp_path: Path) -> Path:
    """A copy of the pack in a project whose path has spaces."""
    folder = tmp_path / "my wallet" / "policies"
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "pack"


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "FASHION_WALLET_PYTHON": sys.executable, **more}


@contextmanager
def started(pack_file: Path) -> Iterator[tuple[AnalyzerStub, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [pack_file, ENGINE], cwd=pack_file.parent.parent, env=environment(), stdout=subprocess.PIPE, text=True
    )
    with process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                yield AnalyzerStub(channel), process
        finally:
            process.kill()


def ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has collected yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return True
    return state == "Z"


def wait_until_ended(pid: int) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not ended(pid):
        assert time.monotonic() < deadline, f"process {pid} still runs after {DEADLINE_S} s"
        time.sleep(0.05)


def test_it_lists_every_rule_with_level_severity_and_limits(pack_file: Path) -> None:
    with started(pack_file) as (analyzer, _):
        info = analyzer.GetAnalyzerInfo(empty_pb2.Empty(), timeout=DEADLINE_S)
    assert info.name == "fashion-wallet"
    assert [policy.name for policy in info.policies] == [rule.id for rule in RULES]
    for policy, rule in zip(info.policies, RULES, strict=True):
        assert policy.severity
        assert set(policy.configSchema.properties.keys()) == set(rule.defaults)
        assert policy.framework.reference


def test_it_judges_over_the_wire(pack_file: Path) -> None:
    with started(pack_file) as (analyzer, _):
        assert World().judge(analyzer).messages == []
        broken = World().put("PgBouncer:pgbouncer", "minimumTlsVersion", "TLSv1.2")
        assert broken.judge(analyzer).violations == {"walletdb-require-tls-1-3"}


def test_a_wrong_file_of_the_stack_s_environment_stops_the_engine_and_says_what_to_mend(pack_file: Path) -> None:
    (pack_file.parent / "environments" / "dev.toml").write_text('stacks = "dev"\npurpose = "fun"\n', encoding="utf-8")
    request = analyzer_pb2.AnalyzerStackConfigureRequest(stack="prod")
    with started(pack_file) as (analyzer, _), pytest.raises(grpc.RpcError) as caught:
        analyzer.ConfigureStack(request, timeout=DEADLINE_S)
    assert "policies/environments/dev.toml: purpose: got 'fun'; allowed: production or" in str(caught.value)


def test_a_wrong_file_of_exemptions_stops_the_pack_and_says_what_to_mend(pack_file: Path) -> None:
    (pack_file.parent / "exemptions.toml").write_text("[[exemption]]\n", encoding="utf-8")
    result = subprocess.run([pack_file, ENGINE], env=environment(), capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "policy pack: policies/exemptions.toml: exemption 1: expires: got is missing; allowed:" in result.stderr


def test_it_ends_when_interrupted(pack_file: Path) -> None:
    with started(pack_file) as (_, process):
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_S) == 0


def test_it_ends_with_the_engine_that_started_it(pack_file: Path, tmp_path: Path) -> None:
    engine = (
        "import subprocess, sys, time\n"
        "pack = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE)\n"
        "pack.stdout.readline()\n"
        "print(pack.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", engine, pack_file, ENGINE], env=environment(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    wait_until_ended(pid)


def test_without_an_environment_it_says_what_to_do(pack_file: Path) -> None:
    result = subprocess.run(
        [pack_file, ENGINE], env=environment(FASHION_WALLET_PYTHON=""), capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "run 'make up'" in result.stderr


def test_it_finds_the_project_s_own_python_through_a_link(pack_file: Path) -> None:
    (pack_file.parent.parent / ".venv" / "bin").mkdir(parents=True)
    python = pack_file.parent.parent / ".venv" / "bin" / "python"
    python.write_text('#!/bin/sh\necho "$(pwd)" "$@"\n', encoding="ascii")
    python.chmod(0o755)
    link = pack_file.parent.parent / "link"
    link.symlink_to(pack_file)
    result = subprocess.run(
        [link, ENGINE, "-v=3"], env=environment(FASHION_WALLET_PYTHON=""), capture_output=True, text=True, check=True
    )
    assert result.stdout == f"{pack_file.parent} -u -m pulumi.policy {ENGINE} -v=3 .\n"
