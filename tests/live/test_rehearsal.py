"""The whole rehearsal of stack prod, as `make rehearse` runs it, and what it reports."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from rehearsal.steps import STEPS

pytestmark = [pytest.mark.live, pytest.mark.engine]

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT_S = 1800
"""Beside other tests on a busy machine; alone it takes less than five minutes."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of one run, and what the policy pack said in it."""
    folder = tmp_path_factory.mktemp("rehearsal")
    file, events = folder / "report.json", folder / "prod.jsonl"
    before = (ROOT / "Pulumi.prod.yaml").read_bytes()
    done = subprocess.run(
        [sys.executable, "-m", "rehearsal", "--json", str(file), "--events", str(events)],
        cwd=ROOT,
        env={**os.environ, "AWS_PROFILE": "somebody", "KUBECONFIG": "/nowhere"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert (ROOT / "Pulumi.prod.yaml").read_bytes() == before
    found: dict[str, Any] = json.loads(file.read_text())
    judged = [sys.executable, "-m", "policies.report", "--format", "json", str(events)]
    found["policies"] = json.loads(subprocess.run(judged, cwd=ROOT, capture_output=True, check=True).stdout)
    return found


def test_every_step_passed_and_says_what_it_proved(report: dict[str, Any]) -> None:
    assert report["passed"] is True
    assert [step["name"] for step in report["steps"]] == ["servers", *(step.name for step in STEPS)]
    assert all(step["passed"] and step["found"] and not step["error"] for step in report["steps"])
    resources = {step["name"]: step["resources"] for step in report["steps"]}
    assert resources["preview"] > 300
    assert resources["up"] >= resources["preview"] // 2


def test_the_policies_judged_the_whole_stack_and_stop_nothing(report: dict[str, Any]) -> None:
    said = report["policies"]
    assert said["complete"]
    assert set(said["stacks"]) == {"prod"}
    assert said["stacks"]["prod"]["violation"] == 0
    assert said["stacks"]["prod"]["resources"] > 600


def test_what_nobody_else_took_is_listed(report: dict[str, Any]) -> None:
    listed = report["not_verified_by_anyone_elses_code"]
    assert "aws:backup/selection:Selection" in listed
    assert all(name.startswith(("aws:", "mongodbatlas:")) for name in listed)
    assert any("no pod runs" in line for line in report["lax"])
    assert set(report["machine"]) == {"PostgreSQL", "mongod", "Kubernetes", "etcd", "moto"}


def test_nothing_is_left(report: dict[str, Any]) -> None:
    assert report["passed"]
    left = []
    for process in psutil.process_iter():
        try:
            folder = process.environ().get("FASHION_WALLET_REHEARSAL", "")
        except psutil.Error:
            continue
        # A rehearsal's folder is gone once it has ended; another one may be at work on this machine.
        if folder and not Path(folder).exists():
            left.append(f"{process.pid} {process.name()}")
    assert left == []
