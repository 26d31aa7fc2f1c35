"""Settings of all tests."""

from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from tests.fixtures.turnstile import turnstile

# How fast a busy machine makes up examples says nothing about the code.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one worker run a file, and one all tests of the stack, which each worker would make for itself.

    Live tests come first: what is left at the end is then short and keeps both workers busy.
    """
    for item in items:
        item.add_marker(pytest.mark.xdist_group("the stack" if _uses_the_stack(item) else str(item.path)))
    items.sort(key=lambda item: (not _uses_the_stack(item), item.get_closest_marker("live") is None))


def _uses_the_stack(item: pytest.Item) -> bool:
    known = getattr(item, "_fixtureinfo", None)
    found = known.name2fixturedefs.get("stack") if known else None
    return bool(found) and found[-1].scope == "session"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Run a test that is marked `alone` while no other runs, set-up and tear-down included."""
    folder = item.config.cache.mkdir("turnstile")
    with turnstile(folder, alone=item.get_closest_marker("alone") is not None):
        return (yield)
