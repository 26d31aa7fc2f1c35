"""The certificate authority's state machine: nobody ever sees a signature of somebody they don't trust."""

from __future__ import annotations

import dataclasses
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


def test_the_previous_authority_is_withdrawn_one_update_after_the_new_one_signs(first: rotation.AuthorityState) -> None:
    promoted = advance(advance(first, START, generation=2), START, generation=2)
    withdrawn = advance(promoted, START, generation=2)
    assert withdrawn.active == promoted.active
    assert withdrawn.generation == 2
    assert certificates(withdrawn.bundle) == certificates(promoted.active.certificate)
    assert advance(withdrawn, START, generation=2) is withdrawn


def test_a_rotation_asked_for_during_a_rotation_withdraws_as_well(first: rotation.AuthorityState) -> None:
    promoted = advance(advance(first, START, generation=2), START, generation=2)
    announced = advance(promoted, START, generation=3)
    assert announced.active == promoted.active
    assert announced.upcoming is not None
    assert certificates(first.bundle).isdisjoint(certificates(announced.bundle))
    assert advance(announced, START, generation=3).generation == 3


def test_authorities_that_an_earlier_version_kept_are_withdrawn(first: rotation.AuthorityState) -> None:
    kept = tuple(rotation.begin("test", 1, 100 * DAY, START).active.certificate for _ in range(2))
    assert advance(dataclasses.replace(first, retired=kept), START) == first


def test_a_higher_generation_asks_for_a_new_authority(first: rotation.AuthorityState) -> None:
    announced = advance(first, START, generation=5)
    promoted = advance(announced, START, generation=5)
    assert (announced.generation, promoted.generation) == (1, 5)
    assert advance(promoted, START, generation=5).upcoming is None


def test_an_expired_authority_is_replaced_at_once(first: rotation.AuthorityState) -> None:
    replaced = advance(first, START + 101 * DAY)
    assert replaced.upcoming is None
    assert certificates(replaced.bundle).isdisjoint(certificates(first.bundle))


def test_an_authority_from_the_future_is_replaced_at_once(first: rotation.AuthorityState) -> None:
    early = START - DAY
    replaced = advance(first, early)
    assert (replaced.generation, replaced.upcoming, replaced.retired) == (2, None, ())
    assert pki.not_before(replaced.active.certificate) <= early
    assert certificates(replaced.bundle).isdisjoint(certificates(first.bundle))
    assert advance(replaced, START) is replaced


def test_a_clock_that_was_ahead_by_less_than_the_margin_replaces_nothing(first: rotation.AuthorityState) -> None:
    assert advance(first, START - pki.BACKDATE) is first


def test_an_authority_from_the_future_gives_way_to_an_upcoming_one_that_is_good(
    first: rotation.AuthorityState,
) -> None:
    good = pki.new_authority("test", 100 * DAY, START - 2 * DAY)
    assert advance(dataclasses.replace(first, upcoming=good), START - DAY).active == good


@pytest.mark.parametrize("made", [START + 200 * DAY, START - 200 * DAY], ids=["not yet valid", "expired"])
def test_an_upcoming_authority_that_nobody_accepts_is_replaced_not_promoted(
    first: rotation.AuthorityState, made: dt.datetime
) -> None:
    upcoming = pki.new_authority("test", 100 * DAY, made)
    announced = advance(dataclasses.replace(first, upcoming=upcoming), START)
    assert announced.active == first.active
    assert announced.upcoming not in {None, upcoming}
    assert advance(announced, START).active == announced.upcoming


def test_a_retired_authority_from_the_future_is_withdrawn_like_any_other(first: rotation.AuthorityState) -> None:
    retired = pki.new_authority("test", 100 * DAY, START + 200 * DAY).certificate
    assert advance(dataclasses.replace(first, retired=(retired,)), START) == first


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-60, 60), st.integers(0, 1)), min_size=1, max_size=8))
def test_servers_before_and_after_their_update_trust_each_other(steps: list[tuple[int, int]]) -> None:
    state, now, generation = rotation.begin("test", 1, 100 * DAY, START), START, 1
    for days, more in steps:
        now, generation = now + days * DAY, generation + more
        before = state
        state = advance(state, now, generation)
        old, new = certificates(before.active.certificate), certificates(state.active.certificate)
        assert new <= certificates(state.bundle)
        if pki.not_before(before.active.certificate) <= now < pki.not_after(before.active.certificate):
            assert new <= certificates(before.bundle), "a server that is not updated yet refuses one that is"
            assert old <= certificates(state.bundle), "a server that is updated refuses one that is not yet"
    for _ in range(4):
        state = advance(state, now, generation)
    assert state.bundle == state.active.certificate, "a rotation ends"
    assert advance(state, now, generation) is state


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
