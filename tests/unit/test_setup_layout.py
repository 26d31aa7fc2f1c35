"""Where set-up puts things, and how it writes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import files
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT, Layout, default_home


def test_home_is_what_the_environment_names(tmp_path: Path) -> None:
    assert default_home({"FASHION_WALLET_HOME": str(tmp_path)}, root=True) == tmp_path


def test_an_empty_home_counts_as_none() -> None:
    assert default_home({"FASHION_WALLET_HOME": ""}, root=True) == Path("/var/lib/fashion-wallet")


def test_home_of_root_is_the_systems_folder() -> None:
    assert default_home({"XDG_DATA_HOME": "/x"}, root=True) == Path("/var/lib/fashion-wallet")


def test_home_of_a_user_is_the_data_folder() -> None:
    assert default_home({"XDG_DATA_HOME": "/x"}, root=False) == Path("/x/fashion-wallet")
    assert default_home({}, root=False) == Path("~/.local/share/fashion-wallet").expanduser()


@pytest.mark.parametrize("name", ["-x", "a b", "../dev", "a/b", "x" * 101])
def test_a_bad_stack_name_is_refused_with_its_value(name: str) -> None:
    with pytest.raises(SetupError) as caught:
        Layout.from_environment({"STACK": name})
    assert repr(name) in caught.value.cause
    assert "letters" in caught.value.fix


def test_state_lies_in_the_file_backend(tmp_path: Path) -> None:
    home = tmp_path / "a home"
    layout = Layout.from_environment({"FASHION_WALLET_HOME": str(home)})
    assert layout.stack == "dev"
    assert layout.backend_url == f"file://{home}/pulumi/state"
    assert layout.state == home / "pulumi" / "state" / ".pulumi"


def test_another_backend_has_no_state_folder() -> None:
    assert Layout.from_environment({"PULUMI_BACKEND_URL": "s3://bucket"}).state is None


def test_write_leaves_the_old_file_when_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "file"
    files.write(path, "old", mode=0o600)
    with pytest.raises(UnicodeEncodeError):
        files.write(path, "\udcff")
    assert path.read_text() == "old"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_link_replaces_a_link_and_never_a_folder(tmp_path: Path) -> None:
    link = tmp_path / "link"
    files.link(link, tmp_path / "one")
    files.link(link, tmp_path / "two")
    assert link.readlink() == tmp_path / "two"
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(OSError, match="folder"):
        files.link(folder, tmp_path / "two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "link"]


def test_digest_tells_where_one_part_ends() -> None:
    assert files.digest(b"ab", b"c") != files.digest(b"a", b"bc")


def test_a_second_run_waits_for_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    program = (
        "import sys\nfrom pathlib import Path\nfrom tools.setup import files\n"
        "with files.locked(Path(sys.argv[1]), print):\n print('held', flush=True)\n sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", program, str(lock)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdin is not None
    assert holder.stdout.readline() == "held\n"
    seen: list[str] = []

    def waiting(pid: str) -> None:
        seen.append(pid)
        holder.stdin.close()  # type: ignore[union-attr]

    with files.locked(lock, waiting):
        assert files.held()
    assert files.held() == ()
    assert seen == [str(holder.pid)]
    assert holder.wait(10) == 0
    holder.stdout.close()


def test_a_lock_outlives_its_run_with_a_command_that_inherited_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with files.locked(lock, lambda _pid: None):
        child = subprocess.Popen(["sleep", "60"], pass_fds=files.held())
    seen: list[str] = []

    def waiting(pid: str) -> None:
        seen.append(pid)
        child.kill()
        child.wait()

    with files.locked(lock, waiting):
        pass
    assert seen == [str(os.getpid())]
