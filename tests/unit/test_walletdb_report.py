"""From answers to report, from report to problems, and from both to text. One row for each rule."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from walletdb import report as rep
from walletdb.assemble import ClusterAnswers, MemberAnswers, cluster_report, lag_of, member_at
from walletdb.config import Cluster, HostPort, Member
from walletdb.deadline import Found
from walletdb.probes.patroni import ClusterView, MemberView, NodeView
from walletdb.probes.postgres import EndpointView, ServerView, Standby
from walletdb.probes.storage import Encryption
from walletdb.render import health_lines, print_health, print_report
from walletdb.verdict import RULES, find_problems, verdict_of

HERE = "127.0.0.1"
CLUSTER = Cluster(
    name="postgres",
    scope="postgres",
    database="fashion_wallet",
    writer=HostPort(host=HERE, port=10),
    reader=HostPort(host=HERE, port=11),
    pooler=None,
    members=tuple(
        Member(name=f"postgres-{number}", host=HERE, port=20 + number, rest_url=f"https://{HERE}:3{number}")
        for number in (1, 2, 3)
    ),
    synchronous_standbys=1,
    maximum_lag_ms=1000,
    reader_max_lag_mib=16,
)
LEADER = ServerView(
    in_recovery=False,
    version="15.18",
    timeline=1,
    system_identifier="7",
    tls_version="TLSv1.3",
    cipher="TLS_AES_256_GCM_SHA384",
    data_directory="/d",
    settings={
        "data_checksums": "on",
        "ssl_min_protocol_version": "TLSv1.3",
        "password_encryption": "scram-sha-256",
    },
    pending_restart=(),
    lsn=1000,
    standbys=(
        Standby(name="postgres-2", state="streaming", sync_state="sync"),
        Standby(name="postgres-3", state="streaming", sync_state="async"),
    ),
)
REPLICA = dataclasses.replace(
    LEADER,
    in_recovery=True,
    lsn=None,
    standbys=(),
    received=1000,
    replayed=1000,
    replay_age_s=3600.0,
    receiver="streaming",
)
NODE = NodeView(
    state="running", role="replica", timeline=1, replication_state=None, pending_restart=(), patroni_version="4.1.5"
)
VIEW = ClusterView(
    members=(
        MemberView(name="postgres-1", role="leader", state="running"),
        MemberView(name="postgres-2", role="sync_standby", state="streaming"),
        MemberView(name="postgres-3", role="replica", state="streaming"),
    )
)


def _answers(*servers: ServerView | str, view: ClusterView = VIEW) -> ClusterAnswers:
    """Three members' answers; a string is the error instead."""

    def member(number: int, server: ServerView | str) -> MemberAnswers:
        sql: Found[Any] = Found(error=server) if isinstance(server, str) else Found(value=(server, None))
        return MemberAnswers(
            member=CLUSTER.members[number],
            sql=sql,
            rest=Found(value=(NODE, None)),
            view=Found(value=view),
            encryption=Encryption(encrypted=True, how="dm-crypt"),
        )

    def endpoint(port: int, *, in_recovery: bool) -> Found[Any]:
        seen = EndpointView(
            host=HERE,
            port=port,
            in_recovery=in_recovery,
            tls_version="TLSv1.3",
            cipher="c",
            timescaledb_available=False,
            timescaledb_installed=None,
        )
        return Found(value=(seen, None))

    return ClusterAnswers(
        cluster=CLUSTER,
        members=tuple(member(number, server) for number, server in enumerate(servers)),
        writer=endpoint(21, in_recovery=False),
        reader=endpoint(22, in_recovery=True),
    )


def _report(cluster: rep.Cluster | None = None, **changes: object) -> rep.Report:
    good = rep.Report(
        schema=rep.SCHEMA,
        stack="dev",
        config_file="/d/walletdb.json",
        taken_at="2026-01-01T00:00:00Z",
        duration_s=0.1,
        verdict="ok",
        problems=(),
        clusters=(cluster or cluster_report(_answers(LEADER, REPLICA, REPLICA)),),
        etcd=(_etcd(),),
        processes=rep.Processes(error=None, denied=False, items=(_process("RUNNING"),)),
        certificates=(_certificate(89.0),),
        versions={},
        warnings=(),
    )
    return dataclasses.replace(good, **changes)


def _etcd(**changes: object) -> rep.Etcd:
    good = rep.Etcd(
        name="etcd-1",
        endpoint="https://127.0.0.1:1",
        error=None,
        healthy=True,
        is_leader=True,
        version="3.4.23",
        database_bytes=40960,
        tls=None,
        latency_ms=1.0,
    )
    return dataclasses.replace(good, **changes)


def _process(state: str) -> rep.Process:
    return rep.Process(name="haproxy", state=state, pid=5, uptime_s=60, note="")


def _certificate(days_left: float | None, **changes: object) -> rep.Certificate:
    good = rep.Certificate(
        name="admin",
        source="disk",
        where="/d/admin.crt",
        error=None,
        subject="CN=postgres",
        not_before="2025-12-31T23:55:00Z",
        not_after="2026-04-01T00:00:00Z",
        days_left=days_left,
        fingerprint="aa",
    )
    return dataclasses.replace(good, **changes)


def _cluster(**changes: object) -> rep.Cluster:
    return dataclasses.replace(cluster_report(_answers(LEADER, REPLICA, REPLICA)), **changes)


def _with_member(number: int, **changes: object) -> rep.Cluster:
    cluster = _cluster()
    members = list(cluster.members)
    members[number] = dataclasses.replace(members[number], **changes)
    return dataclasses.replace(cluster, members=tuple(members))


def _way(name: str, **changes: object) -> rep.Cluster:
    cluster = _cluster()
    return dataclasses.replace(cluster, **{name: dataclasses.replace(getattr(cluster, name), **changes)})


def _with_pooler(error: str | None) -> rep.Cluster:
    pooler = rep.Pooler(
        host=HERE, port=12, error=error, reaches_server=None, tls=None, latency_ms=None, not_shown="numbers"
    )
    return _cluster(pooler=pooler)


def _renewed_on_disk() -> tuple[rep.Certificate, ...]:
    shown = _certificate(
        10.0, source="wire", fingerprint="old", not_after="2026-02-01T00:00:00Z", name="postgres/pooler"
    )
    return (_certificate(89.0), shown)


def _timescale(**changes: object) -> rep.Cluster:
    return _cluster(timescaledb=rep.Timescaledb(expected=True, available=False, installed=None, **changes))


def test_nothing_is_wrong_with_a_good_stack() -> None:
    assert find_problems(_report()) == ()
    assert verdict_of(()) == "ok"


@pytest.mark.parametrize(
    "make,severity,code",
    [
        (lambda: _report(cluster_report(_answers("frozen", REPLICA, REPLICA))), "critical", "no_leader"),
        (lambda: _report(cluster_report(_answers(LEADER, LEADER, REPLICA))), "critical", "two_leaders"),
        (lambda: _report(_cluster(leader_key="postgres-2")), "error", "leader_key_differs"),
        (lambda: _report(_with_member(2, sql_error="no answer")), "error", "member_unreachable"),
        (lambda: _report(_with_member(2, rest_error="no answer")), "error", "patroni_unreachable"),
        (lambda: _report(_cluster(dcs_error="no answer")), "error", "leader_key_unknown"),
        (lambda: _report(_cluster(paused=True)), "error", "patroni_paused"),
        (lambda: _report(_with_member(2, streaming=False)), "error", "not_streaming"),
        (lambda: _report(_with_member(2, replay_paused=True)), "error", "replay_paused"),
        (lambda: _report(_with_member(2, timeline=2)), "error", "timeline_differs"),
        (lambda: _report(_with_member(2, system_identifier="8")), "critical", "system_differs"),
        (lambda: _report(_cluster(synchronous_standbys=0)), "error", "missing_sync_standby"),
        (lambda: _report(_with_member(2, lag_s=1.001, lag_bytes=5)), "error", "lag"),
        (lambda: _report(_with_member(2, lag_bytes=17 * 1024**2)), "error", "left_reader"),
        (lambda: _report(_with_member(2, data_checksums="off")), "error", "setting_data_checksums"),
        (
            lambda: _report(_with_member(2, ssl_min_protocol_version="TLSv1.2")),
            "error",
            "setting_ssl_min_protocol_version",
        ),
        (lambda: _report(_with_member(2, password_encryption="md5")), "error", "setting_password_encryption"),
        (lambda: _report(_with_member(2, pending_restart=("max_connections",))), "error", "pending_restart"),
        (lambda: _report(_way("writer", error="refused")), "critical", "writer_down"),
        (lambda: _report(_way("writer", in_recovery=True)), "critical", "writer_read_only"),
        (lambda: _report(_way("writer", answered_by="postgres-2")), "critical", "writer_elsewhere"),
        (lambda: _report(_way("reader", error="refused")), "error", "reader_down"),
        (lambda: _report(_way("reader", in_recovery=False)), "error", "reader_on_leader"),
        (lambda: _report(_with_pooler("refused")), "critical", "pooler_down"),
        (lambda: _report(_timescale()), "error", "timescaledb_missing"),
        (lambda: _report(etcd=(_etcd(error="refused"),)), "error", "etcd_unreachable"),
        (lambda: _report(etcd=(_etcd(healthy=False),)), "error", "etcd_unhealthy"),
        (lambda: _report(etcd=(_etcd(database_bytes=1_900_000_000),)), "error", "etcd_full"),
        (
            lambda: _report(processes=rep.Processes(error="not yours", denied=True, items=())),
            "notice",
            "supervisor_denied",
        ),
        (
            lambda: _report(processes=rep.Processes(error="refused", denied=False, items=())),
            "error",
            "supervisor_down",
        ),
        (
            lambda: _report(processes=rep.Processes(error=None, denied=False, items=(_process("FATAL"),))),
            "error",
            "process_not_running",
        ),
        (lambda: _report(certificates=(_certificate(None, error="no such file"),)), "error", "certificate_unreadable"),
        (lambda: _report(certificates=(_certificate(-0.1),)), "error", "certificate_expired"),
        (lambda: _report(certificates=(_certificate(13.9),)), "error", "certificate_expires"),
        (
            lambda: _report(certificates=(_certificate(90.0, not_before="2026-01-01T00:00:01Z"),)),
            "error",
            "certificate_not_yet_valid",
        ),
        (lambda: _report(certificates=_renewed_on_disk()), "error", "certificate_not_reloaded"),
        (
            lambda: _report(_with_member(0, data_encrypted=False, data_encryption="plain")),
            "notice",
            "data_not_encrypted",
        ),
        (lambda: _report(warnings=("no timescaledb",)), "notice", "declared"),
    ],
)
def test_each_rule_fires(make: Callable[[], rep.Report], severity: str, code: str) -> None:
    problems = find_problems(make())
    assert (severity, code) in {(problem.severity, problem.code) for problem in problems}
    assert all(problem.text and problem.part for problem in problems)
    expected = {"critical": "down", "error": "degraded", "notice": "ok"}[problems[0].severity]
    assert verdict_of(problems) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: _report(_with_member(2, lag_s=1.0, lag_bytes=16 * 1024**2)),
        lambda: _report(certificates=(_certificate(14.0),)),
        lambda: _report(certificates=(_certificate(14.0, not_before="2026-01-01T00:00:00Z"),)),
        lambda: _report(_cluster(synchronous_standbys=2)),
        lambda: _report(_with_pooler(None)),
    ],
)
def test_at_the_limit_nothing_fires(make: Callable[[], rep.Report]) -> None:
    assert find_problems(make()) == ()


def test_a_certificate_from_the_future_is_named_with_its_start_and_a_way_out() -> None:
    found = _certificate(400.0, not_before="2026-06-01T00:00:00Z")
    problem = find_problems(_report(certificates=(found,)))[0]
    assert problem.text == "not valid before 2026-06-01T00:00:00Z (/d/admin.crt)"
    assert "clock" in problem.fix
    assert "make up" in problem.fix


def test_every_rule_says_what_it_is_for() -> None:
    assert all(rule.__doc__ for rule in RULES)


def test_roles_come_from_the_servers() -> None:
    cluster = cluster_report(_answers(LEADER, REPLICA, REPLICA))
    assert [member.role for member in cluster.members] == ["leader", "sync_standby", "replica"]
    assert (cluster.leader, cluster.writer.answered_by, cluster.reader.answered_by) == (
        "postgres-1",
        "postgres-1",
        "postgres-2",
    )
    assert cluster.members[0].lag_s is None
    assert cluster.members[0].streaming is None


def test_a_replica_the_leader_does_not_list_does_not_stream() -> None:
    alone = dataclasses.replace(LEADER, standbys=LEADER.standbys[:1])
    assert [member.streaming for member in cluster_report(_answers(alone, REPLICA, REPLICA)).members] == [
        None,
        True,
        False,
    ]


def test_where_two_write_the_leader_key_tells_who_leads() -> None:
    view = ClusterView(members=(MemberView(name="postgres-2", role="leader", state="running"),))
    assert cluster_report(_answers(LEADER, LEADER, REPLICA, view=view)).leader == "postgres-2"


@pytest.mark.parametrize(
    "replica,leader_lsn,waited,expected",
    [
        ({}, 1000, None, (0, 0.0)),
        ({}, 900, None, (0, 0.0)),
        ({"replayed": 400}, 1000, Found(value=0.25), (600, 0.25)),
        ({"replayed": 400}, 1000, Found(value=None), (600, 3600.0)),
        ({"replayed": 400, "replay_age_s": None}, 1000, Found(value=None), (600, 1.0)),
        ({"replayed": 400}, 1000, Found(error="gone"), (600, 3600.0)),
        ({}, None, None, (None, 0.0)),
        ({"replayed": 400}, None, None, (None, 3600.0)),
        ({"receiver": None}, None, None, (None, None)),
        ({"replayed": None}, 1000, None, (None, None)),
    ],
)
def test_lag(
    replica: dict[str, Any],
    leader_lsn: int | None,
    waited: Found[float | None] | None,
    expected: tuple[int | None, float | None],
) -> None:
    assert lag_of(dataclasses.replace(REPLICA, **replica), leader_lsn, waited, 1.0) == expected


def test_a_member_is_told_by_address_or_where_that_is_a_name_by_port() -> None:
    assert member_at(CLUSTER, HERE, 22) == "postgres-2"
    assert member_at(CLUSTER, "10.0.0.9", 22) == "postgres-2"
    assert member_at(CLUSTER, HERE, 99) is None


def test_health_has_a_line_for_each_part_the_worst_first() -> None:
    report = _report(_way("writer", error="refused"), etcd=(_etcd(error="gone"),))
    lines = health_lines(dataclasses.replace(report, problems=find_problems(report)))
    assert lines[0] == ("down", "postgres/writer", "refused")
    assert lines[1] == ("degraded", "etcd/etcd-1", "gone")
    assert ("ok", "postgres/postgres-2", "sync standby") in lines
    assert len({part for _, part, _ in lines}) == len(lines)


def test_text_is_plain_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    report = _report(_with_pooler(None), warnings=("no timescaledb",))
    print_report(dataclasses.replace(report, problems=find_problems(report)), stream)
    print_health(report, stream)
    text = stream.getvalue()
    assert "\x1b" not in text
    for wanted in ("stack dev: OK", "sync standby", "no timescaledb", "127.0.0.1:22", "not shown  numbers"):
        assert wanted in text
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize("no_color", [True, False])
def test_a_terminal_gets_colour_unless_told_not_to(monkeypatch: pytest.MonkeyPatch, *, no_color: bool) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    print_report(_report(), stream)
    assert ("\x1b[32m" in stream.getvalue()) is not no_color


def test_json_has_only_plain_values() -> None:
    assert json.loads(json.dumps(rep.to_json(_report())))["clusters"][0]["members"][1]["lag_s"] == 0.0
