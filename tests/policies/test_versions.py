"""Until when a version is maintained: the last day is one of them."""

import datetime as dt

import pytest

from policies.versions import major_of, problem

END = dt.date(2027, 5, 10)


@pytest.mark.parametrize(
    "today,notice_days,says",
    [
        (END, 0, ""),
        (END + dt.timedelta(days=1), 0, "9, which has not been maintained since 2027-05-10"),
        (END - dt.timedelta(days=180), 180, ""),
        (END - dt.timedelta(days=179), 180, "9, which is maintained until 2027-05-10 only"),
    ],
)
def test_a_version_is_refused_from_its_notice_on(today: dt.date, notice_days: int, says: str) -> None:
    assert problem("9", {"9": END}, today, notice_days) == says


def test_a_version_that_the_table_does_not_have_is_none() -> None:
    assert problem("10", {"9": END}, END, 0) == "10, which policies/versions.py does not know"


@pytest.mark.parametrize(
    "text,parts,major",
    [
        ("17.5", 1, "17"),
        ("17", 1, "17"),
        ("8.0.4", 2, "8.0"),
        ("8", 2, "8.0"),
        ("17-bookworm", 1, "17"),
        (" 16 ", 1, "16"),
        ("latest", 1, ""),
        ("", 2, ""),
    ],
)
def test_the_major_of_a_version(text: str, parts: int, major: str) -> None:
    assert major_of(text, parts=parts) == major
