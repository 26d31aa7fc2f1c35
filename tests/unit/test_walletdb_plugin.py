"""The plugin `walletdb` without servers: what it refuses, what it plans, when it renews."""

from __future__ import annotations

import datetime as dt
import socket
import string
from pathlib import Path

import pytest
from cryptography import x509

from localproc import identity, pki, postgres
from localproc.layout import MARKER
from plugins.base.properties import UNKNOWN, Props
from plugins.base.resource import Context
from plugins.walletdb import certificates
from plugins.walletdb.__main__ import provider
from plugins.walletdb.certificates import Certificate, CertificateAuthority
from plugins.walletdb.guard import DataGuard
from plugins.walletdb.passwords import RandomPassword
from plugins.walletdb.servers import Etcd, HAProxy, PatroniCluster, PatroniMember
from tests.fixtures.ports import free_port_base

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
    assert len(tokens) == 21
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


def test_an_organizational_unit_stands_in_the_subject_and_is_optional(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    for more, subject in (
        ({}, "CN=server"),
        ({"organizationalUnit": "mongodb members"}, "CN=server,OU=mongodb members"),
    ):
        inputs = leaf(authority, **more)
        assert Certificate().check({}, inputs, CONTEXT)[1] == []
        _, state = Certificate().create("leaf", inputs, CONTEXT)
        found = x509.load_pem_x509_certificate(state["certPem"].encode())
        assert found.subject.rfc4514_string() == subject
    (failure,) = Certificate().check({}, leaf(authority, organizationalUnit=7), CONTEXT)[1]
    assert failure.property == "organizationalUnit"


def test_a_certificate_that_ends_with_its_authority_is_not_renewed_for_ever(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    clock["now"] = NOW + dt.timedelta(days=995)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ()


@pytest.mark.parametrize("ahead", [dt.timedelta(hours=1), dt.timedelta(days=400)])
def test_what_was_made_while_the_clock_was_ahead_is_made_anew(
    clock: dict[str, dt.datetime], ahead: dt.timedelta
) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    clock["now"] = NOW - ahead
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ("certPem",)
    assert CertificateAuthority().diff("ca", authority, AUTHORITY, AUTHORITY, CONTEXT).changes == ("bundlePem",)

    authority = CertificateAuthority().update("ca", authority, AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    state = Certificate().update("leaf", state, inputs, CONTEXT)
    assert pki.issued_by(state["certPem"], authority["bundlePem"])
    assert pki.not_before(state["certPem"]) <= clock["now"]
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ()
    assert CertificateAuthority().diff("ca", authority, AUTHORITY, AUTHORITY, CONTEXT).changes == ()


def test_a_certificate_from_the_future_is_made_anew_by_an_authority_that_is_good(
    clock: dict[str, dt.datetime],
) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    clock["now"] = NOW + dt.timedelta(days=1)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    clock["now"] = NOW
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ("certPem",)
    assert CertificateAuthority().diff("ca", authority, AUTHORITY, AUTHORITY, CONTEXT).changes == ()


def test_a_clock_that_was_ahead_by_less_than_the_margin_renews_nothing(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs = leaf(authority)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    clock["now"] = NOW - dt.timedelta(minutes=4)
    assert Certificate().diff("leaf", state, inputs, inputs, CONTEXT).changes == ()
    assert CertificateAuthority().diff("ca", authority, AUTHORITY, AUTHORITY, CONTEXT).changes == ()


def test_another_authority_means_another_certificate(clock: dict[str, dt.datetime]) -> None:
    _, authority = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    _, other = CertificateAuthority().create("ca", AUTHORITY, CONTEXT)
    inputs, news = leaf(authority), leaf(other)
    _, state = Certificate().create("leaf", inputs, CONTEXT)
    assert "caCertPem" in Certificate().diff("leaf", state, inputs, news, CONTEXT).changes
    assert pki.issued_by(Certificate().update("leaf", state, news, CONTEXT)["certPem"], other["certPem"])


def test_an_authority_is_replaced_over_three_updates_that_say_what_comes_next(clock: dict[str, dt.datetime]) -> None:
    resource = CertificateAuthority()
    said: list[str] = []
    context = Context(sink=lambda severity, text, _: said.append(f"{severity}: {text}"))
    _, first = resource.create("ca", AUTHORITY, CONTEXT)
    assert resource.diff("ca", first, AUTHORITY, AUTHORITY, CONTEXT).changes == ()
    wanted = {**AUTHORITY, "generation": 2}
    announced = resource.update("ca", first, wanted, context)
    assert announced["certPem"] == first["certPem"]
    assert "the next `up` makes it the one that signs" in said.pop()

    assert resource.diff("ca", announced, wanted, wanted, CONTEXT).changes == ("bundlePem",)
    promoted = resource.update("ca", announced, wanted, context)
    assert promoted["certPem"] == announced["upcomingCertPem"]
    assert first["certPem"] in promoted["bundlePem"]
    assert "the next `up` withdraws the previous one" in said.pop()

    assert resource.diff("ca", promoted, wanted, wanted, CONTEXT).changes == ("bundlePem",)
    withdrawn = resource.update("ca", promoted, wanted, context)
    assert withdrawn["bundlePem"] == withdrawn["certPem"] == promoted["certPem"]
    assert said == []
    assert resource.diff("ca", withdrawn, wanted, wanted, CONTEXT).changes == ()


def test_certificates_stay_as_they_are_when_the_previous_authority_is_withdrawn(clock: dict[str, dt.datetime]) -> None:
    resource, wanted = CertificateAuthority(), {**AUTHORITY, "generation": 2}
    _, first = resource.create("ca", AUTHORITY, CONTEXT)
    promoted = resource.update("ca", resource.update("ca", first, wanted, CONTEXT), wanted, CONTEXT)
    before = leaf(promoted)
    _, state = Certificate().create("leaf", before, CONTEXT)
    after = leaf(resource.update("ca", promoted, wanted, CONTEXT))
    assert Certificate().diff("leaf", state, before, after, CONTEXT).changes == ()


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
    return free_port_base(2)


@pytest.mark.parametrize(
    "changes,said",
    [
        ({"clientPort": "x"}, "clientPort"),
        ({"name": None}, "is missing"),
        ({"cleintPort": 1}, "there is no such input; allowed are: caBundlePem"),
        ({"directory": "relative"}, "is not an absolute path"),
        ({"directory": "/my #1"}, "supervisord cannot"),
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
        moved = etcd(root, 1)
        assert "is in use by pid" in reasons(Etcd().check(moved, news, CONTEXT)[1])  # type: ignore[arg-type]


def test_a_server_keeps_its_ports_unless_another_stack_or_program_took_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where an interrupted run left the server, and the engine has not noted it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        news = etcd(tmp_path, int(server.getsockname()[1]), peerPort=1)
        taken = "is in use by pid"
        assert taken in reasons(Etcd().check(news, news, CONTEXT)[1])  # type: ignore[arg-type]
        monkeypatch.setattr(identity, "belongs", lambda _process, root: root == tmp_path)
        assert Etcd().check(news, news, CONTEXT)[1] == []
        assert taken in reasons(Etcd().check({}, news, CONTEXT)[1])  # type: ignore[arg-type]
        (tmp_path / "services" / "etcd-1").mkdir(parents=True)
        (tmp_path / MARKER).touch()
        assert Etcd().check({}, news, CONTEXT)[1] == []


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
        "maximumLagMs": 1000,
        "certPem": "c",
        "keyPem": "k",
        "caBundlePem": "a",
    }
    assert "members.0.port" in reasons(HAProxy().check({}, news, CONTEXT)[1])  # type: ignore[arg-type]


# PostgreSQL.


def cluster(**changes: object) -> Props:
    return {
        "directory": "/x",
        "scope": "postgres",
        "major": 0,
        "preload": ["pgaudit"],
        "optionalPreload": [],
        **changes,
    }


@pytest.mark.parametrize("kind", [PatroniCluster, PatroniMember])
def test_parameters_that_patroni_would_leave_out_are_refused_by_name(
    kind: type[PatroniCluster | PatroniMember],
) -> None:
    wrong = {"work_memm": "8MB", "work_mem": "banana", "jit": "off", "pgaudit.log": "ddl"}
    failures = kind().check({}, cluster(parameters=wrong), CONTEXT)[1]
    found = {failure.property: failure.reason for failure in failures if failure.property.startswith("parameters.")}
    assert sorted(found) == ["parameters.work_mem", "parameters.work_memm"]
    assert "`fashion-wallet:postgres.parameters.work_mem` = 'banana'" in found["parameters.work_mem"]
    assert "is work_mem meant?" in found["parameters.work_memm"]


@pytest.mark.parametrize(
    "changes",
    [{"bootstrap": False}, {"parameters": UNKNOWN}, {"parameters": {"work_mem": UNKNOWN}}, {"major": 99}],
    ids=["a replica", "unknown", "an unknown one", "not installed"],
)
def test_parameters_are_judged_once_and_where_they_can_be(changes: Props) -> None:
    news = cluster(**{"parameters": {"work_memm": "8MB"}, **changes})
    failures = PatroniMember().check({}, news, CONTEXT)[1]
    assert not [failure for failure in failures if failure.property.startswith("parameters.")]


def test_a_major_that_the_data_are_not_of_is_refused_at_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "_installations", lambda: [postgres.Installation(n, tmp_path) for n in (15, 16)])
    for inside in ("global/pg_control", "base/1/x", "base/5/x"):
        path = tmp_path / "services" / "postgres-1" / "data" / inside
        path.parent.mkdir(parents=True)
        path.touch()
    (tmp_path / "services" / "postgres-1" / "data" / "PG_VERSION").write_text("15\n")
    for major, refused in ((0, False), (15, False), (16, True)):
        news = cluster(directory=str(tmp_path), name="postgres-1", major=major, bootstrap=False)
        failures = PatroniMember().check({}, news, CONTEXT)[1]
        said = [failure.reason for failure in failures if failure.property == "major"]
        assert ["PostgreSQL 16 is wanted, but the data are of PostgreSQL 15" in reason for reason in said] == [
            True
        ] * refused


def test_a_state_that_an_earlier_version_left_can_be_read(tmp_path: Path) -> None:
    """It lacks what that version did not know; the next update brings it."""
    state: Props = {
        "directory": str(tmp_path / "gone"), "name": "h", "listenAddress": "127.0.0.1", "writerPort": 1,
        "readerPort": 2, "members": [], "maximumLagMib": 16, "certPem": "c", "keyPem": "k", "caBundlePem": "a",
    }  # fmt: skip
    assert HAProxy().read("h", state, state, CONTEXT) is None, "its folder is gone"
    new = {**state, "maximumLagMs": 1000, "loadBalancing": "random"}
    assert set(HAProxy().diff("h", {**state, "status": "running"}, state, new, CONTEXT).changes) == {
        "maximumLagMs",
        "loadBalancing",
    }
