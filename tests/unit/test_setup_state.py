"""What set-up reads and clears of the engine's files."""

import json
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tools.setup import state
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT_NAME, Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "ho me")}, project=tmp_path)
    state.make_home(made)
    return made


def put(layout: Layout, kind: str, name: str, content: object) -> Path:
    assert layout.state is not None
    path = layout.state / kind / PROJECT_NAME / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def lock(layout: Layout, **fields: object) -> Path:
    content = {"pid": 1, "username": "ann", "hostname": socket.gethostname(), "timestamp": "T", **fields}
    return put(layout, "locks/organization", "dev/x.json", content)


def dead_pid() -> int:
    child = subprocess.Popen(["true"])
    child.wait()
    return child.pid


def test_the_engines_part_of_home_is_the_owners_alone(layout: Layout) -> None:
    assert (layout.home / "pulumi").stat().st_mode & 0o777 == 0o700


def test_home_that_cannot_be_made_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError) as caught:
        state.make_home(Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "file" / "x")}))
    assert "FASHION_WALLET_HOME" in caught.value.fix


def test_the_passphrase_is_made_once_and_for_the_owner(layout: Layout) -> None:
    state.ensure_passphrase(layout)
    first = layout.passphrase.read_text()
    state.ensure_passphrase(layout)
    assert layout.passphrase.read_text() == first
    assert len(first.strip()) >= 32
    assert layout.passphrase.stat().st_mode & 0o777 == 0o600


def test_a_lost_passphrase_is_not_replaced_while_stacks_need_it(layout: Layout) -> None:
    put(layout, "stacks", "dev.json", {})
    with pytest.raises(SetupError, match=r"is gone.*dev"):
        state.ensure_passphrase(layout)
    assert not layout.passphrase.exists()


def test_locks_of_the_dead_the_living_and_the_distant(layout: Layout) -> None:
    assert state.locks(layout) == []
    lock(layout, pid=dead_pid())
    assert [found.alive for found in state.locks(layout)] == [False]
    lock(layout, hostname="elsewhere")
    assert [(found.alive, found.user, found.host) for found in state.locks(layout)] == [(None, "ann", "elsewhere")]


def test_a_pid_that_is_another_program_by_now_is_dead(layout: Layout) -> None:
    lock(layout, pid=os.getpid())
    assert [found.alive for found in state.locks(layout)] == [False]


def test_a_running_engine_is_alive(layout: Layout, tmp_path: Path) -> None:
    engine = tmp_path / "pulumi"
    engine.symlink_to("/bin/sleep")
    with subprocess.Popen([str(engine), "60"]) as running:
        try:
            lock(layout, pid=running.pid)
            deadline = time.monotonic() + 10
            # The kernel names the process a moment after it runs.
            while not (alive := [found.alive for found in state.locks(layout)])[0] and time.monotonic() < deadline:
                time.sleep(0.01)
            assert alive == [True]
        finally:
            running.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": null}'])
def test_a_lock_cut_off_while_written_is_dead(layout: Layout, text: str) -> None:
    put(layout, "locks/organization", "dev/x.json", text)
    assert [found.alive for found in state.locks(layout)] == [False]


def test_pending_operations(layout: Layout) -> None:
    assert state.pending_operations(layout) == []
    put(layout, "stacks", "dev.json", {"checkpoint": {"latest": None}})
    assert state.pending_operations(layout) == []
    pending = [{"resource": {"urn": "urn:a"}, "type": "creating"}]
    put(layout, "stacks", "dev.json", {"checkpoint": {"latest": {"pending_operations": pending}}})
    put(layout, "stacks", "other.json", "{")
    assert state.pending_operations(layout) == ["urn:a"]


def test_an_unreadable_state_names_its_copy(layout: Layout) -> None:
    put(layout, "stacks", "dev.json", '{"checkpoint"')
    with pytest.raises(SetupError) as caught:
        state.pending_operations(layout)
    assert "dev.json.bak" in caught.value.fix


SETTINGS = "# why\nconfig:\n  a: 1\n\n  b: false # not true\n"
WRITTEN = '# why\nconfig:\n  a: "1"\n  b: "false" # not true\nencryptionsalt: v1:x\n'


def settings(layout: Layout, text: str) -> Path:
    path = layout.project / "Pulumi.dev.yaml"
    path.write_text(text)
    path.chmod(0o640)
    return path


def test_settings_are_as_they_were_after_the_engine_wrote_them(layout: Layout) -> None:
    settings(layout, SETTINGS)
    state.tidy_settings(layout)
    path = settings(layout, WRITTEN)
    state.tidy_settings(layout)
    assert path.read_text() == SETTINGS
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_change_that_came_with_the_salt_stays(layout: Layout) -> None:
    settings(layout, SETTINGS)
    state.tidy_settings(layout)
    path = settings(layout, WRITTEN.replace('"1"', '"2"'))
    state.tidy_settings(layout)
    assert path.read_text() == '# why\nconfig:\n  a: "2"\n  b: "false" # not true\n'


def test_a_salt_is_dropped_from_settings_never_seen_before(layout: Layout) -> None:
    path = settings(layout, SETTINGS + "encryptionsalt: v1:x\n")
    state.tidy_settings(layout)
    assert path.read_text() == SETTINGS


def test_a_salt_stays_that_encrypted_values_need(layout: Layout) -> None:
    text = "config:\n  a:\n    secure: v1:y\nencryptionsalt: v1:x\n"
    path = settings(layout, text)
    state.tidy_settings(layout)
    assert path.read_text() == text


def test_forget_removes_one_stacks_traces(layout: Layout) -> None:
    state.ensure_passphrase(layout)
    ours = [put(layout, "stacks", "dev.json.bak", ""), put(layout, "history", "dev/1.json", ""), lock(layout)]
    others = [put(layout, "stacks", "dev2.json", {}), put(layout, "stacks", "dev2.json.bak", "")]
    state.forget(layout)
    assert not [path for path in ours if path.exists()]
    assert all(path.exists() for path in [*others, layout.passphrase])


def test_forget_leaves_a_stack_that_is_there(layout: Layout) -> None:
    path = put(layout, "stacks", "dev.json", {})
    state.forget(layout)
    assert path.exists()


def test_the_last_stack_takes_the_passphrase_with_it(layout: Layout) -> None:
    state.ensure_passphrase(layout)
    state.forget(layout)
    assert list(layout.home.iterdir()) == []
