"""The arithmetic and the layout of the benchmarks' figures."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Figure, Result, number, percentile, table


@pytest.mark.parametrize(
    "values, share, expected",
    [([7], 0.99, 7), ([3, 1, 2], 0.5, 2), ([0, 10], 0.5, 5), ([0, 10], 1, 10), (range(101), 0.99, 99), ([4, 2], 0, 2)],
)
def test_a_percentile_is_interpolated(values: list[float], share: float, expected: float) -> None:
    assert percentile(values, share) == pytest.approx(expected)


def test_nothing_has_no_percentile() -> None:
    assert math.isnan(percentile([], 0.5))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1), st.floats(0, 1))
def test_a_percentile_lies_among_the_values(values: list[float], share: float) -> None:
    assert min(values) - 1e-6 <= percentile(values, share) <= max(values) + 1e-6


@pytest.mark.parametrize(
    "value, expected",
    [(0, "0"), (0.4249, "0.42"), (12.34, "12.3"), (4309.7, "4,310"), (3.0, "3"), (math.nan, "-"), (0.004, "0.00")],
)
def test_a_number_has_the_digits_it_deserves(value: float, expected: str) -> None:
    assert number(value) == expected


OUTAGE = Figure(case="kill", what="write outage", unit="s", runs=(3.0, 1.25, 2.5), compare="target < 3 s")
HIDDEN = Figure(case="kill", what="leader moved", unit="times", runs=(1.0,), detail=True)
EMPTY = Figure(case="loss", what="write outage", unit="s", runs=())


def test_the_table_has_median_range_runs_and_comparison() -> None:
    shown = table(Result(name="failover", settings={}, figures=[OUTAGE, HIDDEN, EMPTY], notes=["run 2 failed"]))
    lines = [line.split("  ") for line in shown.splitlines()]
    assert lines[0] == ["failover"]
    cells = [cell.strip() for cell in lines[3] if cell.strip()]
    assert cells == ["kill", "write outage", "2.50 s", "1.25 to 3", "3", "target < 3 s"]
    assert [cell.strip() for cell in lines[4] if cell.strip()] == ["loss", "write outage", "- s", "-", "0"]
    assert lines[5] == ["note: run 2 failed"]
    assert "leader moved" not in shown


def test_json_keeps_every_run_and_details_and_no_nan() -> None:
    result = Result(name="failover", settings={"runs": 3}, figures=[OUTAGE, HIDDEN, EMPTY])
    content = json.loads(json.dumps(result.as_json({"machine": {"cores": 2}}), allow_nan=False))
    assert content["machine"] == {"cores": 2}
    assert content["figures"][0]["runs"] == [3.0, 1.25, 2.5]
    assert (content["figures"][0]["median"], content["figures"][0]["maximum"]) == (2.5, 3.0)
    assert content["figures"][1]["what"] == "leader moved"
    assert content["figures"][2]["median"] is None


def test_a_result_is_read_back_as_it_was_written() -> None:
    result = Result(name="failover", settings={"runs": 3}, figures=[OUTAGE, HIDDEN, EMPTY], notes=["run 2 failed"])
    content = json.loads(json.dumps(result.as_json({"machine": {"cores": 2}})))
    assert table(Result.from_json(content)) == table(result)
    assert Result.from_json(content) == result
