"""An emulator for each process of tests, and a plugin on it for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.aws_standin import AwsPlugin, emulator, environment


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The address of an emulator of AWS."""
    with emulator() as url:
        yield url


@pytest.fixture
def plugin(moto: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AwsPlugin:
    """The stand-in on an empty emulator, in a rehearsal's folder of its own."""
    environment(moto, tmp_path, monkeypatch)
    return AwsPlugin()
