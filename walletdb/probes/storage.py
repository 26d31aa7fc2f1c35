"""Are the files of a folder encrypted by this machine? Looks at mounts and block devices; asks nobody.

True only where it is sure, False where it is sure of the opposite, None where it cannot see (a container's file system,
a network file system, ZFS). Any layer between the file and the disk counts: LUKS and plain dm-crypt, below LVM and RAID
too; fscrypt; the encrypting file systems. An encrypted disk of the host below a virtual machine cannot be seen.
"""

from __future__ import annotations

import array
import contextlib
import dataclasses
import fcntl
import os
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Encryption", "Mount", "device_encrypted", "encryption_of", "mount_of", "parse_mountinfo"]

_ENCRYPTING = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs"})
_FS_IOC_GETFLAGS = 0x80086601
_FS_ENCRYPT_FL = 0x00000800


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class Encryption:
    """`encrypted`: yes, no or not known; `how`: what was found."""

    encrypted: bool | None
    how: str


@dataclasses.dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/self/mountinfo."""

    point: str
    kind: str
    source: str


def encryption_of(folder: Path, *, proc: Path = Path("/proc"), system: Path = Path("/sys")) -> Encryption:
    """What is known about `folder`; it need not be readable."""
    try:
        mounts = parse_mountinfo((proc / "self" / "mountinfo").read_text(encoding="utf-8"))
    except OSError as error:
        return Encryption(encrypted=None, how=f"mounts cannot be read: {error.strerror}")
    mount = mount_of(os.path.realpath(folder), mounts)
    if mount is None:
        return Encryption(encrypted=None, how="no mount holds it")
    if mount.kind in _ENCRYPTING:
        return Encryption(encrypted=True, how=mount.kind)
    if _fscrypt(folder):
        return Encryption(encrypted=True, how="fscrypt")
    number = _device_number(mount.source)
    if number is None:
        return Encryption(encrypted=None, how=f"file system {mount.kind} shows no disk")
    return device_encrypted(system / "dev" / "block" / number, mount.source)


def parse_mountinfo(text: str) -> tuple[Mount, ...]:
    """Read /proc/self/mountinfo; later lines hide earlier ones of the same point."""
    mounts: dict[str, Mount] = {}
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        match before.split(" "), after.split(" "):
            case [_, _, _, _, field, *_], [kind, source, *_]:
                point = _unescape(field)
                mounts[point] = Mount(point, kind, _unescape(source))
            case _:
                continue
    return tuple(mounts.values())


def mount_of(path: str, mounts: Iterable[Mount]) -> Mount | None:
    """The mount with the longest point above `path`."""
    above = [mount for mount in mounts if path == mount.point or path.startswith(mount.point.rstrip("/") + "/")]
    return max(above, key=lambda mount: len(mount.point), default=None)


def device_encrypted(device: Path, source: str) -> Encryption:
    """Follow a block device of /sys down to the disks: encrypted when every way down passes a CRYPT- layer."""
    if not device.exists():
        return Encryption(encrypted=None, how=f"{source} is not visible here")
    if _crypt(device):
        return Encryption(encrypted=True, how="dm-crypt")
    return Encryption(encrypted=False, how=f"{source} is a plain disk")


def _crypt(device: Path) -> bool:
    with contextlib.suppress(OSError):
        if (device / "dm" / "uuid").read_text(encoding="utf-8").startswith("CRYPT-"):
            return True
    try:
        below = sorted((device / "slaves").iterdir())
    except OSError:
        return False
    return bool(below) and all(_crypt(layer) for layer in below)


def _device_number(source: str) -> str | None:
    """The major:minor number of a mount's source; None when it is no block device."""
    try:
        number = Path(source).stat().st_rdev
    except OSError:
        return None
    return f"{os.major(number)}:{os.minor(number)}" if number else None


def _fscrypt(folder: Path) -> bool:
    """Does the file system say that this folder is encrypted (fscrypt)?"""
    flags = array.array("l", [0])
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.ioctl(handle, _FS_IOC_GETFLAGS, flags)
    except OSError:
        return False
    finally:
        os.close(handle)
    return bool(flags[0] & _FS_ENCRYPT_FL)


def _unescape(field: str) -> str:
    """The kernel writes space, tab, newline and backslash as octal."""
    for code, char in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        field = field.replace(code, char)
    return field
