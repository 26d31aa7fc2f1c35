"""The certificate authority's state machine: nobody ever sees a signature of somebody they don't trust."""

from __future__ import annotations

import datetime as dt

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from localproc import pki, rotation

START = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def advance(state: rotation.AuthorityState, now: dt.datetime, generation: int = 1) -> rotation.AuthorityState:
    return rotation.step(
        state, common_name="test", generation=generation, validity=100 * DAY, renew_before=10 * DAY, now=now
    )


@pytest.fixture
def first() -> rotation.AuthorityState:
    return rotation.begin("test", 1, 100 * DAY, START)


def certificates(bundle: str) -> set[int]:
    return {certificate.serial_number for certificate in x509.load_pem_x509_certificates(bundle.encode())}


def test_nothing_is_due_in_the_middle_of_its_life(first: rotation.AuthorityState) -> None:
    assert advance(first, START + 50 * DAY) is first


def test_a_renewal_is_announced_before_the_new_one_signs(first: rotation.AuthorityState) -> None:
    announced = advance(first, START + 91 * DAY)
    assert announced.active == first.active
    assert announced.upcoming is not None
    assert certificates(announced.upcoming.certificate) < certificates(announced.bundle)

    promoted = advance(announced, START + 91 * DAY)
    assert promoted.active == announced.upcoming
    assert promoted.generation == 2
    assert certificates(first.active.certificate) < certificates(promoted.bundle)
    assert advance(promoted, START + 92 * DAY) is promoted


def test_a_higher_generation_asks_for_a_new_authority(first: rotation.AuthorityState) -> None:
    announced = advance(first, START, generation=5)
    promoted = advance(announced, START, generation=5)
    assert (announced.generation, promoted.generation) == (1, 5)
    assert advance(promoted, START, generation=5) is promoted


def test_an_expired_authority_is_replaced_at_once(first: rotation.AuthorityState) -> None:
    replaced = advance(first, START + 101 * DAY)
    assert replaced.upcoming is None
    assert certificates(replaced.bundle).isdisjoint(certificates(first.bundle))


def test_a_retired_authority_leaves_the_bundle_when_it_has_expired(first: rotation.AuthorityState) -> None:
    promoted = advance(advance(first, START, generation=2), START, generation=2)
    pruned = advance(promoted, START + 100 * DAY, generation=2)
    assert certificates(first.bundle).isdisjoint(certificates(pruned.bundle))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 1)), min_size=1, max_size=8))
def test_who_signs_was_trusted_one_update_earlier_unless_all_had_expired(steps: list[tuple[int, int]]) -> None:
    state, now, generation = rotation.begin("test", 1, 100 * DAY, START), START, 1
    for days, more in steps:
        now, generation = now + days * DAY, generation + more
        before, expired = state, pki.not_after(state.active.certificate) <= now
        state = advance(state, now, generation)
        signer = certificates(state.active.certificate)
        assert signer <= certificates(state.bundle)
        assert expired or signer <= certificates(before.bundle)


def test_a_certificate_never_outlives_its_authority(first: rotation.AuthorityState) -> None:
    issued = pki.issue(first.active, "server", validity=1000 * DAY, now=START)
    assert issued.not_after == first.active.not_after
    assert pki.issued_by(issued.certificate, first.active.certificate)


def test_a_certificate_names_its_hosts(first: rotation.AuthorityState) -> None:
    issued = pki.issue(
        first.active, "server", dns_names=["localhost"], ip_addresses=["127.0.0.1", "::1"], validity=DAY, now=START
    )
    names = x509.load_pem_x509_certificate(issued.certificate.encode()).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in names.value.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_another_authoritys_certificate_is_told_apart(first: rotation.AuthorityState) -> None:
    other = pki.new_authority("test", 100 * DAY, START)
    assert not pki.issued_by(pki.issue(other, "x", validity=DAY, now=START).certificate, first.active.certificate)
    assert not pki.issued_by("nonsense", first.active.certificate)
