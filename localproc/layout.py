"""The folder of a local stack: where each thing lies, who owns it, and that it is ours.

A stack's folder carries a marker file. Nothing is ever removed from, or started in, a folder without one.

    <directory>/.fashion-wallet-stack   the marker: name of the stack
               /ca.crt                  certificates that are trusted, for clients
               /services/<name>/        configuration, keys and data of one server
               /log/<name>.log          its log
               /run/                    Unix sockets of supervisord and the databases, pid files, locks
               /supervisor/             supervisord's own configuration, one file a program
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import os
import pwd
import re
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from localproc.errors import LocalprocError
from localproc.waiting import Waiter

__all__ = ["MARKER", "MAXIMUM_DIRECTORY_LENGTH", "Owner", "StackDirectory", "fault_of"]

MARKER = ".fashion-wallet-stack"
MAXIMUM_DIRECTORY_LENGTH = 75
"""Characters. A Unix socket's path is limited to 107 bytes by Linux (unix(7)); ours add up to 31."""
_UNUSABLE = re.compile(r"""[%"\\*?\[\]#;]|\s$""")
"""What supervisord (4.3) cannot take in its configuration, whatever the quoting: comments begin with # and ; even
inside quotes, % is expanded twice in names of logs, quotes and \\ stay as they are in `environment`, and the folder is
part of the pattern by which it finds its programs."""


@dataclasses.dataclass(frozen=True)
class Owner:
    """The operating system's user that the servers run as."""

    name: str
    uid: int
    gid: int

    @classmethod
    def resolve(cls, wanted: str) -> Owner:
        """Root runs servers as `wanted`, anybody else as themselves.

        Raises:
            LocalprocError: root asked for a user that does not exist, or for root itself.
        """
        if os.geteuid() != 0:
            me = pwd.getpwuid(os.geteuid())
            return cls(me.pw_name, me.pw_uid, me.pw_gid)
        try:
            entry = pwd.getpwnam(wanted)
        except KeyError:
            msg = (
                f"the servers' user '{wanted}' does not exist on this machine; install PostgreSQL's package, which "
                "makes 'postgres', or set `fashion-wallet:local.serviceUser` to a user that exists"
            )
            raise LocalprocError(msg) from None
        if entry.pw_uid == 0:
            msg = (
                "the servers' user is root, which PostgreSQL refuses; set `fashion-wallet:local.serviceUser` to another"
            )
            raise LocalprocError(msg)
        return cls(entry.pw_name, entry.pw_uid, entry.pw_gid)

    @property
    def drops(self) -> bool:
        """Whether a process must change its user to become this one."""
        return os.geteuid() != self.uid

    def command(self, command: list[str]) -> list[str]:
        """`command`, run as this user. setpriv execs, so that the pid stays the server's own."""
        if not self.drops:
            return command
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.gid}", "--init-groups", "--", *command]


def fault_of(directory: str) -> str:
    """Why a folder cannot hold a stack, with the way to go on; empty when it can."""
    fix = "set `fashion-wallet:local.directory` or FASHION_WALLET_HOME to"
    if not Path(directory).is_absolute():
        return f"'{directory}' is not an absolute path; {fix} one that begins with /"
    if len(directory.encode()) > MAXIMUM_DIRECTORY_LENGTH:
        return (
            f"'{directory}' has {len(directory.encode())} bytes, at most {MAXIMUM_DIRECTORY_LENGTH} leave room for the "
            f"Unix sockets in it; {fix} a shorter one"
        )
    if _UNUSABLE.search(directory):
        return (
            f"'{directory}' holds a character that the configuration of supervisord cannot: none of "
            f'% " \\ * ? [ ] # ; may be in it, and no blank at its end; {fix} another one'
        )
    return ""


@dataclasses.dataclass(frozen=True)
class StackDirectory:
    """Paths below one stack's folder, and the rules for making and removing it."""

    root: Path
    owner: Owner

    @classmethod
    def open(cls, directory: str | Path, stack: str | None = None) -> StackDirectory:
        """An existing stack's folder; its owner is read from the folder itself.

        Raises:
            LocalprocError: it does not exist, is not ours, or belongs to another stack than `stack`.
        """
        root = Path(directory)
        found = cls.stack_of(root)
        if found is None:
            msg = f"{root} is not the folder of a stack (it has no {MARKER}); nothing was touched"
            raise LocalprocError(msg)
        if stack is not None and found != stack:
            raise LocalprocError(_belongs_to(root, found, stack))
        entry = pwd.getpwuid((root / MARKER).stat().st_uid)
        return cls(root, Owner(entry.pw_name, entry.pw_uid, entry.pw_gid))

    @staticmethod
    def stack_of(directory: str | Path) -> str | None:
        """Name of the stack whose folder this is; None when it is none's."""
        try:
            return (Path(directory) / MARKER).read_text(encoding="utf-8").strip()
        except OSError:
            return None

    @classmethod
    def create(cls, directory: str | Path, stack: str, owner: Owner) -> StackDirectory:
        """Make the folder with its marker, or take up the one that an earlier run made.

        The folders that hold others are root's where root makes them, so that a server which was broken into cannot
        put a link in the place of one.

        Raises:
            LocalprocError: the folder holds something that is not ours, belongs to another stack, or has a name that
                the servers cannot take.
        """
        root = Path(directory)
        if fault := fault_of(str(root)):
            raise LocalprocError(fault)
        marker = root / MARKER
        found = cls.stack_of(root)
        if found is not None and found != stack:
            raise LocalprocError(_belongs_to(root, found, stack))
        if found is None and root.exists() and (not root.is_dir() or any(not _ours(path) for path in root.iterdir())):
            msg = (
                f"{root} exists, is not empty and was not made by this program (it has no {MARKER}); "
                "move it away or choose another `fashion-wallet:local.directory`"
            )
            raise LocalprocError(msg)
        self = cls(root, owner)
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = (
                f"cannot make the stack's folder {root}: {error.strerror}; "
                "choose another `fashion-wallet:local.directory`"
            )
            raise LocalprocError(msg) from error
        # First of all, so that what an interrupted run leaves is known as ours.
        if found is None:
            self.write(marker, f"{stack}\n", mode=0o644)
        for folder in (root, self.services, self.supervisor, self.programs):
            self.make(folder, mode=0o755, handed_over=False)
        for folder in (self.log, self.run):
            self.make(folder)
        return self

    @property
    def services(self) -> Path:
        """One folder a server."""
        return self.root / "services"

    @property
    def log(self) -> Path:
        """One log a server."""
        return self.root / "log"

    @property
    def run(self) -> Path:
        """Unix sockets of the databases, pid files, locks."""
        return self.root / "run"

    @property
    def supervisor(self) -> Path:
        """Supervisord's own configuration."""
        return self.root / "supervisor"

    @property
    def programs(self) -> Path:
        """One file a program."""
        return self.supervisor / "programs"

    @property
    def socket(self) -> Path:
        """Supervisord's control socket."""
        return self.run / "supervisor.sock"

    @property
    def ca_file(self) -> Path:
        """The authorities that clients trust."""
        return self.root / "ca.crt"

    def service(self, name: str) -> Path:
        """The folder of one server."""
        return self.services / name

    def make(self, folder: Path, mode: int = 0o700, *, handed_over: bool = True) -> None:
        """Make a folder, of the servers' user unless it is not `handed_over`.

        Raises:
            LocalprocError: something else stands there, a link for example: following it could give away any folder.
        """
        folder.mkdir(exist_ok=True)
        with _opened(folder) as descriptor:
            os.fchmod(descriptor, mode)
            if os.geteuid() == 0:
                owner = (self.owner.uid, self.owner.gid) if handed_over else (0, 0)
                os.fchown(descriptor, *owner)

    def write(self, path: Path, content: str, *, mode: int = 0o600) -> bool:
        """Put `content` into a file of the servers' user, whole or not at all. True if that changed anything.

        The mode is set before the first byte is written, so that a key is never readable by others.
        """
        if self.matches(path, content, mode=mode):
            return False
        temporary = f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp"
        with _opened(path.parent) as folder:
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                descriptor = os.open(temporary, flags, mode, dir_fd=folder)
                with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
                    os.fchmod(stream.fileno(), mode)
                    if os.geteuid() == 0:
                        os.fchown(stream.fileno(), self.owner.uid, self.owner.gid)
                    stream.write(content)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.replace(temporary, path.name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError as error:
                with contextlib.suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
                msg = f"cannot write {path}: {error.strerror}; free some space or mend the folder's rights"
                raise LocalprocError(msg) from error
        return True

    @staticmethod
    def matches(path: Path, content: str, *, mode: int = 0o600) -> bool:
        """Whether the file is there with exactly this content and mode."""
        try:
            return path.stat().st_mode & 0o777 == mode and path.read_text(encoding="utf-8") == content
        except (OSError, UnicodeDecodeError):
            return False

    @contextlib.contextmanager
    def lock(self, name: str, waiter: Waiter) -> Iterator[None]:
        """Hold a lock of the stack, over threads and processes."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self.run / f"{name}.lock", flags, 0o600)

        def taken() -> bool:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

        try:
            waiter.until(f"the lock {name}", taken, every_s=0.02)
            yield
        finally:
            os.close(descriptor)

    def remove_service(self, name: str) -> None:
        """Remove one server's folder, with its data.

        Raises:
            LocalprocError: something of it could not be removed.
        """
        if (self.root / MARKER).is_file():
            folder = self.service(name)
            try:
                if os.path.lexists(folder):
                    shutil.rmtree(folder)
            except OSError as error:
                msg = (
                    f"{folder} could not be removed whole: {error.filename or folder}: {error.strerror or error}; "
                    "mend that (rights, mounts, processes that still write there), then run the command again"
                )
                raise LocalprocError(msg) from error
            for log in self.log.glob(f"{name}.log*"):
                log.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the whole folder. The marker goes last, so that an interrupted removal can be carried on."""
        if not (self.root / MARKER).is_file():
            return
        for entry in self.root.iterdir():
            if entry.name == MARKER:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
        (self.root / MARKER).unlink()
        self.root.rmdir()


def _belongs_to(root: Path, found: str, stack: str) -> str:
    return f"{root} belongs to the stack '{found}', not to '{stack}'; choose another `fashion-wallet:local.directory`"


def _ours(path: Path) -> bool:
    """Whether a file is what an interrupted write of the marker left."""
    return path.name.startswith(f".{MARKER}.") and path.name.endswith(".tmp")


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    """A folder's descriptor, never through a link that was put in its place."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        msg = f"{folder} is no plain folder ({error.strerror}): look at who put it there, and move it away"
        raise LocalprocError(msg) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)
