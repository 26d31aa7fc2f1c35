"""The plugin `walletdb` without servers: what it refuses, what it plans, when it renews."""

from __future__ import annotations

import datetime as dt
import socket
import string
from pathlib import Path

import pytest

from localproc import pki
from localproc.layout import MARKER
from plugins.base.properties import UNKNOWN, Props
from plugins.base.resource import Context
from plugins.walletdb import certificates
from plugins.walletdb.__main__ import provider
from plugins.walletdb.certificates import Certificate, CertificateAuthority
from plugins.walletdb.guard import DataGuard
from plugins.walletdb.passwords import RandomPassword
from plugins.walletdb.servers import Etcd, HAProxy

CONTEXT = Context()
NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
AUTHORITY: Props = {"commonName": "test", "validityDays": 1000, "renewBeforeDays": 100, "generation": 1}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, dt.datetime]:
    """The time that certificates are judged by."""
    moment = {"now": NOW}
    monkeypatch.setattr(certificates, "_now", lambda: moment["now"])
    return moment


def reasons(failures: list[object]) -> str:
    return "; ".join(str(failure) for failure in failures)


def test_every_resource_type_is_served_once() -> None:
    tokens = sorted(provider().resources)
    assert len(tokens) == 12
    assert all(token.startswith("walletdb:index:") for token in tokens)


# Certificates.


def leaf(authority: Props, **changes: object) -> Props:
    return {
        "caCertPem": authority["certPem"],
        "caKeyPem": authority["keyPem"],
        "commonName": "server",
        "dnsNames": ["localhost"],
        "ipAddresses": ["127.0.0.1"],
        "validityDays": 90,
        "renewBeforeDays": 30,
        **changes,
    }


def test_a_certificate_is_renewed_before_its_end_and_not_sooner(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    clock["now"] = NOW + dt.timedelta(days=59)
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ()
    clock["now"] = NOW + dt.timedelta(days=61)
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ("certPem",)
    renewed = Certificate().update("leaf", state, inputs, CONTEXT)
    assert pki.not_after(renewed["certPem"]) > pki.not_after(state["certPem"])
    assert Certificate().diff("leaf", renewed, inputs, inputs, CONTEXT).changes == ()


def test_a_certificate_that_ends_with_its_authority_is_not_renewed_for_ever(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    clock["now"] = NOW + dt.timedelta(days=995)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ()


def test_a_clock_that_jumped_back_renews_nothing(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    clock["now"] = NOW - dt.timedelta(days=400)
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ()
    assert CertificateAuthority().diff("ca", authority, AUTHORITY, AUTHORITY, CONTEXT).changes == ()


def test_another_authority_means_another_certificate(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    _, other = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs, news = leaf(authority), leaf(other)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    assert "caCertPem" in Certificate().diff("leaf", state, inputs, news, CONTEXT).changes
    assert pki.issued_by(Certificate().update("leaf", state, news, CONTEXT)["certPem"], other["certPem"])


def test_an_authority_is_replaced_over_two_updates(clock: dict[str, dt.datetime]) -> None:
    resource = CertificateAuthority()
    _, first = resource.create("ca", AUTHORITY, CONTEXT)
    assert resource.diff("ca", first, AUTHORITY, AUTHORITY, CONTEXT).changes == ()
    wanted = {**AUTHORITY, "generation": 2}
    announced = resource.update("ca", first, wanted, CONTEXT)
    assert announced["certPem"] == first["certPem"]
    assert "bundlePem" in resource.diff("ca", announced, wanted, wanted, CONTEXT).changes
    promoted = resource.update("ca", announced, wanted, CONTEXT)
    assert promoted["certPem"] == announced["upcomingCertPem"]
    assert resource.diff("ca", promoted, wanted, wanted, CONTEXT).changes == ()


@pytest.mark.parametrize(
    "changes,said",
    [
        ({"validityDays": "90"}, "must be a int, got str"),
        ({"validityDays": 30, "renewBeforeDays": 30}, "renewed for ever"),
        ({"comonName": "x"}, "there is no such input"),
        ({"commonName": None}, "must be a str"),
    ],
)
def test_a_wrong_certificate_is_refused(changes: Props, said: str) -> None:
    news = {**leaf({"certPem": "c", "keyPem": "k"}), **changes}
    assert said in reasons(Certificate().check({}, news, CONTEXT)[1])  # type: ignore[arg-type]


def test_unknown_authorities_are_no_fault_at_preview() -> None:
    news = leaf({"certPem": UNKNOWN, "keyPem": UNKNOWN})
    assert Certificate().check({}, news, CONTEXT)[1] == []


# Passwords.


def test_passwords_are_long_random_and_safe_in_a_url() -> None:
    made = [RandomPassword().create("p", {"length": 40}, CONTEXT)[1]["result"] for _ in range(50)]
    assert len(set(made)) == 50
    assert {len(password) for password in made} == {40}
    assert set("".join(made)) <= set(string.ascii_letters + string.digits + "-_")
    assert "result" in RandomPassword.secrets


def test_a_new_generation_is_a_new_password_in_place() -> None:
    old, new = {"length": 40, "generation": 1}, {"length": 40, "generation": 2}
    _, state = RandomPassword().create("p", old, CONTEXT)
    diff = RandomPassword().diff("p", state, old, new, CONTEXT)
    assert (diff.changes, diff.replaces) == (("generation",), ())
    assert RandomPassword().update("p", state, new, CONTEXT)["result"] != state["result"]
    assert RandomPassword().diff("p", state, old, old, CONTEXT).changes == ()


@pytest.mark.parametrize("length", [31, 0, None, "40", 40.5])
def test_short_passwords_are_refused(length: object) -> None:
    assert "from 32 on" in reasons(RandomPassword().check({}, {"length": length}, CONTEXT)[1])  # type: ignore[arg-type]


# The guard.


def test_the_guard_names_what_is_gone_and_what_would_be_replaced() -> None:
    olds = {"stateful": {"a": "1", "b": "1", "c": "1"}, "allow": []}
    news = {"stateful": {"a": "1", "b": "2", "d": "1"}, "allow": []}
    assert DataGuard().check(olds, news, CONTEXT)[0]["lost"] == ["b", "c"]
    assert DataGuard().check({}, news, CONTEXT)[0]["lost"] == []


def test_what_an_allowed_loss_leaves_is_no_change() -> None:
    old = {"stateful": {"a": "1"}, "allow": [], "lost": ["b"]}
    new = {"stateful": {"a": "1"}, "allow": [], "lost": []}
    assert DataGuard().diff("g", old, old, new, CONTEXT).changes == ()


def test_a_guard_that_cannot_know_refuses() -> None:
    assert DataGuard().check({}, {"stateful": {"a": UNKNOWN}, "allow": []}, CONTEXT)[1] != []


# Servers.


def etcd(directory: Path, port: int, **changes: object) -> Props:
    return {
        "directory": str(directory),
        "name": "etcd-1",
        "listenAddress": "127.0.0.1",
        "clientPort": port,
        "peerPort": port + 1,
        "certPem": "c",
        "keyPem": "k",
        "caBundlePem": "a",
        **changes,
    }


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize(
    "changes,said",
    [
        ({"clientPort": "x"}, "clientPort"),
        ({"name": None}, "is missing"),
        ({"cleintPort": 1}, "there is no such input; allowed are: caBundlePem"),
        ({"directory": "relative"}, "is not an absolute path"),
        ({"directory": "/" + "x" * 80}, "at most 75 leave room for the Unix sockets"),
    ],
)
def test_wrong_inputs_are_refused_by_name(tmp_path: Path, port: int, changes: Props, said: str) -> None:
    assert said in reasons(Etcd().check({}, {**etcd(tmp_path, port), **changes}, CONTEXT)[1])  # type: ignore[arg-type]


def test_unknown_inputs_are_not_judged(port: int) -> None:
    news = etcd(Path("/x"), port, certPem=UNKNOWN, keyPem=UNKNOWN, caBundlePem=UNKNOWN)
    assert Etcd().check({}, news, CONTEXT)[1] == []


def test_a_taken_port_is_refused_only_when_it_is_needed_anew(tmp_path: Path) -> None:
    root = tmp_path if len(str(tmp_path)) < 70 else Path("/x")
    with socket.create_server(("127.0.0.1", 0)) as server:
        news = etcd(root, int(server.getsockname()[1]))
        assert "is in use by pid" in reasons(Etcd().check({}, news, CONTEXT)[1])  # type: ignore[arg-type]
        assert Etcd().check(news, news, CONTEXT)[1] == [], "it is this server's own"
        moved = etcd(root, 1)
        assert "is in use by pid" in reasons(Etcd().check(moved, news, CONTEXT)[1])  # type: ignore[arg-type]


def test_what_an_interrupted_run_left_is_taken_up(tmp_path: Path) -> None:
    (tmp_path / "s" / "services" / "etcd-1").mkdir(parents=True)
    (tmp_path / "s" / MARKER).touch()
    with socket.create_server(("127.0.0.1", 0)) as server:
        news = etcd(tmp_path / "s", int(server.getsockname()[1]))
        failures = reasons(Etcd().check({}, news, CONTEXT)[1])  # type: ignore[arg-type]
        assert "in use" not in failures


def test_identity_never_changes_and_nothing_is_ever_replaced(port: int) -> None:
    olds, news = etcd(Path("/x"), port), etcd(Path("/y"), port)
    assert "the data would be left behind" in reasons(Etcd().check(olds, news, CONTEXT)[1])  # type: ignore[arg-type]
    diff = Etcd().diff("etcd-1", {"status": "running"}, olds, news, CONTEXT)
    assert diff.replaces == ()


def test_drift_is_an_update(port: int) -> None:
    props = etcd(Path("/x"), port)
    assert Etcd().diff("etcd-1", {"status": "running"}, props, props, CONTEXT).changes == ()
    assert Etcd().diff("etcd-1", {"status": "stopped: fatal"}, props, props, CONTEXT).changes == ("status",)


def test_members_are_checked_to_their_fields() -> None:
    news = {
        "directory": "/x",
        "name": "ha",
        "listenAddress": "127.0.0.1",
        "writerPort": 1,
        "readerPort": 2,
        "members": [{"name": "pg-1", "host": "127.0.0.1", "port": "nine", "restPort": 3}],
        "maximumLagMib": 16,
        "certPem": "c",
        "keyPem": "k",
        "caBundlePem": "a",
    }
    assert "members.0.port" in reasons(HAProxy().check({}, news, CONTEXT)[1])  # type: ignore[arg-type]
