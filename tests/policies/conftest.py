"""Fixtures of the policy pack's tests; the world they change is in `world.py`."""

from collections.abc import Callable

import pytest
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer

from policies.crossguard import policy_of
from policies.registry import RULES
from tests.policies.world import Analyzer, Verdict, World


@pytest.fixture
def pack() -> Analyzer:
    """Every rule, behind the protocol, in this process."""
    policies = [policy_of(rule) for rule in RULES]
    return _PolicyAnalyzerServicer("fashion-wallet", "0.1.0", policies, EnforcementLevel.MANDATORY)


@pytest.fixture
def judge(pack: Analyzer) -> Callable[[str, str, object], Verdict]:
    """Break the compliant stack in one place and return the verdict of the whole pack."""
    return lambda short, path, value: World().put(short, path, value).judge(pack)
