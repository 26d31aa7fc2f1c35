"""Where a stack keeps its files."""

from pathlib import Path

import pytest

from settings import LocalSettings, stack_directory
from settings.home import home


@pytest.mark.parametrize(
    "environment,root,expected",
    [
        ({"FASHION_WALLET_HOME": "/srv/a b"}, True, "/srv/a b"),
        ({"FASHION_WALLET_HOME": "/srv/x", "HOME": "/home/u"}, False, "/srv/x"),
        ({}, True, "/var/lib/fashion-wallet"),
        ({"HOME": "/home/u"}, False, "/home/u/.local/share/fashion-wallet"),
        ({"HOME": "/home/u", "XDG_DATA_HOME": "/data"}, False, "/data/fashion-wallet"),
        ({"HOME": "/home/u", "XDG_DATA_HOME": ""}, False, "/home/u/.local/share/fashion-wallet"),
    ],
)
def test_home_follows_the_variable_then_the_conventions(
    environment: dict[str, str], *, root: bool, expected: str
) -> None:
    assert home(environment, root=root) == Path(expected)


def test_a_stack_has_a_folder_of_its_own_unless_it_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_WALLET_HOME", "/srv/wallet")
    assert stack_directory(LocalSettings(), "dev") == Path("/srv/wallet/stacks/dev")
    assert stack_directory(LocalSettings(directory=Path("/data/dev")), "dev") == Path("/data/dev")
