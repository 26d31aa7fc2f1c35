"""The rehearsal's servers and emulators: they come up, know each other, and go without leaving anything."""

import json
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import requests
from pymongo import MongoClient
from requests.auth import HTTPDigestAuth

from rehearsal.aws_account import AwsAccount
from rehearsal.environment import CREDENTIALS
from rehearsal.errors import RehearsalError
from rehearsal.kubernetes_server import KubernetesServer
from rehearsal.world import World, scratch, world

pytestmark = pytest.mark.live

CONTEXT = "a-context"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def up() -> Iterator[World]:
    """Everything, once for all tests here."""
    with scratch(None, keep=False) as place:
        with world(place.folder, CONTEXT) as running:
            yield running
            pids = [process.popen.pid for process in running.processes.started]
        assert pids
        assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert not place.folder.exists()


@pytest.fixture(scope="module")
def described(up: World) -> dict[str, dict[str, object]]:
    """What `servers.json` says."""
    found: dict[str, dict[str, object]] = json.loads((up.folder / "servers.json").read_text())
    return found


def test_replicas_stream_and_refuse_to_be_written(up: World) -> None:
    with up.servers.primary.connect() as connection:
        connection.execute("CREATE TABLE seen (id int)")
        connection.execute("INSERT INTO seen VALUES (1)")
        end = connection.execute("SELECT pg_current_wal_lsn()").fetchone()
    for replica in up.servers.replicas:
        with replica.connect() as connection:
            while connection.execute("SELECT pg_last_wal_replay_lsn() >= %s", end).fetchone() != (True,):
                pass
            assert connection.execute("SELECT count(*) FROM seen").fetchone() == (1,)
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                connection.execute("DELETE FROM seen")


def test_postgresql_takes_nothing_below_tls_1_3(up: World) -> None:
    primary = up.servers.primary
    for options in ({"sslmode": "disable"}, {"sslmode": "require", "ssl_max_protocol_version": "TLSv1.2"}):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(host=primary.address, user="postgres", password=primary.password, **options)


def test_mongodb_is_a_set_of_three_behind_a_login(up: World, described: dict[str, dict[str, object]]) -> None:
    with MongoClient(str(described["mongodb"]["admin_uri"])) as client:
        states = [member["stateStr"] for member in client.admin.command("replSetGetStatus")["members"]]
        assert sorted(states) == ["PRIMARY", "SECONDARY", "SECONDARY"]
    context = ssl.create_default_context(cafile=str(up.servers.certificates.ca_file))
    assert context.cert_store_stats()["x509_ca"] >= 1


def test_every_server_has_an_address_of_its_own(described: dict[str, dict[str, object]]) -> None:
    postgres, mongodb = described["postgres"], described["mongodb"]
    replicas, members = postgres["replicas"], mongodb["members"]
    assert isinstance(replicas, list)
    assert isinstance(members, list)
    addresses = [postgres["primary"], *replicas, described["timescale"]["primary"], *members]
    assert len(set(map(str, addresses))) == 7
    assert all(str(address).startswith("127.") for address in addresses)


def test_kubernetes_knows_the_operators_resources_and_checks_them(up: World) -> None:
    server: KubernetesServer = up.kubernetes
    kinds = {each["kind"] for each in server.get("/apis/postgresql.cnpg.io/v1")["resources"]}
    assert {"Cluster", "Pooler", "ScheduledBackup"} <= kinds
    for group in ("barmancloud.cnpg.io/v1", "monitoring.coreos.com/v1"):
        assert server.get(f"/apis/{group}")["resources"]
    wrong = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "x"},
        "spec": {"minAvailabel": 1},
    }
    with pytest.raises(RehearsalError, match="minAvailabel"):
        server.apply("/apis/policy/v1/namespaces/default/poddisruptionbudgets/x", wrong)
    kubeconfig = json.loads((up.folder / "kubeconfig").read_text())
    assert kubeconfig["contexts"][0]["name"] == CONTEXT
    assert (up.folder / "kubeconfig").stat().st_mode & 0o077 == 0


def test_aws_starts_empty_but_for_its_defaults(up: World) -> None:
    account = AwsAccount(up.aws.url, ("eu-central-1", "eu-west-1"))
    before = account.inventory()
    assert not {kind for kind, _ in before} & {"rds instance", "bucket", "kms key", "alarm", "secret", "role"}
    key = account.make_state_key("alias/test", "eu-central-1")
    made = account.inventory() - before
    assert made == {("kms key", f"eu-central-1 {key}"), ("kms alias", "eu-central-1 alias/test")}


def test_atlas_wants_a_key_and_has_no_project(up: World) -> None:
    url = f"{up.atlas.url}/api/atlas/v2/groups/0123456789abcdef01234567"
    media = {"Accept": "application/vnd.atlas.2023-01-01+json"}
    assert requests.get(url, headers=media, timeout=5).status_code == 401
    keys = HTTPDigestAuth(CREDENTIALS["MONGODB_ATLAS_PUBLIC_KEY"], CREDENTIALS["MONGODB_ATLAS_PRIVATE_KEY"])
    answer = requests.get(url, auth=keys, headers=media, timeout=5)
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "GROUP_NOT_FOUND")


def test_nobody_else_reads_what_has_passwords(up: World) -> None:
    for path in ("servers.json", "logs", "kept"):
        assert (Path(up.folder) / path).stat().st_mode & 0o077 == 0, path


def test_an_interrupted_rehearsal_leaves_nothing() -> None:
    folder = Path(tempfile.mkdtemp(prefix="fw-rehearsal-test-", dir="/tmp"))  # the servers' user must reach it
    command = [sys.executable, "-u", "-m", "rehearsal", "--directory", str(folder), "--only", "preview"]
    rehearsal = psutil.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        shown = ""
        while " servers " not in shown:
            line = rehearsal.stdout.readline()
            assert line, f"it ended before its servers were up:\n{shown}"
            shown += line
        started = rehearsal.children(recursive=True)
        assert len(started) > 8
        rehearsal.send_signal(signal.SIGINT)
        shown += rehearsal.stdout.read()
        assert rehearsal.wait(60) == 130, shown
    finally:
        if rehearsal.poll() is None:
            rehearsal.kill()
        rehearsal.stdout.close()
    assert "was interrupted" in shown
    assert not folder.exists()
    _, alive = psutil.wait_procs(started, timeout=15)
    assert alive == []
