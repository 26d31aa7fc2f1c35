"""What `make up` waits for before it shows how the stack is."""

import io
from pathlib import Path

import pytest

from tools.setup import stack
from tools.setup.screen import Screen


def health(folder: Path, well_at: int) -> list[str]:
    """A command that is well from its so many-th run on."""
    count = folder / "count"
    return ["sh", "-c", f"echo >> '{count}'; [ $(wc -l < '{count}') -ge {well_at} ]"]


def test_what_is_still_on_its_way_is_waited_for(tmp_path: Path) -> None:
    stream = io.StringIO()
    stack.await_health(Screen(stream, {}), health(tmp_path, 2), {"PATH": "/usr/bin:/bin"})
    assert len((tmp_path / "count").read_text().splitlines()) == 2
    assert "see below" not in stream.getvalue()


def test_what_is_broken_is_shown_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "HEALTHY_WITHIN_S", 0)
    stream = io.StringIO()
    stack.await_health(Screen(stream, {}), health(tmp_path, 99), {"PATH": "/usr/bin:/bin"})
    assert "not all is well after 0 s, see below" in stream.getvalue()
