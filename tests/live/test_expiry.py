"""Certificates that have run out: nothing can talk any more, and the next update gives everybody new ones."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localproc import pki
from localproc.etcd import Etcd
from localproc.layout import Owner, StackDirectory
from localproc.patroni import PatroniMember
from localproc.supervisor import Supervisor
from localproc.waiting import Waiter
from tests.fixtures.live_stack import PROJECT
from tests.fixtures.ports import free_port_base

pytestmark = pytest.mark.live

LIFE = dt.timedelta(seconds=25)
DAY = dt.timedelta(days=1)


@pytest.fixture
def directory() -> Iterator[StackDirectory]:
    """A stack's folder with a supervisor, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="fw-", dir="/tmp"))
    home.chmod(0o755)
    made = StackDirectory.create(home / "stack", "expiry", Owner.resolve("postgres"))
    supervisor = Supervisor(made)
    supervisor.configure()
    supervisor.start(Waiter.within(30))
    yield made
    boot = [sys.executable, "-m", "localproc.boot", "--remove", str(made.root)]
    subprocess.run(boot, cwd=PROJECT, check=False, timeout=120)
    shutil.rmtree(home, ignore_errors=True)


def servers(
    directory: StackDirectory, base: int, authority: pki.Issued, life: dt.timedelta
) -> tuple[Etcd, PatroniMember]:
    """A store and a lone member, with certificates that live so long."""

    def issue(name: str) -> pki.Issued:
        now = dt.datetime.now(dt.UTC)
        return pki.issue(authority, name, dns_names=["localhost"], ip_addresses=["127.0.0.1"], validity=life, now=now)

    etcd, member, replicator = issue("etcd-1"), issue("pg-1"), issue("replicator")
    common = {"directory": str(directory.root), "listen_address": "127.0.0.1", "ca_bundle_pem": authority.certificate}
    store = Etcd(
        **common, name="etcd-1", client_port=base, peer_port=base + 1, cert_pem=etcd.certificate, key_pem=etcd.key
    )
    return store, PatroniMember(
        **common,
        scope="pg",
        name="pg-1",
        bootstrap=True,
        port=base + 20,
        rest_port=base + 21,
        etcd_endpoint=store.endpoint,
        major=0,
        data_checksums=True,
        ttl_s=20,
        loop_wait_s=1,
        retry_timeout_s=3,
        maximum_lag_on_failover_mib=1,
        synchronous_standbys=0,
        minimum_tls_version="TLSv1.3",
        preload=[],
        optional_preload=[],
        parameters={},
        cert_pem=member.certificate,
        key_pem=member.key,
        replication_cert_pem=replicator.certificate,
        replication_key_pem=replicator.key,
    )


def test_servers_with_expired_certificates_take_up_new_ones(directory: StackDirectory) -> None:
    authority = pki.new_authority("expiry", 10 * DAY, dt.datetime.now(dt.UTC))
    base = free_port_base()
    for lifetime in (DAY, LIFE):  # a slow machine may need longer than LIFE to start them
        for server in servers(directory, base, authority, lifetime):
            server.ensure(Waiter.within(60))
    _, member = servers(directory, base, authority, LIFE)
    data = member.data(directory)
    identifier = (data / "global" / "pg_control").read_bytes()[:8]

    deadline = time.monotonic() + 60
    while member.rest(directory, "GET", "/patroni") is not None:
        assert time.monotonic() < deadline, "an expired certificate is still accepted"
        time.sleep(1)

    for server in servers(directory, base, authority, DAY):
        server.ensure(Waiter.within(90))
        assert server.condition() == "running"
    assert (data / "global" / "pg_control").read_bytes()[:8] == identifier, "the data is the same"
