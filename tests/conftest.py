"""Settings of all tests."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.turnstile import turnstile

# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test that is marked `alone` while no other runs, set-up and tear-down included."""
    folder = item.config.cache.mkdir("turnstile")
    with turnstile(folder, alone=item.get_closest_marker("alone") is not None):
        return (yield)
