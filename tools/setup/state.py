"""What the engine keeps on disk: its home, passphrase, stacks, locks and unfinished operations.

Only `file://` backends are looked into; for any other these functions find nothing, and the engine itself answers.
"""

import contextlib
import json
import os
import re
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.setup import files
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT_NAME, Layout

__all__ = [
    "Lock",
    "ensure_passphrase",
    "forget",
    "locks",
    "make_home",
    "pending_operations",
    "recorded_directory",
    "stack_exists",
    "stacks",
    "tidy_settings",
]

_SUPERVISOR = "walletdb:index:Supervisor"  # its id is the stack's directory
_SALT_LINE = re.compile(r"^encryptionsalt:.*\n?", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Lock:
    """A lock on a stack.

    Attributes:
        path: The lock's file.
        pid: The engine that took it, 0 when the file is unreadable.
        user: Who ran it.
        host: Where it ran.
        since: When it began, as written by the engine.
        alive: True and False on this host; None when it ran on another.
    """

    path: Path
    pid: int
    user: str
    host: str
    since: str
    alive: bool | None


def make_home(layout: Layout) -> None:
    """Make the data folder, the engine's home and the folder of the local backend.

    Servers' users must reach `tools` and `stacks` through the data folder; the engine's part is the owner's alone.

    Raises:
        SetupError: The folder cannot be made.
    """
    try:
        if not layout.home.is_dir():
            layout.home.mkdir(parents=True)
            layout.home.chmod(0o755 if layout.root else 0o700)  # whatever the umask
        own = layout.home / "pulumi"
        own.mkdir(exist_ok=True, mode=0o700)
        layout.pulumi_home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if layout.state is not None:
            layout.state.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SetupError(
            f"the data folder {layout.home} cannot be made: {error}",
            "name another one: FASHION_WALLET_HOME=/path/to/a/folder make up",
        ) from error


def ensure_passphrase(layout: Layout) -> None:
    """Make the passphrase of the stacks' secrets on first use.

    Raises:
        SetupError: The file is gone while stacks that were encrypted with it are still there.
    """
    path = layout.passphrase
    if path.exists():
        return
    if names := stacks(layout):
        raise SetupError(
            f"the passphrase file {path} is gone, and the secrets of these stacks need it: {', '.join(names)}",
            "put the file back (mode 0600), or set PULUMI_CONFIG_PASSPHRASE; without it the stacks' secrets are lost",
        )
    files.write(path, secrets.token_urlsafe(32) + "\n", mode=0o600)


def _stack_files(layout: Layout) -> list[Path]:
    if layout.state is None:
        return []
    return sorted((layout.state / "stacks" / PROJECT_NAME).glob("*.json"))


def stacks(layout: Layout) -> list[str]:
    """Names of the project's stacks in a local backend."""
    return [path.stem for path in _stack_files(layout)]


def stack_exists(layout: Layout) -> bool:
    """Whether a local backend has this run's stack; False for any other backend."""
    return layout.stack in stacks(layout)


def locks(layout: Layout) -> list[Lock]:
    """The locks that lie on this run's stack."""
    if layout.state is None:
        return []
    folder = layout.state / "locks" / "organization" / PROJECT_NAME / layout.stack
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            pid, host = int(content["pid"]), str(content["hostname"])
            user, since = str(content["username"]), str(content["timestamp"])
        except FileNotFoundError:
            continue  # released meanwhile
        except (OSError, ValueError, KeyError, TypeError):
            # Cut off while it was written: by a full disk or a kill.
            found.append(Lock(path=path, pid=0, user="?", host="?", since="?", alive=False))
            continue
        alive = _is_engine(pid) if host == socket.gethostname() else None
        found.append(Lock(path=path, pid=pid, user=user, host=host, since=since, alive=alive))
    return found


def _is_engine(pid: int) -> bool:
    """Whether the process lives and is an engine: a pid alone may be another program's by now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return "pulumi" in Path(f"/proc/{pid}/comm").read_text(encoding="utf-8")
    except FileNotFoundError:
        return not Path("/proc/self").exists()


def pending_operations(layout: Layout) -> list[str]:
    """URNs of the stack's operations that an engine began and never ended.

    Raises:
        SetupError: The state is unreadable.
    """
    return [str(operation["resource"]["urn"]) for operation in _recorded(layout, "pending_operations")]


def recorded_directory(layout: Layout) -> Path | None:
    """Where the stack's servers were put, None while the engine has not recorded that.

    Raises:
        SetupError: The state is unreadable.
    """
    found = (item["id"] for item in _recorded(layout, "resources") if item["type"] == _SUPERVISOR)
    return next((Path(directory) for directory in found), None)


def _recorded(layout: Layout, part: str) -> list[dict[str, Any]]:
    """One list of the stack's state; empty where there is none."""
    if not stack_exists(layout) or layout.state is None:
        return []
    path = layout.state / "stacks" / PROJECT_NAME / f"{layout.stack}.json"
    try:
        checkpoint: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["checkpoint"]
        return list((checkpoint.get("latest") or {}).get(part) or [])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SetupError(
            f"the state of stack {layout.stack} in {path} is unreadable: {error}",
            f"put back the copy beside it, {path.name}.bak, and run the same command again",
        ) from error


def tidy_settings(layout: Layout) -> None:
    """Take out of the stacks' settings what the engine wrote into them.

    It adds the line `encryptionsalt`, which belongs to one machine's passphrase, to a file that all machines share,
    where it would fail against any other passphrase; the salt is in the state as well, which serves. While it is
    there it drops blank lines and quotes values: the text from before comes back where that is all that changed.
    A file with values that `pulumi config set --secret` encrypted keeps its salt and is left alone.
    """
    memory = layout.home / "pulumi" / "settings" / files.digest(os.fsencode(layout.project))
    for path in layout.project.glob("Pulumi.*.yaml"):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            text = path.read_text(encoding="utf-8")
            rest = _SALT_LINE.sub("", text)
            remembered = memory / path.name
            before = remembered.read_text(encoding="utf-8") if remembered.exists() else None
            if rest == text:
                if text != before:
                    memory.mkdir(parents=True, exist_ok=True)
                    files.write(remembered, text)
            elif not re.search(r"\bsecure:", rest):
                same = before is not None and _essence(before) == _essence(rest)
                _rewrite(path, before if same and before is not None else rest)


def _essence(text: str) -> str:
    """What the engine leaves as it is when it writes settings."""
    return re.sub(r"[\s\"']", "", text)


def _rewrite(path: Path, text: str) -> None:
    before = path.stat()
    files.write(path, text, mode=before.st_mode & 0o777)
    if os.geteuid() == 0:
        os.chown(path, before.st_uid, before.st_gid)


def forget(layout: Layout) -> None:
    """Remove what the local backend keeps of a stack that is no more: copies, history, locks.

    With the last stack go the passphrase and the engine's scratch files.
    """
    if layout.state is None or stack_exists(layout):
        return
    for kind in ("stacks", "history", "backups", "locks/organization"):
        folder = layout.state / kind / PROJECT_NAME
        for path in (*folder.glob(f"{layout.stack}.json*"), folder / layout.stack):
            files.remove(path)
    own = layout.home / "pulumi"
    # Another backend that is empty says nothing about the stacks in this one.
    if not stacks(layout) and layout.state == own / "state" / ".pulumi":
        for name in ("state", "passphrase", "workspaces", "logs", "settings", "plugins"):
            files.remove(own / name)
        for folder in (own, layout.home / "stacks"):
            with contextlib.suppress(OSError):
                folder.rmdir()
