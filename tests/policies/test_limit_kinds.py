"""The kinds of limits: what each takes, and which values let pass what the specification refuses."""

import pytest

from policies.limits import choice, least, most, names
from policies.rule import Limit
from policies.schema import problem

LEAST = least("days", 30, "Days.")
NARROW = least("nodes", 3, "Nodes.", minimum=1, maximum=7)
MOST = most("days", 30, "Days.")
NARROW_MOST = most("ports", 10, "Ports.", minimum=1, maximum=20)
CHOICE = choice("modes", ("on", "remote_apply"), "Modes.")
NAMES = names("logs", ("postgresql", "upgrade"), "Logs.")


@pytest.mark.parametrize(
    "limit,weaker,strict",
    [
        (LEAST, [29, 0], [30, 31]),
        (MOST, [31, 36_500], [30, 29, 0]),
        (CHOICE, [["on", "off"], ["off"], ["on", "remote_apply", "off"]], [["on"], ["remote_apply", "on"]]),
        (NAMES, [["upgrade"], [], ["upgrade", "audit"]], [["upgrade", "postgresql"], ["postgresql", "upgrade", "a"]]),
    ],
    ids=["least", "most", "choice", "names"],
)
def test_weaker_is_what_lets_more_pass(limit: Limit, weaker: list[object], strict: list[object]) -> None:
    assert [limit.is_weaker(one) for one in (*weaker, *strict)] == [True] * len(weaker) + [False] * len(strict)


@pytest.mark.parametrize(
    "limit,good,bad",
    [
        (LEAST, [0, 36_500], [-1, 36_501, "30", 30.5, True, None]),
        (NARROW, [1, 7], [0, 8]),
        (MOST, [0, 36_500], [-1, 36_501, [30]]),
        (NARROW_MOST, [1, 20], [0, 21]),
        (CHOICE, [["a"], ["on", "off"]], [[], [""], ["on", ""], [1], "on", {}]),
        (NAMES, [[], ["a"]], [[""], [1], "a", {}]),
    ],
    ids=["least", "narrow least", "most", "narrow most", "choice", "names"],
)
def test_a_value_is_of_the_limit_s_type_and_range(limit: Limit, good: list[object], bad: list[object]) -> None:
    assert [bool(problem(limit.schema, one)) for one in (*good, *bad)] == [False] * len(good) + [True] * len(bad)


def test_a_list_is_the_limit_s_own() -> None:
    for limit, given in ((CHOICE, ["on", "remote_apply"]), (NAMES, ["postgresql", "upgrade"])):
        assert limit.default == given
        assert isinstance(limit.default, list), "what the engine is told is JSON"
