"""MongoDB: from recorded answers to the report, and from the report to problems and text. A row for each rule."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.fixtures.mongodb_answers import (
    NOW,
    REPLICA_SET,
    WITH_ARBITER,
    answer,
    answers,
    gone,
    raw_facts,
    raw_hello,
    the_set,
)
from walletdb import report as rep
from walletdb import verdict_mongodb
from walletdb.assemble_mongodb import SetAnswers, lag_of, leader_of, newest, replica_set_report
from walletdb.deadline import Found
from walletdb.errors import ProbeError
from walletdb.probes.mongodb_facts import OpTime, optime, parse_facts, parse_hello
from walletdb.render import health_lines, print_health, print_report
from walletdb.report_mongodb import Cache, Oplog, ReplicaSet
from walletdb.verdict import RULES, find_problems, verdict_of

WELL = the_set("PRIMARY", "SECONDARY", "SECONDARY")


def _report(replica_set: ReplicaSet | None = None) -> rep.Report:
    return rep.Report(
        schema=rep.SCHEMA,
        stack="dev",
        config_file="/d/walletdb.json",
        taken_at="2026-01-01T00:00:00Z",
        duration_s=0.1,
        verdict="ok",
        problems=(),
        clusters=(),
        etcd=(),
        processes=rep.Processes(error=None, denied=False, items=()),
        certificates=(),
        versions={},
        warnings=(),
        replica_sets=(replica_set or replica_set_report(WELL),),
    )


def _of(*states: str | None, **changes: Any) -> rep.Report:
    return _report(replica_set_report(the_set(*states, **changes)))


def _set(**changes: Any) -> rep.Report:
    return _report(dataclasses.replace(replica_set_report(WELL), **changes))


def _member(number: int, **changes: Any) -> rep.Report:
    good = replica_set_report(WELL)
    members = list(good.members)
    members[number] = dataclasses.replace(members[number], **changes)
    return _report(dataclasses.replace(good, members=tuple(members)))


def _oplog(**changes: Any) -> Oplog:
    found = replica_set_report(WELL).members[0].oplog
    assert found is not None
    return dataclasses.replace(found, **changes)


def _cache(used: float, dirty: float) -> Cache:
    return Cache(used_bytes=1, dirty_bytes=1, maximum_bytes=1, used_ratio=used, dirty_ratio=dirty)


def _two_primaries(*terms: int) -> rep.Report:
    good = replica_set_report(WELL)
    first, second, third = good.members
    members = (
        dataclasses.replace(first, term=terms[0]),
        dataclasses.replace(second, state="PRIMARY", term=terms[1]),
        third,
    )
    return _report(dataclasses.replace(good, members=members))


def test_nothing_is_wrong_with_a_good_set() -> None:
    assert find_problems(_report()) == ()


@pytest.mark.parametrize(
    "make,severity,code",
    [
        (lambda: _of(None, "SECONDARY", "SECONDARY"), "critical", "no_primary"),
        (lambda: _two_primaries(1, 1), "critical", "two_primaries"),
        (lambda: _two_primaries(1, 2), "error", "old_primary"),
        (lambda: _of(None, None, "SECONDARY"), "critical", "majority_lost"),
        (lambda: _of("PRIMARY", "SECONDARY", None), "error", "majority_at_risk"),
        (
            lambda: _of("PRIMARY", None, "ARBITER", replica_set=WITH_ARBITER),
            "critical",
            "majority_writes_wait",
        ),
        (lambda: _of("PRIMARY", "SECONDARY", None), "error", "member_unreachable"),
        (lambda: _member(1, facts_error="not let in"), "error", "member_denied"),
        (lambda: _member(1, unheard_by=("mongodb-1",)), "error", "member_unheard"),
        (lambda: _member(1, set_name="other"), "error", "set_name"),
        (lambda: _member(1, set_name=None), "error", "set_name"),
        (lambda: _of("PRIMARY", "RECOVERING", "SECONDARY"), "error", "member_state"),
        (lambda: _of("PRIMARY", "SECONDARY", "SECONDARY", replica_set=WITH_ARBITER), "error", "member_state"),
        (lambda: _member(1, too_stale=True, state="RECOVERING"), "error", "too_stale"),
        (lambda: _member(1, lag_s=10.1), "error", "lag"),
        (lambda: _member(1, oplog=_oplog(wrapped=True, window_h=23.9)), "error", "oplog_short"),
        (lambda: _member(1, clock_offset_ms=1010.0, clock_error_ms=5.0), "error", "clock_skew"),
        (lambda: _member(1, clock_offset_ms=-1010.0, clock_error_ms=5.0), "error", "clock_skew"),
        (lambda: _set(default_write_concern="1"), "error", "default_concerns"),
        (lambda: _set(default_read_concern=None), "error", "default_concerns"),
        (lambda: _set(undeclared_members=("127.0.0.1:9",)), "error", "members_differ"),
        (lambda: _set(missing_members=("mongodb-3",)), "error", "members_differ"),
        (lambda: _set(election_timeout_ms=2000), "error", "election_timeout"),
        (lambda: _member(1, priority=2.0), "error", "priority"),
        (lambda: _member(1, tls_accepted=("TLSv1.2", "TLSv1.3")), "error", "setting_tls"),
        (lambda: _member(1, settings={"tls_mode": "preferTLS"}), "error", "setting_tls_mode"),
        (lambda: _member(1, settings={"cluster_auth_mode": "keyFile"}), "error", "setting_cluster_auth_mode"),
        (lambda: _member(1, settings={"authorization": "disabled"}), "error", "setting_authorization"),
        (lambda: _member(1, journal=False), "error", "setting_journal"),
        (lambda: _member(1, cache=_cache(0.95, 0.0)), "error", "cache_pressure"),
        (lambda: _member(1, cache=_cache(0.5, 0.2)), "error", "cache_pressure"),
        (lambda: _member(1, connections={"current": 91, "available": 9}), "error", "connections_low"),
        (lambda: _member(1, disk_used_bytes=91, disk_total_bytes=100), "error", "disk_full"),
        (lambda: _member(1, validators_refused=2), "notice", "validators_refused"),
        (lambda: _member(1, version="6.0.6"), "notice", "mixed_versions"),
        (lambda: _of("PRIMARY", "SECONDARY", "ARBITER", replica_set=WITH_ARBITER), "notice", "arbiter"),
        (lambda: _member(1, data_encrypted=False, data_encryption="plain"), "notice", "data_not_encrypted"),
    ],
)
def test_each_rule_fires(make: Callable[[], rep.Report], severity: str, code: str) -> None:
    problems = find_problems(make())
    assert (severity, code) in {(problem.severity, problem.code) for problem in problems}
    assert all(problem.text and problem.part and problem.fix for problem in problems)
    expected = {"critical": "down", "error": "degraded", "notice": "ok"}[problems[0].severity]
    assert verdict_of(problems) == expected


def test_files_of_an_older_release_are_a_notice() -> None:
    good = replica_set_report(WELL)
    members = tuple(dataclasses.replace(one, compatibility_version="5.0") for one in good.members)
    codes = [problem.code for problem in find_problems(_report(dataclasses.replace(good, members=members)))]
    assert codes == ["compatibility_version"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: _member(1, lag_s=10.0),
        lambda: _member(1, oplog=_oplog(wrapped=False, window_h=0.1)),
        lambda: _member(1, oplog=_oplog(wrapped=True, window_h=24.0)),
        lambda: _member(1, clock_offset_ms=1004.0, clock_error_ms=5.0),
        lambda: _member(1, cache=_cache(0.949, 0.199)),
        lambda: _member(1, connections={"current": 90, "available": 10}),
        lambda: _member(1, disk_used_bytes=90, disk_total_bytes=100),
        lambda: _member(1, validators_refused=0),
        lambda: _member(1, data_encrypted=True, data_encryption="dm-crypt"),
    ],
)
def test_at_the_limit_nothing_fires(make: Callable[[], rep.Report]) -> None:
    assert find_problems(make()) == ()


def test_every_rule_says_what_it_is_for_and_is_registered() -> None:
    assert all(rule.__doc__ for rule in verdict_mongodb.RULES)
    assert set(verdict_mongodb.RULES) <= set(RULES)


def test_a_good_set_in_the_report() -> None:
    found = replica_set_report(WELL)
    assert [member.state for member in found.members] == ["PRIMARY", "SECONDARY", "SECONDARY"]
    assert (found.primary, found.term, found.primary_since) == ("mongodb-1", 1, "2026-01-01T12:00:00Z")
    assert (found.votes, found.votes_alive, found.votes_needed) == (3, 3, 2)
    assert (found.data_members_alive, found.acknowledgements_needed) == (3, 2)
    assert found.elections == {"stepUpCmd": 3, "electionTimeout": 6}
    assert found.refused_writes == {"designs": 4}
    first, second, _ = found.members
    assert (first.lag_s, second.lag_s, second.sync_source) == (None, 0.0, "mongodb-1")
    assert first.oplog is not None
    assert (first.oplog.window_h, first.oplog.wrapped, first.oplog.retention_h) == (1.0, False, 24.0)
    assert first.cache is not None
    assert (first.cache.used_ratio, first.cache.dirty_ratio) == (0.1, 0.01)
    assert first.connections == {"current": 8, "available": 15992, "totalCreated": 20}
    assert first.network == {"bytesIn": 5, "bytesOut": 6, "numRequests": 7}
    assert first.latency_mean_ms == {"reads": 1.5}
    assert (first.collection_scans, first.resident_mib, first.page_faults) == (15, 143, 3)
    assert (first.disk_used_bytes, first.disk_total_bytes) == (10, 100)
    assert (first.tls_accepted, first.journal, first.validators_refused) == (("TLSv1.3",), True, 0)


def test_an_arbiter_votes_and_counts_for_no_write() -> None:
    found = replica_set_report(the_set("PRIMARY", "SECONDARY", "ARBITER", replica_set=WITH_ARBITER))
    assert (found.votes_alive, found.data_members_alive, found.acknowledgements_needed) == (3, 2, 2)
    arbiter = found.members[2]
    assert (arbiter.state, arbiter.facts_error, arbiter.lag_s, arbiter.oplog) == ("ARBITER", None, None, None)


def test_a_dead_member_is_shown_as_the_others_see_it() -> None:
    member = replica_set_report(the_set("PRIMARY", "SECONDARY", None)).members[2]
    assert (member.state, member.state_seen) == (None, "not reachable/healthy")
    assert (member.unheard_by, member.message) == (("mongodb-1", "mongodb-2"), "Connection refused")
    assert member.priority == 1


def test_a_member_that_says_no_more_than_its_state_still_votes() -> None:
    hello = parse_hello({**raw_hello("", 23), "secondary": False})
    third = answer(REPLICA_SET.members[2], hello, None, "no answer within 3 s")
    found = replica_set_report(SetAnswers(replica_set=REPLICA_SET, members=(*WELL.members[:2], third)))
    assert (found.votes_alive, found.data_members_alive) == (3, 2)
    codes = {problem.code for problem in find_problems(_report(found))}
    assert codes == {"member_denied", "member_state"}


def test_of_two_primaries_the_later_elected_leads() -> None:
    first = answers("PRIMARY", REPLICA_SET.members[0], term=1)
    second = answers("PRIMARY", REPLICA_SET.members[1], term=2)
    lead = leader_of(SetAnswers(replica_set=REPLICA_SET, members=(first, second)))
    assert lead is second


def test_a_member_that_was_never_added_belongs_to_no_set() -> None:
    alone = {**raw_facts("SECONDARY", 23), "replSetGetStatus": None, "replSetGetConfig": None, "oplog": None}
    hello = parse_hello({"isWritablePrimary": False, "secondary": False, "localTime": NOW})
    third = answer(REPLICA_SET.members[2], hello, parse_facts(alone))
    found = replica_set_report(SetAnswers(replica_set=REPLICA_SET, members=(*WELL.members[:2], third)))
    assert (found.members[2].state, found.members[2].set_name, found.votes_alive) == ("STARTUP", None, 2)


@pytest.mark.parametrize(
    "behind_s,waited,expected",
    [
        (0, None, 0.0),
        (30, None, 30.0),
        (30, Found(value=0.25), 0.25),
        (30, Found(value=None), 30.0),
        (30, Found(error="gone"), 30.0),
    ],
)
def test_lag(behind_s: int, waited: Found[float | None] | None, expected: float) -> None:
    late = dataclasses.replace(answers("SECONDARY", REPLICA_SET.members[1], behind_s=behind_s), waited=waited)
    found = SetAnswers(replica_set=REPLICA_SET, members=(WELL.members[0], late, WELL.members[2]))
    assert lag_of(late, found) == expected


def test_without_a_primary_the_member_that_is_ahead_counts() -> None:
    late = answers("SECONDARY", REPLICA_SET.members[1], behind_s=5, primary=None)
    ahead = answers("SECONDARY", REPLICA_SET.members[2], primary=None)
    found = SetAnswers(replica_set=REPLICA_SET, members=(gone(REPLICA_SET.members[0]), late, ahead))
    assert newest(found) == ahead.applied
    assert lag_of(late, found) == 5.0


def test_places_in_the_oplog_are_ordered_by_term_first() -> None:
    assert OpTime(2, 10, 1) > OpTime(1, 99, 9)
    assert optime({"ts": None}) is None
    assert optime(None) is None


def test_an_oplog_that_was_full_has_wrapped() -> None:
    facts = raw_facts("PRIMARY", 21)
    for size, truncations, wrapped in ((1, 0, False), (60_000_000, 0, True), (1, 3, True)):
        facts["oplog"]["size"] = size
        facts["serverStatus"]["oplogTruncation"]["truncateCount"] = truncations
        first = answer(REPLICA_SET.members[0], parse_hello(raw_hello("PRIMARY")), parse_facts(facts))
        found = replica_set_report(SetAnswers(replica_set=REPLICA_SET, members=(first, *WELL.members[1:])))
        assert found.members[0].oplog is not None
        assert found.members[0].oplog.wrapped is wrapped


@pytest.mark.parametrize(
    "option,accepted",
    [
        ("TLS1_0,TLS1_1", ("TLSv1.2", "TLSv1.3")),
        ("none", ("TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3")),
        (None, ("TLSv1.2", "TLSv1.3")),
    ],
)
def test_tls_versions_that_clients_may_use(option: str | None, accepted: tuple[str, ...]) -> None:
    facts = raw_facts("PRIMARY", 21)
    facts["getCmdLineOpts"]["parsed"]["net"]["tls"] = {} if option is None else {"disabledProtocols": option}
    assert parse_facts(facts).settings.tls_accepted == accepted


def test_a_stale_member_is_told_by_its_status() -> None:
    facts = raw_facts("RECOVERING", 22)
    facts["replSetGetStatus"]["tooStale"] = True
    status = parse_facts(facts).status
    assert status is not None
    assert status.too_stale


@pytest.mark.parametrize("command", ["serverStatus", "getCmdLineOpts", "replSetGetStatus"])
def test_other_answers_are_errors(command: str) -> None:
    with pytest.raises(ProbeError, match="unexpected answer from mongod"):
        parse_facts({**raw_facts("PRIMARY", 21), command: {"ok": 1}})


def test_health_has_a_line_for_each_part() -> None:
    report = _of("PRIMARY", "SECONDARY", None)
    lines = health_lines(dataclasses.replace(report, problems=find_problems(report)))
    assert [(state, part) for state, part, _ in lines] == [
        ("degraded", "mongodb"),
        ("degraded", "mongodb/mongodb-3"),
        ("ok", "mongodb/mongodb-1"),
        ("ok", "mongodb/mongodb-2"),
    ]


def test_text_shows_the_set() -> None:
    stream = io.StringIO()
    report = _of("PRIMARY", "SECONDARY", None)
    print_report(dataclasses.replace(report, problems=find_problems(report)), stream)
    print_health(report, stream)
    text = stream.getvalue()
    for wanted in (
        "Replica set mongodb (database fashion-wallet-main, 2 of 3 votes, 2 needed",
        "concerns: write majority, read majority",
        "no answer (others: not reachable/healthy)",
        "1.0 h so far",
        "requireTLS",
        "Writes refused by validators of mongodb",
    ):
        assert wanted in text
    assert all(line == line.rstrip() for line in text.splitlines())


def test_json_has_only_plain_values() -> None:
    found = json.loads(json.dumps(rep.to_json(_report())))
    assert found["schema"] == 1
    assert found["replica_sets"][0]["members"][1]["lag_s"] == 0.0


def test_a_moment_is_in_utc() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    facts = raw_facts("PRIMARY", 21)
    facts["replSetGetStatus"]["optimes"]["lastAppliedWallTime"] = NOW.astimezone(zone)
    first = answer(REPLICA_SET.members[0], parse_hello(raw_hello("PRIMARY")), parse_facts(facts))
    found = replica_set_report(SetAnswers(replica_set=REPLICA_SET, members=(first, *WELL.members[1:])))
    assert found.members[0].applied_at == "2026-01-01T12:00:00Z"
