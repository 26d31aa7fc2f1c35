"""What a killed engine leaves: which ids are known, what is imported, and a state that was cut off."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rehearsal.pending import adopt_pending, can_be_killed, import_file, known_id, mend_state

STACK = "urn:pulumi:prod::fashion-wallet::pulumi:pulumi:Stack::fashion-wallet-prod"


def resource(type_: str, title: str, /, **inputs: object) -> dict[str, Any]:
    return {
        "urn": f"urn:pulumi:prod::fashion-wallet::{type_}::{title}",
        "type": type_,
        "parent": STACK,
        "provider": "urn:pulumi:prod::fashion-wallet::pulumi:providers:aws::p::an-id",
        "inputs": inputs,
    }


@pytest.mark.parametrize(
    "pending,expected",
    [
        (resource("aws:rds/instance:Instance", "a", identifier="postgres-primary", name="x"), "postgres-primary"),
        (resource("aws:s3/bucket:Bucket", "a", bucket="logs"), "logs"),
        (resource("aws:ec2/vpc:Vpc", "a", cidrBlock="10.0.0.0/16"), ""),
        ({**resource("aws:ec2/vpc:Vpc", "a"), "id": "vpc-1"}, "vpc-1"),
        (resource("kubernetes:core/v1:Secret", "a", metadata={"namespace": "n", "name": "s"}), "n/s"),
        (resource("kubernetes:core/v1:Namespace", "a", metadata={"name": "n"}), "n"),
    ],
)
def test_an_id_is_known_by_name_or_not_at_all(pending: dict[str, Any], expected: str) -> None:
    assert known_id(pending) == expected


@pytest.mark.parametrize(
    "types,suits",
    [
        (["aws:s3/bucket:Bucket", "kubernetes:core/v1:Secret"], True),
        (["aws:s3/bucket:Bucket"], False),
        (["aws:s3/bucket:Bucket", "aws:ec2/vpc:Vpc"], False),
        (["mongodbatlas:index/advancedCluster:AdvancedCluster", "aws:s3/bucket:Bucket"], False),
        (None, False),
    ],
)
def test_a_kill_waits_until_nothing_would_be_lost(tmp_path: Path, types: list[str] | None, suits: bool) -> None:  # noqa: FBT001
    folder = tmp_path / "state" / ".pulumi" / "stacks" / "fashion-wallet"
    folder.mkdir(parents=True)
    operations = [{"type": "creating", "resource": {"type": each}} for each in types or []]
    text = json.dumps({"checkpoint": {"latest": {"pending_operations": operations}}})
    (folder / "prod.json").write_text(text if types is not None else text[:-9])
    assert can_be_killed(tmp_path) is suits


def test_an_import_file_names_parent_and_provider() -> None:
    found = import_file([resource("aws:s3/bucket:Bucket", "logs", bucket="b")])
    assert found["resources"] == [
        {
            "type": "aws:s3/bucket:Bucket",
            "name": "logs",
            "id": "b",
            "parent": "parent0",
            "provider": "provider0",
        }
    ]
    assert found["nameTable"] == {
        "parent0": STACK,
        "provider0": "urn:pulumi:prod::fashion-wallet::pulumi:providers:aws::p",
    }


class Engine:
    """An engine whose import finds buckets and nothing else."""

    def __init__(self, pending: list[dict[str, Any]]) -> None:
        self.pending = pending
        self.resources: list[dict[str, Any]] = [{"urn": STACK}]
        self.runs: list[tuple[str, ...]] = []

    def state(self) -> dict[str, Any]:
        operations = [{"type": "creating", "resource": each} for each in self.pending]
        return {"resources": self.resources, "pending_operations": operations}

    def run(self, *words: str) -> Any:
        self.runs.append(words)
        if words[0] == "import":
            self.resources = [*self.resources, *(each for each in self.pending if "bucket" in each["inputs"])]
        else:
            self.pending = []
        return SimpleNamespace(succeeded=lambda: None)


def test_what_was_carried_out_is_imported_and_the_rest_dropped(tmp_path: Path) -> None:
    (tmp_path / "settings").mkdir()
    pending = [
        resource("aws:s3/bucket:Bucket", "logs", bucket="b"),
        resource("aws:iam/role:Role", "role", name="r"),
        resource("aws:ec2/vpc:Vpc", "vpc"),
        {**resource("aws:s3/bucket:Bucket", "orphan", bucket="o"), "parent": "urn:of:a:component:not:recorded"},
    ]
    engine = Engine(pending)
    rehearsing = SimpleNamespace(engine=engine, world=SimpleNamespace(folder=tmp_path))
    said = adopt_pending(rehearsing)  # type: ignore[arg-type]
    assert [words[0] for words in engine.runs] == ["import", "refresh"]
    assert "--clear-pending-creates" in engine.runs[1]
    assert '"name": "role"' in (tmp_path / "settings" / "pending.json").read_text()
    assert '"name": "orphan"' not in (tmp_path / "settings" / "pending.json").read_text()
    assert said.startswith("4 creates were under way")


def test_without_anything_pending_nothing_is_imported(tmp_path: Path) -> None:
    engine = Engine([])
    adopt_pending(SimpleNamespace(engine=engine, world=SimpleNamespace(folder=tmp_path)))  # type: ignore[arg-type]
    assert [words[0] for words in engine.runs] == ["refresh"]


def test_a_state_that_was_cut_off_is_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "state" / ".pulumi" / "stacks" / "fashion-wallet"
    folder.mkdir(parents=True)
    (folder / "prod.json.bak").write_text('{"of": "before"}')
    (folder / "prod.json").write_text('{"of": "n')
    assert mend_state(tmp_path)
    assert (folder / "prod.json").read_text() == '{"of": "before"}'
    assert not mend_state(tmp_path), "a whole one stays"
