"""Fixtures of the policy pack's tests; the world they change is in `world.py`."""

from collections.abc import Callable

import pytest

from tests.policies.world import Analyzer, Verdict, World, whole_pack


@pytest.fixture
def pack() -> Analyzer:
    """Every rule, behind the protocol, in this process."""
    return whole_pack()


@pytest.fixture
def judge(pack: Analyzer) -> Callable[[str, str, object], Verdict]:
    """Break the compliant stack in one place and return the verdict of the whole pack."""
    return lambda short, path, value: World().put(short, path, value).judge(pack)
