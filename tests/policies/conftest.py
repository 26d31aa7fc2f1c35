"""Fixtures of the policy pack's tests; the world they change is in `world.py`."""

from collections.abc import Callable

import pytest

from tests.fixtures import postgresql_sdk  # noqa: F401 - imported before the program is, see there
from tests.policies.world import Analyzer, Verdict, World, whole_pack


@pytest.fixture
def pack() -> Analyzer:
    """Every rule, behind the protocol, in this process."""
    return whole_pack()


@pytest.fixture
def judge(pack: Analyzer) -> Callable[[str, str, object], Verdict]:
    """Break the compliant stack in one place and return the verdict of the whole pack.

    A rule about a resource sees nothing else, so only the broken one is sent to those, and the stack to the others.
    """

    def judge_one(short: str, path: str, value: object) -> Verdict:
        removed = not path and not isinstance(value, dict)
        return World().put(short, path, value).judge(pack, only=None if removed else short)

    return judge_one
