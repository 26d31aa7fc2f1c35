"""The stack's folder: what is ours, what is written, what is removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from localproc.errors import DeadlineError, LocalprocError
from localproc.layout import MARKER, Owner, StackDirectory
from localproc.waiting import Waiter


@pytest.fixture
def owner() -> Owner:
    return Owner("me", os.geteuid(), os.getegid())


def test_it_is_made_with_its_marker_and_taken_up_again(tmp_path: Path, owner: Owner) -> None:
    root = tmp_path / "a folder" / "dev"
    StackDirectory.create(root, "dev", owner)
    assert (root / MARKER).read_text() == "dev\n"
    assert StackDirectory.create(root, "dev", owner).root == root
    assert (root / "run").stat().st_mode & 0o777 == 0o700


def test_another_stacks_folder_is_refused(tmp_path: Path, owner: Owner) -> None:
    StackDirectory.create(tmp_path / "x", "dev", owner)
    with pytest.raises(LocalprocError, match="belongs to the stack 'dev', not to 'test'"):
        StackDirectory.create(tmp_path / "x", "test", owner)


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path, owner: Owner) -> None:
    (tmp_path / "precious").write_text("data")
    with pytest.raises(LocalprocError, match="was not made by this program"):
        StackDirectory.create(tmp_path, "dev", owner)
    with pytest.raises(LocalprocError, match="nothing was touched"):
        StackDirectory.open(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["precious"]


def test_removal_needs_the_marker(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    (directory.root / MARKER).unlink()
    (directory.services / "pg-1").mkdir()
    directory.remove_service("pg-1")
    directory.remove()
    assert (directory.services / "pg-1").is_dir()


def test_what_cannot_be_removed_is_named(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    directory.remove_service("never-made")
    (directory.services / "pg-1").symlink_to(tmp_path)
    with pytest.raises(LocalprocError, match=r"services/pg-1 could not be removed whole: .*then run the command again"):
        directory.remove_service("pg-1")
    assert tmp_path.is_dir()


@pytest.mark.parametrize("name", ["my #1", "a;b", "50%", "a[1]", "what?", "a*", 'q"', "back\\slash", "blank "])
def test_a_folder_that_supervisord_cannot_name_is_refused(tmp_path: Path, owner: Owner, name: str) -> None:
    with pytest.raises(LocalprocError, match="supervisord cannot"):
        StackDirectory.create(tmp_path / name, "dev", owner)
    assert not (tmp_path / name).exists()


def test_removal_removes_everything(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    (directory.services / "pg-1").mkdir()
    directory.remove()
    assert not directory.root.exists()


def test_a_file_is_written_whole_with_its_mode_and_only_when_it_differs(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    path = directory.root / "key"
    assert directory.write(path, "secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert not directory.write(path, "secret")
    path.chmod(0o644)
    assert directory.write(path, "secret"), "a mode that was opened is drift too"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in directory.root.iterdir() if entry.name.endswith(".tmp")] == []


def test_a_write_that_fails_leaves_the_old_content(
    tmp_path: Path, owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    path = directory.root / "file"
    directory.write(path, "old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(LocalprocError, match="No space left on device; free some space"):
        directory.write(path, "new")
    assert path.read_text() == "old"
    assert [entry.name for entry in directory.root.iterdir() if entry.name.endswith(".tmp")] == []


def test_root_must_name_an_unprivileged_user_that_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(LocalprocError, match="does not exist on this machine"):
        Owner.resolve("no-such-user-anywhere")
    with pytest.raises(LocalprocError, match="which PostgreSQL refuses"):
        Owner.resolve("root")


def test_dropping_privileges_execs_so_that_the_pid_is_the_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    command = Owner("postgres", 101, 104).command(["etcd"])
    assert command == ["setpriv", "--reuid=101", "--regid=104", "--init-groups", "--", "etcd"]


def test_a_stack_opens_only_its_own_folder(tmp_path: Path, owner: Owner) -> None:
    StackDirectory.create(tmp_path / "x", "dev", owner)
    assert StackDirectory.open(tmp_path / "x", "dev").root == tmp_path / "x"
    with pytest.raises(LocalprocError, match="belongs to the stack 'dev', not to 'copy'"):
        StackDirectory.open(tmp_path / "x", "copy")


@pytest.mark.parametrize("left", [[], [f".{MARKER}.12-34.tmp"]])
def test_a_first_run_that_was_interrupted_is_carried_on(tmp_path: Path, owner: Owner, left: list[str]) -> None:
    (tmp_path / "x").mkdir()
    for name in left:
        (tmp_path / "x" / name).touch()
    assert StackDirectory.create(tmp_path / "x", "dev", owner).stack_of(tmp_path / "x") == "dev"


def test_a_link_in_place_of_a_folder_is_never_followed(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    victim = tmp_path / "victim"
    victim.mkdir(mode=0o755)
    (directory.services / "tls").symlink_to(victim)
    with pytest.raises(LocalprocError, match="is no plain folder"):
        directory.make(directory.services / "tls")
    with pytest.raises(LocalprocError, match="is no plain folder"):
        directory.write(directory.services / "tls" / "key", "secret")
    assert victim.stat().st_mode & 0o777 == 0o755
    assert list(victim.iterdir()) == []


def test_a_lock_is_never_a_link_and_never_emptied(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (directory.run / "evil.lock").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"), directory.lock("evil", Waiter.within(1)):
        pass
    assert victim.read_text() == "precious"


def test_a_lock_is_held_by_one_at_a_time(tmp_path: Path, owner: Owner) -> None:
    directory = StackDirectory.create(tmp_path / "x", "dev", owner)
    first, second = directory.lock("one", Waiter.within(1)), directory.lock("one", Waiter.within(0.1))
    with first, pytest.raises(DeadlineError, match="the lock one"), second:
        pass
    with directory.lock("one", Waiter.within(1)):
        assert (directory.run / "one.lock").exists()
