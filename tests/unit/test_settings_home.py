"""Where a stack keeps its files."""

import os
from pathlib import Path

import pytest

from settings import LocalSettings, stack_directory
from settings.home import home
from tools.setup.layout import default_home
from walletdb.config import home as walletdb_home


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


def test_every_part_means_the_same_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shell leaves the ~ in a quoted value, and in a file of variables."""
    monkeypatch.setenv("HOME", "/home/u")
    monkeypatch.setenv("FASHION_WALLET_HOME", "~/x")
    environment = dict(os.environ)
    assert home(environment, root=False) == Path("/home/u/x")
    assert default_home(environment, root=False) == Path("/home/u/x")
    assert walletdb_home() == Path("/home/u/x")


def test_a_stack_has_a_folder_of_its_own_unless_it_names_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FASHION_WALLET_HOME", "/srv/wallet")
    assert stack_directory(LocalSettings(), "dev") == Path("/srv/wallet/stacks/dev")
    assert stack_directory(LocalSettings(directory=Path("/data/dev")), "dev") == Path("/data/dev")
