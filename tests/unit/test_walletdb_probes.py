"""Parsers, fed with recorded answers: PostgreSQL 15.18, Patroni 4.1.5, etcd 3.4.23, PgBouncer 1.18, supervisor 4.3."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from walletdb.errors import ProbeError
from walletdb.probes.etcd import parse_health, parse_status
from walletdb.probes.patroni import parse_cluster, parse_node
from walletdb.probes.pooler import parse_login, startup_message
from walletdb.probes.postgres import Standby, parse_server
from walletdb.probes.programs import parse_version
from walletdb.probes.storage import device_encrypted, encryption_of, mount_of, parse_mountinfo
from walletdb.probes.supervisor import parse_processes

CLUSTER: dict[str, Any] = {
    "members": [
        {
            "name": "postgres-2",
            "role": "replica",
            "state": "streaming",
            "timeline": 1,
            "lag": 16,
            "tags": {"nofailover": True},
        },
        {"name": "postgres-1", "role": "sync_standby", "state": "streaming", "timeline": 1, "lag": "unknown"},
        {"name": "postgres-3", "role": "leader", "state": "running", "timeline": 1, "api_url": "https://127.0.0.1:1"},
    ],
    "scope": "postgres",
}
REPLICA: dict[str, Any] = {
    "state": "running",
    "role": "replica",
    "server_version": 150018,
    "xlog": {"received_location": 67109000, "replayed_location": 67109000, "paused": False},
    "sync_standby": True,
    "timeline": 1,
    "replication_state": "streaming",
    "pending_restart": True,
    "pending_restart_reason": {"max_connections": {"old_value": "50", "new_value": "60"}},
    "patroni": {"version": "4.1.5", "scope": "postgres", "name": "postgres-1"},
}
LEADER_ROW: dict[str, Any] = {
    "in_recovery": False,
    "version": "15.18",
    "timeline": 1,
    "system_identifier": "7711409676970832525",
    "tls_version": "TLSv1.3",
    "cipher": "TLS_AES_256_GCM_SHA384",
    "data_directory": "/d",
    "settings": {
        "data_checksums": "on",
        "ssl_min_protocol_version": "TLSv1.3",
        "password_encryption": "scram-sha-256",
    },
    "pending_restart": None,
    "lsn": 71747616,
    "standbys": [{"name": "postgres-1", "state": "streaming", "sync_state": "sync"}],
    "received": None,
    "replayed": None,
    "replay_age_s": None,
    "replay_paused": False,
    "receiver": None,
}


def test_patroni_cluster() -> None:
    view = parse_cluster(CLUSTER)
    assert view.leader == "postgres-3"
    assert [member.name for member in view.members] == ["postgres-1", "postgres-2", "postgres-3"]
    assert [member.lag_bytes for member in view.members] == [None, 16, None]
    assert [member.no_failover for member in view.members] == [False, True, False]
    assert not view.paused
    assert parse_cluster({**CLUSTER, "pause": True}).paused


def test_patroni_cluster_without_a_leader() -> None:
    assert parse_cluster({"members": CLUSTER["members"][:2]}).leader is None


def test_patroni_node() -> None:
    view = parse_node(REPLICA)
    assert view.pending_restart == ("max_connections",)
    assert (view.state, view.timeline, view.patroni_version) == ("running", 1, "4.1.5")


@pytest.mark.parametrize("body", ["Bad Gateway", None, [], {"timeline": "one"}])
def test_patroni_other_answers_are_errors(body: object) -> None:
    with pytest.raises(ProbeError, match="unexpected answer from Patroni"):
        parse_node(body)


@pytest.mark.parametrize(
    "body,healthy",
    [
        ({"health": "true"}, True),
        ({"health": True}, True),
        ({"health": "false"}, False),
        ({"errors": ["no leader"]}, False),
        ("", False),
    ],
)
def test_etcd_health(body: object, *, healthy: bool) -> None:
    assert parse_health(body) is healthy


def test_etcd_status() -> None:
    view = parse_status(
        {"header": {"member_id": "107"}, "version": "3.4.23", "dbSize": "40960", "leader": "107", "raftTerm": "2"}
    )
    assert (view.version, view.is_leader, view.database_bytes) == ("3.4.23", True, 40960)
    assert parse_status("gone").version is None
    assert parse_status({"header": {"member_id": "1"}, "leader": "2"}).is_leader is False


def test_pooler_login() -> None:
    assert parse_login((b"R", b"\x00\x00\x00\nSCRAM-SHA-256\x00\x00")).reaches_server
    refused = parse_login((b"E", b"SFATAL\x00C08P01\x00Mserver login has been failing\x00\x00"))
    assert not refused.reaches_server
    assert refused.error == "server login has been failing"
    assert not parse_login((b"N", b"")).reaches_server


def test_pooler_startup_message_has_its_length_first() -> None:
    message = startup_message("operator", "db")
    assert int.from_bytes(message[:4]) == len(message)
    assert b"user\0operator\0database\0db\0\0" in message


def test_postgres_row() -> None:
    view = parse_server(LEADER_ROW)
    assert view.standbys == (Standby(name="postgres-1", state="streaming", sync_state="sync"),)
    assert view.pending_restart == ()
    assert LEADER_ROW["standbys"], "the row is not changed by reading it"


def test_supervisor_processes() -> None:
    found = [
        {"name": "etcd", "group": "etcd", "start": 10, "now": 70, "statename": "RUNNING", "spawnerr": "", "pid": 5},
        {"name": "b", "group": "g", "start": 0, "now": 70, "statename": "FATAL", "spawnerr": "no such file", "pid": 0},
    ]
    first, second = parse_processes(found)
    assert (first.name, first.uptime_s, first.pid) == ("etcd", 60, 5)
    assert (second.name, second.uptime_s, second.note) == ("g:b", None, "no such file")
    with pytest.raises(ProbeError):
        parse_processes([{}])


@pytest.mark.parametrize(
    "text,version",
    [
        ("HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\n", "2.6.12"),
        ("PgBouncer 1.18.0\nlibevent 2.1.12-stable\n", "1.18.0"),
    ],
)
def test_program_versions(text: str, version: str) -> None:
    assert parse_version(text) == version


def test_a_program_without_a_version_is_an_error() -> None:
    with pytest.raises(ProbeError):
        parse_version("usage: haproxy")


MOUNTS = (
    "24 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "30 24 253:1 / /srv/my\\040data rw shared:1 - xfs /dev/mapper/vault rw\n"
    "31 24 0:40 / /tmp rw - tmpfs tmpfs rw\n"
    "32 24 0:41 / /enc rw - fuse.gocryptfs /cipher rw\n"
)


def test_mounts_are_matched_by_the_longest_point() -> None:
    mounts = parse_mountinfo(MOUNTS)
    for path, source in (("/srv/my data/x", "/dev/mapper/vault"), ("/srv/my database", "/dev/vda"), ("/tmp", "tmpfs")):
        mount = mount_of(path, mounts)
        assert mount is not None
        assert mount.source == source


def _block(root: Path, number: str, uuid: str | None = None, below: tuple[str, ...] = ()) -> Path:
    device = root / number
    (device / "slaves").mkdir(parents=True)
    if uuid is not None:
        (device / "dm").mkdir()
        (device / "dm" / "uuid").write_text(f"{uuid}\n", encoding="utf-8")
    for layer in below:
        (device / "slaves" / layer).symlink_to(root / layer)
    return device


def test_encryption_is_found_below_lvm_and_only_when_every_disk_has_it(tmp_path: Path) -> None:
    _block(tmp_path, "plain")
    _block(tmp_path, "luks", "CRYPT-LUKS2-abc-vault")
    whole = _block(tmp_path, "lvm", "LVM-abc", ("luks",))
    half = _block(tmp_path, "mixed", "LVM-def", ("luks", "plain"))
    assert device_encrypted(tmp_path / "luks", "x").encrypted is True
    assert device_encrypted(whole, "x").encrypted is True
    assert device_encrypted(half, "x").encrypted is False
    assert device_encrypted(tmp_path / "plain", "x").encrypted is False
    assert device_encrypted(tmp_path / "absent", "x").encrypted is None


@pytest.mark.parametrize("folder,encrypted", [("/enc/data", True), ("/tmp/data", None)])
def test_file_systems_that_encrypt_and_that_show_no_disk(
    tmp_path: Path, folder: str, *, encrypted: bool | None
) -> None:
    (tmp_path / "self").mkdir()
    (tmp_path / "self" / "mountinfo").write_text(MOUNTS, encoding="utf-8")
    assert encryption_of(Path(folder), proc=tmp_path, system=tmp_path).encrypted is encrypted


def test_no_proc_is_not_known(tmp_path: Path) -> None:
    assert encryption_of(Path("/x"), proc=tmp_path, system=tmp_path).encrypted is None
