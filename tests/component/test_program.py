"""The program itself: what it exports, and how it refuses."""

import gc
import json
import runpy
from pathlib import Path
from typing import Any

import pulumi
import pytest
import yaml

from settings.reader import parse
from tests.component.graph import Graph, record

ROOT = Path(__file__).parents[2]


def _stack_file(stack: str) -> dict[str, str]:
    """Return a stack's configuration as the engine passes it."""
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}


def _run(
    monkeypatch: pytest.MonkeyPatch, config: dict[str, str], home: str = "/srv/wallet"
) -> tuple[Graph, dict[str, Any]]:
    exported: dict[str, Any] = {}
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    monkeypatch.setenv("FASHION_WALLET_HOME", home)
    monkeypatch.setattr(pulumi, "export", exported.__setitem__)

    def declare() -> dict[str, Any]:
        try:
            runpy.run_path(str(ROOT / "__main__.py"))
        finally:
            gc.enable()  # the program does without, the tests do not
        return {}

    return record(declare), exported


def test_the_program_declares_the_layer_and_exports_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, exported = _run(monkeypatch, _stack_file("dev"))
    assert set(exported) == {"postgres", "timescale", "mongodb", "services", "backups", "warnings"}
    assert graph.one("Supervisor", "fashion-wallet-host-supervisor").inputs["directory"] == "/srv/wallet/stacks/dev"


def test_the_files_of_both_stacks_are_valid() -> None:
    assert parse(_stack_file("dev")).protect is False
    assert parse(_stack_file("prod")).protect is True


def test_prod_asks_for_the_authorities_of_rds_before_any_resource(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with pytest.raises(pulumi.RunError, match=r"cloud\.rds\.caFile") as caught:
        _run(monkeypatch, _stack_file("prod"), home=str(tmp_path))
    assert "global-bundle.pem" in str(caught.value)


def test_a_wrong_configuration_ends_the_program_with_every_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"fashion-wallet:postgres": '{"replicas": 9}', "fashion-wallet:tsl": "{}"}
    with pytest.raises(pulumi.RunError, match="2 problems") as caught:
        _run(monkeypatch, config)
    assert caught.value.__suppress_context__, "no traceback of ours under the message"
