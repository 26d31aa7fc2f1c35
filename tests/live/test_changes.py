"""A running stack whose settings change or that drifted: what `up` does about it, and what it leaves alone."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterable, Iterator

import psycopg
import pytest
from cryptography import x509

from localproc import identity, pki
from localproc.https import ClientIdentity, request
from localproc.layout import StackDirectory
from localproc.supervisor import Supervisor
from tests.fixtures.cluster import Cluster
from tests.fixtures.live_stack import LiveStack, live_stack
from tests.fixtures.mongo_set import MongoSet
from tests.fixtures.writer import Writer

pytestmark = [pytest.mark.live, pytest.mark.engine]

MEMBERS = 2
GENEROUS_S = 30


@pytest.fixture(scope="module")
def changing() -> Iterator[LiveStack]:
    """A primary with one synchronous replica: the least on which a rolling change can be seen."""
    with live_stack("change", {"postgres.replicas": MEMBERS - 1}, ports=200) as live:
        live.up()
        yield live


@pytest.fixture
def cluster(changing: LiveStack) -> Cluster:
    """The relational cluster, whole."""
    found = Cluster.of(changing, MEMBERS)
    found.until_whole()
    return found


def started(cluster: Cluster) -> dict[str, float]:
    """Member → when its server process started."""
    return {name: cluster.postmaster(name).create_time() for name in cluster.ports}


def setting(stack: LiveStack, port: int, name: str) -> str:
    with stack.admin(port) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return str(row[0])


def until_setting(stack: LiveStack, ports: Iterable[int], name: str, wanted: str) -> None:
    """Patroni takes a setting up in its next round."""
    deadline = time.monotonic() + GENEROUS_S
    while (found := {setting(stack, port, name) for port in ports}) != {wanted}:
        assert time.monotonic() < deadline, f"{name} is {found}, not {wanted}"
        time.sleep(0.2)


def test_a_second_up_changes_nothing(changing: LiveStack, cluster: Cluster) -> None:
    before = started(cluster)
    assert changing.changes() == {}
    assert set(changing.up().summary.resource_changes or {}) == {"same"}
    assert started(cluster) == before


def test_a_reloadable_setting_restarts_nobody(changing: LiveStack, cluster: Cluster) -> None:
    before = started(cluster)
    changing.configure({"postgres.parameters.work_mem": "9MB"})
    changing.up()
    until_setting(changing, cluster.ports.values(), "work_mem", "9MB")
    assert started(cluster) == before
    changing.configure({"postgres.parameters.work_mem": None})
    changing.up()
    until_setting(changing, cluster.ports.values(), "work_mem", "4MB")


def test_a_setting_that_needs_a_restart_restarts_replicas_first(changing: LiveStack, cluster: Cluster) -> None:
    leader, before = cluster.leader(), started(cluster)
    now = int(setting(changing, cluster.ports[leader], "max_worker_processes"))
    changing.configure({"postgres.parameters.max_worker_processes": str(now + 2)})
    with Writer(changing.admin) as writer:
        changing.up()
        writer.until_written(50)
    after = started(cluster)
    assert all(after[name] > before[name] for name in before)
    assert max(after, key=lambda name: after[name]) == leader, "the primary comes last"
    assert [setting(changing, port, "max_worker_processes") for port in cluster.ports.values()] == [
        str(now + 2)
    ] * MEMBERS
    assert cluster.leader() == leader
    assert writer.lost() == []


def test_a_stopped_member_shows_in_refresh_and_is_mended(changing: LiveStack, cluster: Cluster) -> None:
    replica = next(name for name in cluster.ports if name != cluster.leader())
    supervisor = Supervisor(StackDirectory.open(changing.directory))
    supervisor._stop(replica)
    assert changing.changes().get("update", 0) >= 1
    changing.up(refresh=True)
    cluster.until_whole()
    assert changing.changes() == {}


def test_an_edited_file_shows_in_refresh_and_is_mended(changing: LiveStack, cluster: Cluster) -> None:
    path = changing.directory / "services" / "postgres-haproxy" / "haproxy.cfg"
    wanted = path.read_text()
    path.write_text(wanted.replace("verify required", "verify none"))
    assert changing.changes().get("update") == 1
    changing.up(refresh=True)
    assert path.read_text() == wanted


def test_a_key_that_others_may_read_is_drift(changing: LiveStack, cluster: Cluster) -> None:
    key = changing.directory / "services" / "postgres-1" / "tls" / "server.key"
    key.chmod(0o644)
    assert changing.changes().get("update") == 1
    changing.up(refresh=True)
    assert key.stat().st_mode & 0o777 == 0o600


def test_settings_changed_behind_our_back_are_mended(changing: LiveStack, cluster: Cluster) -> None:
    root = changing.directory
    client = ClientIdentity(root / "ca.crt", root / "admin.crt", root / "admin.key")
    url = f"https://127.0.0.1:{cluster.ports[cluster.leader()] + 1}/config"
    reply = request(client, "PATCH", url, {"postgresql": {"parameters": {"statement_timeout": "0"}}})
    assert reply is not None
    assert reply.ok
    assert changing.changes().get("update") == 1
    changing.up(refresh=True)
    until_setting(changing, [cluster.ports[cluster.leader()]], "statement_timeout", "30s")


def test_a_grant_revoked_and_a_role_changed_by_hand_are_mended(changing: LiveStack) -> None:
    with changing.admin(database="fashion_wallet") as connection:
        connection.execute("REVOKE USAGE ON SCHEMA avatar FROM avatar_service")
        connection.execute("ALTER ROLE catalog_service CREATEROLE")
    assert changing.changes().get("update", 0) >= 2
    changing.up(refresh=True)
    with changing.admin(database="fashion_wallet") as connection:
        usage = connection.execute("SELECT has_schema_privilege('avatar_service', 'avatar', 'USAGE')").fetchone()
        assert usage == (True,)
        role = connection.execute("SELECT rolcreaterole FROM pg_roles WHERE rolname = 'catalog_service'").fetchone()
        assert role == (False,)


def test_a_killed_supervisor_leaves_no_orphans_behind(changing: LiveStack, cluster: Cluster) -> None:
    supervisor = Supervisor(StackDirectory.open(changing.directory))
    os.kill(supervisor.pid(), signal.SIGKILL)
    changing.up(refresh=True)
    cluster.until_whole()
    programs = set(supervisor.running().values())
    orphans = [
        process
        for process in identity.of_stack(changing.directory)
        if process.pid not in programs | {supervisor.pid()}
        and not {parent.pid for parent in process.parents()} & (programs | {supervisor.pid()})
        and process.is_running()
        and process.name() != "postgres"
    ]
    assert orphans == []


def test_passwords_rotate_in_place(changing: LiveStack) -> None:
    before = changing.outputs()["services"]["avatar_service"]
    changing.configure({"passwordGeneration": 2})
    changing.up()
    after = changing.outputs()["services"]["avatar_service"]
    assert before != after
    with psycopg.connect(after) as connection:
        assert connection.execute("SELECT current_user::text").fetchone() == ("avatar_service",)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(before)


def test_the_authority_is_replaced_in_three_updates_while_clients_write(changing: LiveStack, cluster: Cluster) -> None:
    bundle = changing.directory / "ca.crt"
    old = bundle.read_text()
    changing.configure({"tls.caGeneration": 2})
    with Writer(changing.admin) as writer:
        changing.up()
        assert len(x509.load_pem_x509_certificates(bundle.read_bytes())) == 2
        writer.until_written(50)
        changing.up()
        assert old in bundle.read_text()
        writer.until_written(50)
        changing.up()
        assert len(x509.load_pem_x509_certificates(bundle.read_bytes())) == 1
        assert old not in bundle.read_text()
        writer.until_written(50)
        cluster.until_whole()
    assert writer.lost() == []
    certificate = (changing.directory / "services" / "postgres-1" / "tls" / "server.crt").read_text()
    assert not pki.issued_by(certificate, old)
    assert changing.changes() == {}


def test_a_replica_comes_and_goes_only_with_leave(changing: LiveStack) -> None:
    changing.configure({"postgres.replicas": MEMBERS})
    changing.up()
    Cluster.of(changing, MEMBERS + 1).until_whole()

    changing.configure({"postgres.replicas": MEMBERS - 1})
    refused = changing.pulumi("preview")
    assert refused.returncode != 0
    assert f"PatroniMember:postgres-{MEMBERS + 1}" in refused.stdout
    assert "allowDataLoss" in refused.stdout

    changing.configure({"allowDataLoss[0]": f"PatroniMember:postgres-{MEMBERS + 1}"})
    changing.up(refresh=True)
    Cluster.of(changing, MEMBERS).until_whole()
    assert not (changing.directory / "services" / f"postgres-{MEMBERS + 1}").exists()
    changing.configure({"allowDataLoss": None})
    changing.up()


def test_moving_ports_keeps_the_data(changing: LiveStack, cluster: Cluster) -> None:
    with changing.admin() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with MongoSet.of(changing.directory).client() as client:
        client["kept"]["numbers"].insert_one({"_id": 42})
    changing.configure({"local.portBase": changing.port_base + 100})
    moved = changing.with_port_base(changing.port_base + 100)
    try:
        moved.up()
        with moved.admin() as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        Cluster.of(moved, MEMBERS).until_whole()
        replica_set = MongoSet.of(moved.directory)
        assert set(replica_set.ports.values()) == {moved.port_base + 70 + index for index in range(3)}
        replica_set.until_whole()
        with replica_set.client() as client:
            assert client["kept"]["numbers"].find_one() == {"_id": 42}
    finally:
        changing.configure({"local.portBase": changing.port_base})
        changing.up()
    with changing.admin() as connection:
        connection.execute("DROP TABLE kept")
