"""Whom the warden asks to stand for election when a primary's process has died."""

from typing import Any

from bson import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from localproc.mongo_step_up import Decision, View, choose


def _view(name: str, state: str = "SECONDARY", reached: tuple[int, int, int] = (1, 10, 1), majority: int = 2) -> View:
    return View(name=name, state=state, reached=reached, majority=majority)


def test_the_furthest_secondary_is_asked_first() -> None:
    views = [_view("b", reached=(1, 10, 2)), _view("a", reached=(1, 10, 1)), _view("c", reached=(2, 1, 1))]
    assert choose(views).candidates == ("c", "b", "a")


def test_equals_are_asked_in_the_order_of_their_names() -> None:
    assert choose([_view("b"), _view("a")]).candidates == ("a", "b")


def test_nobody_is_asked_where_somebody_leads() -> None:
    assert choose([_view("a"), _view("b", "PRIMARY")]) == Decision(leader="b")


def test_nobody_is_asked_without_a_majority() -> None:
    assert choose([_view("a")]) == Decision()
    assert choose([]) == Decision()


def test_an_arbiter_votes_and_is_never_asked() -> None:
    assert choose([_view("a"), _view("arbiter", "ARBITER", (-1, 0, 0))]).candidates == ("a",)


def test_a_member_that_still_copies_is_never_asked() -> None:
    assert choose([_view("a", "STARTUP2"), _view("b", "RECOVERING")]).candidates == ()


@given(
    views=st.lists(
        st.builds(
            View,
            name=st.text(min_size=1, max_size=3),
            state=st.sampled_from(["PRIMARY", "SECONDARY", "ARBITER", "STARTUP2", "RECOVERING"]),
            reached=st.tuples(st.integers(0, 3), st.integers(0, 9), st.integers(0, 9)),
            majority=st.integers(1, 4),
        ),
        max_size=5,
        unique_by=lambda view: view.name,
    )
)
def test_a_candidate_is_a_secondary_that_nobody_who_is_asked_after_it_is_ahead_of(views: list[View]) -> None:
    decision = choose(views)
    reached = [{view.name: view.reached for view in views}[name] for name in decision.candidates]
    assert reached == sorted(reached, reverse=True)
    assert not (decision.leader and decision.candidates)
    if decision.candidates:
        assert len(views) >= max(view.majority for view in views)
        assert all(view.state != "PRIMARY" for view in views)


def test_a_members_own_words_are_read() -> None:
    status: dict[str, Any] = {
        "majorityVoteCount": 2,
        "optimes": {"appliedOpTime": {"ts": Timestamp(1700, 3), "t": 5}},
        "members": [{"stateStr": "(not reachable/healthy)"}, {"stateStr": "SECONDARY", "self": True}],
    }
    assert View.of("mongodb-2", status) == View(name="mongodb-2", state="SECONDARY", reached=(5, 1700, 3), majority=2)
    arbiter = {"majorityVoteCount": 2, "members": [{"stateStr": "ARBITER", "self": True}]}
    assert View.of("mongodb-arbiter", arbiter).reached == (-1, 0, 0)
