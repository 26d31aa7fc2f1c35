"""What the benchmarks read out of pgbench, make and pg_stat_replication, and their command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import pgbench, pooler, replication, up
from bench.__main__ import PARTS, main, parse

SAID = """\
number of transactions actually processed: 51
number of failed transactions: 0 (0.000%)
latency average = 3.911 ms
tps = 255.673261 (without initial connection time)
"""


def test_pgbench_says_its_rate() -> None:
    assert pgbench.rate(SAID) == pytest.approx(255.673261)


@pytest.mark.parametrize("said", ["", SAID.replace("transactions: 0", "transactions: 4")])
def test_a_load_with_failures_is_no_result(said: str) -> None:
    with pytest.raises(RuntimeError, match="no clean result"):
        pgbench.rate(said)


def test_latencies_come_from_the_log_without_failed_transactions() -> None:
    assert pgbench.latencies_ms(["0 1 1500 0 1700000000 1", "1 1 failed 0 1700000000 2", ""]) == [1.5]


def test_a_login_does_not_show_its_password() -> None:
    assert "geheim" not in repr(pgbench.Login(port=1, environment={"PGPASSWORD": "geheim"}))


def test_phases_are_the_times_between_marks() -> None:
    timed = up.Timed(started=100, total_s=30, marks={"system packages": 101, "engine": 120, "update": 128})
    assert up.phases(timed) == {"system packages": 1, "engine": 19, "update": 8, "the rest": 2}


@pytest.mark.parametrize(
    "line, name",
    [
        ("✓ system packages 0.4 s (already there)", "system packages"),
        ("ok: engine 4 min 31 s", "engine"),
        ("✓ update 38 s", "update"),
        ("failed: update 3.0 s", None),
        ("  engine: compiling pulumi, 30 s", None),
    ],
)
def test_marks_are_the_lines_that_set_up_prints(line: str, name: str | None) -> None:
    found = up._DONE.match(line)
    assert (found and found["name"]) == name


def _sample(kind: str, replay: float | None, behind: float) -> replication.Sample:
    return replication.Sample(kind=kind, write=replay, flush=replay, replay=replay, bytes_behind=behind)


def test_lags_leave_out_looks_without_one_and_kinds_that_are_not_there() -> None:
    found = replication.lags([_sample("sync", 1, 0), _sample("sync", None, 100), _sample("sync", 3, 200)])
    assert found["synchronous standby", "replay lag p50", "ms"] == 2
    assert found["synchronous standby", "not yet replayed p50", "bytes"] == 100
    assert {case for case, _, _ in found} == {"synchronous standby"}


def test_ways_are_compared_run_by_run() -> None:
    loads = {
        "direct": [pgbench.Load(per_s=rate, p50_ms=1, p99_ms=2) for rate in (100, 200)],
        "PgBouncer": [pgbench.Load(per_s=rate, p50_ms=1, p99_ms=2) for rate in (50, 300)],
    }
    by_what = {figure.what: figure for figure in pooler.figures(pooler.KINDS[0], loads)}
    assert by_what["rate through PgBouncer / direct"].runs == (0.5, 1.5)
    assert "latency p99" in by_what
    connecting = pooler.figures(pooler.KINDS[-1], loads)
    assert {figure.what for figure in connecting} == {"transactions", "rate through PgBouncer / direct"}


def test_every_part_is_chosen_by_its_name() -> None:
    assert parse([*PARTS, "--runs", "2"]).parts == list(PARTS)


@pytest.mark.parametrize("words", [["nonsense"], ["--runs", "0"], ["--runs", "many"]])
def test_wrong_words_are_refused_with_what_is_allowed(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(words)
    assert ended.value.code == 2
    assert "nonsense" not in words or "up, replication, pooler, failover" in capsys.readouterr().err


def test_results_that_are_there_are_shown_and_missing_ones_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = {
        "name": "up",
        "measured_at": "2026-01-02T03:04:05+00:00",
        "machine": {"cores": 2, "system": "Debian"},
        "versions": {"postgresql": "15.1"},
        "before": {"load_average_1min": 0.5},
        "note": "nothing else runs",
        "settings": {},
        "figures": [],
        "notes": [],
    }
    (tmp_path / "up.json").write_text(json.dumps(content), encoding="utf-8")
    assert main(["up", "--show", "--results", str(tmp_path)]) == 0
    assert "2 cores, Debian, PostgreSQL 15.1, load before 0.5 (nothing else runs)" in capsys.readouterr().out
    assert main(["up", "pooler", "--show", "--results", str(tmp_path)]) == 1
    assert "never measured: pooler" in capsys.readouterr().err
