"""The virtual environment: one folder for each lock file and Python, found through the link `.venv`."""

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.setup import commands, files
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["ensure", "system_python_without_pip"]

_COMPLETE = ".complete"  # written last: a folder without it is half-made
_FREE_BYTES = 1 << 30  # the environment with its test tools takes 0.5 GB, pip as much again while it works
_SYSTEM_PYTHON = Path("/usr/bin/python3")
_SERVICE_USER = "postgres"
_PROBE = "import sys; print(*sys.version_info[:2])"


def _as_server_user(argv: Sequence[str], *, root: bool) -> list[str]:
    """The command as servers run it: root's servers drop to another user."""
    if not root:
        return list(argv)
    for name in (_SERVICE_USER, "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", *argv]
    return list(argv)


def _version(python: Path, *, root: bool) -> tuple[int, int] | None:
    printed = commands.output(_as_server_user([str(python), "-c", _PROBE], root=root), cwd=Path("/"))
    if printed is None:
        return None
    major, minor = printed.split()
    return int(major), int(minor)


def _has_pip(python: Path) -> bool:
    return commands.output([str(python), "-c", "import ensurepip, venv"]) is not None


def system_python_without_pip() -> bool:
    """Whether the system's Python would serve if its package for virtual environments were there."""
    version = _version(_SYSTEM_PYTHON, root=False) if _SYSTEM_PYTHON.exists() else None
    return version is not None and version >= (3, 11) and not _has_pip(_SYSTEM_PYTHON)


def choose_python(layout: Layout) -> tuple[Path, tuple[int, int]]:
    """The Python under the environment.

    Root prefers the system's: one under a closed home folder cannot be run by the servers' user.

    Raises:
        SetupError: None is new enough, has pip, and can be run by the servers' user.
    """
    own = Path(getattr(sys, "_base_executable", sys.executable))
    candidates = [_SYSTEM_PYTHON, own] if layout.root else [own, _SYSTEM_PYTHON]
    for python in candidates:
        version = _version(python, root=layout.root)
        if version is not None and version >= (3, 11) and _has_pip(python):
            return python, version
    tried = ", ".join(map(str, dict.fromkeys(candidates)))
    whose = " that the servers' user can run" if layout.root else ""
    raise SetupError(
        f"no Python 3.11 or newer with pip{whose} among {tried}",
        "install python3 and python3-venv of this system and run the same command again",
    )


def ensure(layout: Layout, step: Step, *, development: bool) -> None:
    """Have `.venv` point to a complete environment of the lock file; with the test tools in it for development.

    There is one folder for both: servers run by its path, which must not change when tests are run.

    Raises:
        SetupError: pip failed, there is no room, or the servers' user cannot run the environment's Python.
    """
    lock = files.digest((layout.project / "requirements.txt").read_bytes())
    current = layout.environment_link.resolve()
    if re.fullmatch(rf"venv-{lock}-py[0-9.]+", current.name) and _usable(current, layout):
        target, step.note = current, "already there"
    else:
        python, version = choose_python(layout)
        target, step.note = layout.tools / f"venv-{lock}-py{version[0]}.{version[1]}", "already there"
        if not _usable(target, layout):
            _build(layout, step, python, target)
            step.note = target.name
    if development:
        _add_test_tools(layout, step, target)
    try:
        files.link(layout.environment_link, target)
    except OSError as error:
        raise SetupError(
            f"{layout.environment_link} cannot be made a link to {target}: {error}",
            f"move {layout.environment_link} away and run the same command again",
        ) from error


def _usable(environment: Path, layout: Layout) -> bool:
    if not (environment / _COMPLETE).exists():
        return False
    return _version(environment / "bin" / "python", root=layout.root) is not None


def _build(layout: Layout, step: Step, python: Path, target: Path) -> None:
    layout.tools.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.tools).free
    if free < _FREE_BYTES:
        raise SetupError(
            f"{layout.tools} has {free >> 20} MiB free; an environment needs {_FREE_BYTES >> 20} MiB",
            "free some disk space, or name another data folder with FASHION_WALLET_HOME",
        )
    # An environment cannot be moved, so a half-made one is removed and begun again; pip keeps what it downloaded.
    files.remove(target)
    commands.logged(
        step, [str(python), "-m", "venv", str(target)], layout.logs / "venv.log", doing="making the environment"
    )
    _install(layout, step, target, layout.project / "requirements.txt")
    _check_server_user(layout, target)
    files.write(target / _COMPLETE, "")


def _add_test_tools(layout: Layout, step: Step, target: Path) -> None:
    lock = layout.project / "requirements-dev.txt"
    complete = target / f"{_COMPLETE}-dev-{files.digest(lock.read_bytes())}"
    if not complete.exists():
        _install(layout, step, target, lock)
        files.write(complete, "")
        step.note = f"{target.name}, with test tools"


def _install(layout: Layout, step: Step, target: Path, lock: Path) -> None:
    pip = [str(target / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
    total = sum(1 for line in lock.read_text(encoding="utf-8").splitlines() if line[:1].isalnum())
    commands.logged(
        step,
        [*pip, "--require-hashes", "--progress-bar", "off", "-r", str(lock)],
        layout.logs / "pip.log",
        doing=f"installing {total} packages",
        env={key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "PYTHONHOME"}},
        fix="put right what the log names (the network, a package index), then run the same command again",
    )


def _check_server_user(layout: Layout, target: Path) -> None:
    if _version(target / "bin" / "python", root=layout.root) is not None:
        return
    argv = _as_server_user([str(target / "bin" / "python"), "-c", _PROBE], root=layout.root)
    shown = subprocess.run(argv, cwd="/", capture_output=True, text=True, check=False)
    raise SetupError(
        f"the servers' user cannot run {target}/bin/python: {shown.stderr.strip()}",
        f"every folder above it must be passable for others (chmod o+x), or set FASHION_WALLET_HOME to another "
        f"folder than {layout.home}",
    )
