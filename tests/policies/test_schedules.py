"""When something runs: the longest time between two runs, of each way to say it."""

import pytest

from policies.schedules import longest_gap_days


@pytest.mark.parametrize(
    "text,days",
    [
        ("rate(1 minute)", 1),
        ("rate(30 minutes)", 1),
        ("rate(24 hours)", 1),
        ("rate(25 hours)", 2),
        ("rate(1 day)", 1),
        ("rate(31 days)", 31),
        ("cron(0 7 * * ? *)", 1),
        ("cron(0 7 ? * * *)", 1),
        ("cron(0 7 ? * MON *)", 7),
        ("cron(0 7 ? * mon,THU *)", 7),
        ("cron(0 7 ? * 2 *)", 7),
        ("cron(0 7 1 * ? *)", 31),
        ("cron(0 7 28 * ? *)", 31),
        ("cron(0 7 29 * ? *)", 62),
        ("cron(0 7 31,1 * ? *)", 31),
        ("cron(0 7 L * ? *)", 31),
        ("cron(0 7 1 1 ? *)", 366),
        ("cron(0 7 ? JAN,JUL MON *)", 366),
        ("0 3 * * *", 1),
        ("0 3 * * 0", 7),
        ("0 3 1 * *", 31),
        ("0 3 1 6 *", 366),
        ("0 30 2 * * *", 1),
        ("0 30 2 * * SUN", 7),
        ("@daily", 1),
        ("@hourly", 1),
        (" @weekly ", 7),
        ("@monthly", 31),
        ("@yearly", 366),
    ],
)
def test_the_longest_gap(text: str, days: int) -> None:
    assert longest_gap_days(text) == days


@pytest.mark.parametrize(
    "text",
    [
        "", "daily", "rate(0 days)", "rate(1 month)", "rate(days)", "rate(-1 days)", "cron()", "cron(0 7 * * ?)",
        "cron(0 7 * * ? 2026)", "cron(0 7 0 * ? *)", "cron(0 7 32 * ? *)", "cron(0 7 1W * ? *)", "cron(0 7 ? * 6#3 *)",
        "0 3 * *", "0 3 */2 * *", "@reboot", "* * * * * * *",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_no_schedule(text: str) -> None:
    assert longest_gap_days(text) is None
