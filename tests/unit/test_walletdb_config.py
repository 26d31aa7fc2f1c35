"""walletdb.json: found, checked, and refused with a text that says how to go on."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from walletdb.config import find_config, home, load_config
from walletdb.errors import ConfigError

ENDPOINT = {"host": "127.0.0.1", "port": 15410}
GOOD: dict[str, Any] = {
    "version": 1,
    "stack": "dev",
    "directory": "/d",
    "ca_file": "/d/ca.crt",
    "client_certificate": "/d/admin.crt",
    "client_key": "/d/admin.key",
    "supervisor_socket": "/d/supervisor.sock",
    "etcd": [{"name": "etcd-1", "endpoint": "https://127.0.0.1:15400"}],
    "clusters": [
        {
            "name": "postgres",
            "scope": "postgres",
            "database": "fashion_wallet",
            "writer": ENDPOINT,
            "reader": ENDPOINT,
            "pooler": None,
            "members": [{"name": "postgres-1", **ENDPOINT, "rest_url": "https://127.0.0.1:15421"}],
            "synchronous_standbys": 1,
            "maximum_lag_ms": 1000,
            "reader_max_lag_mib": 16,
            "expect_timescaledb": False,
        }
    ],
    "certificates": [{"name": "admin", "path": "/d/admin.crt"}],
    "warnings": [],
}


REPLICA_SET: dict[str, Any] = {
    "name": "mongodb",
    "database": "fashion-wallet-main",
    "election_timeout_ms": 10000,
    "oplog_retention_h": 24,
    "maximum_lag_ms": 10000,
    "certificate_key_file": "/d/admin.pem",
    "members": [
        {"name": "mongodb-1", "host": "127.0.0.1", "port": 15470, "arbiter": False, "priority": 1},
        {"name": "mongodb-arbiter", "host": "127.0.0.1", "port": 15471, "arbiter": True, "priority": 0},
    ],
}


def _write(path: Path, content: object, mode: int = 0o600) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_good_file_is_read(tmp_path: Path) -> None:
    config = load_config(_write(tmp_path / "walletdb.json", GOOD))
    assert str(config.clusters[0].members[0].address) == "127.0.0.1:15410"
    assert config.cluster("postgres").pooler is None


def test_an_unknown_cluster_is_refused_with_those_there_are(tmp_path: Path) -> None:
    config = load_config(_write(tmp_path / "walletdb.json", GOOD))
    with pytest.raises(ConfigError, match=r"no cluster 'x'(.|\n)*allowed: postgres"):
        config.cluster("x")


def test_replica_sets_are_optional_and_read(tmp_path: Path) -> None:
    assert load_config(_write(tmp_path / "none.json", GOOD)).replica_sets == ()
    config = load_config(_write(tmp_path / "walletdb.json", {**GOOD, "replica_sets": [REPLICA_SET]}))
    first, arbiter = config.replica_set("mongodb").members
    assert (str(first.address), first.arbiter, arbiter.arbiter) == ("127.0.0.1:15470", False, True)


def test_a_stack_may_hold_a_replica_set_only(tmp_path: Path) -> None:
    content = {**GOOD, "clusters": [], "replica_sets": [REPLICA_SET]}
    assert load_config(_write(tmp_path / "walletdb.json", content)).clusters == ()


@pytest.mark.parametrize(
    "kind,name,said",
    [
        ("cluster", "x", r"no cluster 'x'(.|\n)*allowed: mongodb, postgres"),
        ("replica_set", "x", r"no cluster 'x'(.|\n)*allowed: mongodb, postgres"),
        ("cluster", "mongodb", r"mongodb is a MongoDB replica set(.|\n)*allowed: postgres"),
        ("replica_set", "postgres", r"postgres is a PostgreSQL cluster(.|\n)*allowed: mongodb"),
    ],
)
def test_a_name_of_the_other_kind_is_refused_as_such(tmp_path: Path, kind: str, name: str, said: str) -> None:
    config = load_config(_write(tmp_path / "walletdb.json", {**GOOD, "replica_sets": [REPLICA_SET]}))
    with pytest.raises(ConfigError, match=said):
        getattr(config, kind)(name)


def test_a_missing_file_says_what_was_looked_for_and_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path / "walletdb.json")
    assert str(tmp_path / "walletdb.json") in str(caught.value)
    assert "make up" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o602])
def test_a_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match=rf"got: mode {mode:04o}(.|\n)*fix: chmod 600"):
        load_config(_write(tmp_path / "walletdb.json", GOOD, mode))


@pytest.mark.parametrize("text", ["", "{", '{"version": 1,}'])
def test_what_is_not_json_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="is not JSON"):
        load_config(_write(tmp_path / "walletdb.json", text))


@pytest.mark.parametrize(
    "path,value,said",
    [
        (("version",), 2, "version = 2"),
        (("clusters",), [], "clusters"),
        (("extra",), 1, "extra = 1"),
        (("clusters", 0, "writer", "port"), 0, "clusters.0.writer.port = 0"),
        (("clusters", 0, "members", 0, "rest_url"), "http://a", "clusters.0.members.0.rest_url = 'http://a'"),
        (("etcd", 0, "endpoint"), "127.0.0.1:1", "etcd.0.endpoint"),
    ],
)
def test_what_does_not_fit_is_named_by_its_full_path(
    tmp_path: Path, path: tuple[str | int, ...], value: object, said: str
) -> None:
    content: Any = copy.deepcopy(GOOD)
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    with pytest.raises(ConfigError) as caught:
        load_config(_write(tmp_path / "walletdb.json", content))
    assert said in str(caught.value)


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(_write(tmp_path / "walletdb.json", {**GOOD, "version": 3, "stack": 4}))
    assert "version = 3" in caught.value.got
    assert "stack = 4" in caught.value.got


def test_the_file_is_looked_for_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_WALLET_HOME", str(tmp_path))
    monkeypatch.delenv("WALLETDB_CONFIG", raising=False)
    assert find_config(None, "dev") == tmp_path / "stacks" / "dev" / "walletdb.json"
    monkeypatch.setenv("WALLETDB_CONFIG", "/named.json")
    assert find_config(None, "dev") == Path("/named.json")
    assert find_config(Path("/chosen.json"), "dev") == Path("/chosen.json")


@pytest.mark.parametrize(
    "uid,data,expected",
    [
        (0, "/data", "/var/lib/fashion-wallet"),
        (1000, "/data", "/data/fashion-wallet"),
        (1000, None, "/home/u/.local/share/fashion-wallet"),
    ],
)
def test_the_home_folder_is_the_operating_systems_convention(
    monkeypatch: pytest.MonkeyPatch, uid: int, data: str | None, expected: str
) -> None:
    monkeypatch.delenv("FASHION_WALLET_HOME", raising=False)
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.setattr("os.geteuid", lambda: uid)
    if data is None:
        monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    else:
        monkeypatch.setenv("XDG_DATA_HOME", data)
    assert home() == Path(expected)
