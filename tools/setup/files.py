"""Files that are whole or absent: atomic writes and links, a lock between runs, a digest as a name."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

__all__ = ["digest", "held", "link", "locked", "remove", "write"]

_held: list[int] = []


def digest(*parts: bytes) -> str:
    """A name for what is made from these inputs: 12 hexadecimal digits."""
    total = hashlib.sha256()
    for part in parts:
        total.update(len(part).to_bytes(8, "big"))
        total.update(part)
    return total.hexdigest()[:12]


def write(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Write a file that others see whole or not at all; the folder must exist."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            os.fchmod(stream.fileno(), mode)
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def link(path: Path, target: Path) -> None:
    """Make `path` a link to `target`, replacing a link or nothing.

    Raises:
        IsADirectoryError: A real folder stands there; nothing is removed.
    """
    if path.is_symlink() and path.readlink() == target:
        return
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    try:
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def locked(path: Path, waiting: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock that the kernel releases when this process and the commands that inherit it have ended.

    `waiting` is called once with the holder's pid (empty when unknown) if another run has it.
    """
    with path.open("a+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.seek(0)
            waiting(stream.read().strip())
            fcntl.flock(stream, fcntl.LOCK_EX)
        stream.truncate(0)
        stream.write(str(os.getpid()))
        stream.flush()
        _held.append(stream.fileno())
        try:
            yield
        finally:
            _held.remove(stream.fileno())


def held() -> tuple[int, ...]:
    """The locks of this process, for a command to inherit.

    A command that outlives a killed run then keeps the next run from working in the same folder.
    """
    return tuple(_held)


def remove(path: Path) -> None:
    """Remove a file, a link (not what it points to) or a folder, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
