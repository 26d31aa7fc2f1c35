"""A stack from its first `up` to its removal, through `bin/pulumi`."""

import errno
import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.setup import commands, files, orphans, pulumi, state
from tools.setup.errors import SetupError
from tools.setup.layout import STACK_MARKER, SUPERVISOR_SOCKET, Layout
from tools.setup.screen import Screen

__all__ = ["check_directory", "down", "engine", "look", "make_ready", "show", "stack_directory", "stop", "up"]

HEALTHY_WITHIN_S = 30

_REFUSED = "incorrect passphrase"
_READ_DIRECTORY = """
import json, sys, yaml
sys.excepthook = lambda kind, error, _trace: print(f"{kind.__name__}: {error}", file=sys.stderr)
settings = (yaml.safe_load(open(sys.argv[1], encoding="utf-8")) or {}).get("config") or {}
local = settings.get("fashion-wallet:local", settings.get("local")) or {}
local = json.loads(local) if isinstance(local, str) else local
if not isinstance(local, dict) or "secure" in local:
    sys.exit(f"fashion-wallet:local is {local!r}, not a section in clear text")
directory = local.get("directory")
if directory is not None and not (isinstance(directory, str) and directory.startswith("/")):
    sys.exit(f"fashion-wallet:local.directory is {directory!r}, not an absolute path")
print(directory or "")
"""


def engine(layout: Layout, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run `bin/pulumi` quietly."""
    command = [str(layout.project / "bin" / "pulumi"), "--non-interactive", "--color", "never", *argv]
    return subprocess.run(
        command, cwd=layout.project, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def _foreground(layout: Layout, *argv: str) -> int:
    return commands.foreground([str(layout.project / "bin" / "pulumi"), *argv], cwd=layout.project)


def _fail(layout: Layout, doing: str, done: subprocess.CompletedProcess[str]) -> SetupError:
    text = f"{done.stdout}\n{done.stderr}".strip()
    if _REFUSED in text:
        return _wrong_passphrase(layout)
    return SetupError(f"{doing} failed:\n{text}", "put right what the message names and run the same command again")


def _wrong_passphrase(layout: Layout) -> SetupError:
    source = next(
        (name for name in ("PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE") if os.environ.get(name)),
        f"the file {layout.passphrase}",
    )
    return SetupError(
        f"the passphrase from {source} is not the one that encrypted the secrets of stack {layout.stack}; "
        "nothing was changed",
        f"unset PULUMI_CONFIG_PASSPHRASE and PULUMI_CONFIG_PASSPHRASE_FILE to use {layout.passphrase}, or put the "
        "right passphrase there",
    )


def _check_passphrase(layout: Layout) -> None:
    """Tell a wrong passphrase from every other cause of a failure."""
    if _REFUSED in engine(layout, "stack", "output", "-s", layout.stack, "--json", "--show-secrets").stderr:
        raise _wrong_passphrase(layout)


def stack_directory(layout: Layout) -> Path:
    """Where the stack keeps its servers: as the engine recorded it, else as the settings name it, else the default.

    Raises:
        SetupError: The settings may name a directory and cannot be read: the default would be a guess, and what is
            removed must not be one.
    """
    if recorded := state.recorded_directory(layout):
        return recorded
    file = layout.stack_file
    # Most stacks never name a directory, and this saves them a start of Python.
    if not file.exists() or not re.search("directory|secure", file.read_text(encoding="utf-8")):
        return layout.default_stack_directory
    cause = f"where stack {layout.stack} keeps its data cannot be read from {file}"
    if not layout.python.exists():
        raise SetupError(f"{cause}: set-up has not run here", "make setup, then run the same command again")
    done = subprocess.run(
        [str(layout.python), "-c", _READ_DIRECTORY, str(file)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupError(
            f"{cause}; nothing was touched:\n{done.stderr.strip()}",
            "correct it (`directory` of `fashion-wallet:local` is an absolute path, or left out) and run the same "
            "command again",
        )
    named = done.stdout.strip()
    return Path(named) if named else layout.default_stack_directory


def look(layout: Layout, screen: Screen) -> None:
    """Have the engine know the stack, which is all that a preview needs; nothing is started or cleared away."""
    with screen.step("stack") as step:
        step.note = _known(layout)
        if _stopped(stack_directory(layout)):
            step.note += ", and is stopped: its servers are not looked at; make up starts them"


def _known(layout: Layout) -> str:
    """Make the stack where it is new, and say which it was."""
    pulumi.prepare(layout, os.environ)
    if state.stack_exists(layout):
        return f"{layout.stack} is there"
    done = engine(layout, "stack", "select", "--create", layout.stack)
    if done.returncode:
        raise _fail(layout, f"making stack {layout.stack}", done)
    return f"made {layout.stack}"


def _stopped(directory: Path) -> bool:
    """Whether servers lie in the directory and their supervisor does not run."""
    if not (directory / STACK_MARKER).is_file():
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(directory / SUPERVISOR_SOCKET)) in {errno.ENOENT, errno.ECONNREFUSED}


def make_ready(layout: Layout, screen: Screen) -> None:
    """Make the stack where it is new, and clear away what a killed run left.

    Raises:
        SetupError: Another run holds the stack, or the passphrase is wrong.
    """
    with screen.step("stack") as step:
        step.note = _known(layout)
        if _release_locks(layout):
            step.note += "; released the lock of a run that was killed"
        _boot(layout, stack_directory(layout))
    pending = state.pending_operations(layout)
    if not pending:
        return
    with screen.step("unfinished operations") as step:
        done = engine(layout, "refresh", "-s", layout.stack, "--yes", "--skip-preview", "--clear-pending-creates")
        if _REFUSED in done.stderr:
            raise _wrong_passphrase(layout)
        # A server that is half-made may not answer yet; the update that follows mends it all the same.
        step.note = f"{len(pending)} left by a run that was killed, " + (
            "left to the update" if done.returncode else "cleared"
        )


def _release_locks(layout: Layout) -> bool:
    found = state.locks(layout)
    for lock in found:
        if lock.alive:
            raise SetupError(
                f"another run is at work on stack {layout.stack}: pid {lock.pid} of {lock.user}, since {lock.since}",
                f"wait for it to end, or end it with: kill -INT {lock.pid}; then run the same command again",
            )
        if lock.alive is None:
            raise SetupError(
                f"stack {layout.stack} is locked by pid {lock.pid} of {lock.user} on {lock.host}, since {lock.since}",
                f"if that run is gone, release the lock with: bin/pulumi cancel --yes -s {layout.stack}",
            )
    if found:
        orphans.end(layout)
        # Only what was judged dead: `pulumi cancel` would also take the lock of a run that began a moment ago.
        for lock in found:
            files.remove(lock.path)
    return bool(found)


def _boot(layout: Layout, directory: Path) -> None:
    """Start the stack's servers where they are down, as after a reboot.

    A directory without the marker is left to the update, which takes an empty one and refuses any other.
    """
    if (directory / STACK_MARKER).is_file():
        _localproc(layout, f"the servers under {directory} do not start", "--stack", layout.stack, str(directory))


def _localproc(layout: Layout, failure: str, *argv: str) -> None:
    if not layout.python.exists():
        raise SetupError(f"{failure}: set-up has not run here", "make setup, then run the same command again")
    done = subprocess.run(
        [str(layout.python), "-m", "localproc.boot", *argv],
        cwd=layout.project,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SetupError(
            f"{failure}:\n{(done.stdout + done.stderr).strip()}",
            "put right what the message names and run the same command again",
        )


def up(layout: Layout, screen: Screen, more: Sequence[str]) -> int:
    """Bring the stack to its declared state, then show how to connect and how it is."""
    make_ready(layout, screen)
    with screen.step("update"):
        words = [
            "up",
            "-s",
            layout.stack,
            "--yes",
            "--skip-preview",
            "--refresh",
            "--suppress-outputs",
            "--suppress-progress",
            *more,
        ]
        code = _foreground(layout, *words)
        if code:
            _check_passphrase(layout)
            raise SetupError(
                f"the update {commands.ending(code)}; what it made so far is kept",
                "put right what its message above names, then make up goes on from there",
                exit_code=code,
            )
    state.tidy_settings(layout)
    return show(layout, screen)


def show(layout: Layout, screen: Screen) -> int:
    """Print the connection strings and `walletdb status`, whose exit code is returned."""
    done = engine(layout, "stack", "output", "-s", layout.stack, "--json", "--show-secrets")
    if done.returncode:
        raise _fail(layout, "reading the stack's outputs", done)
    outputs: dict[str, Any] = json.loads(done.stdout or "{}")
    for line in connection_lines(outputs):
        screen.line(line if line.startswith(" ") else screen.bold(line))
    config = stack_directory(layout) / "walletdb.json"
    if not config.exists():
        return 0
    walletdb = str(layout.project / "bin" / "walletdb")
    env = {**os.environ, "WALLETDB_CONFIG": str(config)}
    await_health(screen, [walletdb, "health"], env)
    screen.line()
    return commands.foreground([walletdb, "status"], cwd=layout.project, env=env)


def await_health(screen: Screen, health: Sequence[str], env: Mapping[str, str]) -> None:
    """Wait a while until all is well: after a reboot, say, a replica still has to catch up and to be let in."""
    with screen.step("health") as step:
        deadline = time.monotonic() + HEALTHY_WITHIN_S
        while subprocess.run(health, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode:
            if time.monotonic() > deadline:
                step.note = f"not all is well after {HEALTHY_WITHIN_S} s, see below"
                return
            time.sleep(0.5)


def connection_lines(outputs: Mapping[str, Any]) -> list[str]:
    """The outputs that are URLs, a heading for each group, and the stack's warnings."""
    lines: list[str] = []
    for group in sorted(outputs):
        values = outputs[group]
        if not isinstance(values, Mapping):
            continue
        inner = {
            name: value for value in values.values() if isinstance(value, Mapping) for name, value in value.items()
        }
        urls = {key: value for key, value in {**values, **inner}.items() if isinstance(value, str) and "://" in value}
        if urls:
            width = max(map(len, urls))
            lines += ["", group, *(f"  {key:<{width}}  {urls[key]}" for key in sorted(urls))]
    warnings = outputs.get("warnings") or []
    if warnings:
        lines += ["", "warnings", *(f"  {warning}" for warning in warnings)]
    return lines


def stop(layout: Layout, screen: Screen) -> None:
    """End the stack's processes; data stays, and the next `make up` starts them again."""
    with screen.step("stop") as step:
        directory = stack_directory(layout)
        if not directory.exists():
            step.note = f"nothing runs under {directory}"
            return
        _localproc(
            layout, f"the processes under {directory} do not end", "--stop", "--stack", layout.stack, str(directory)
        )
        step.note = f"data kept in {directory}"


def down(layout: Layout, screen: Screen, directory: Path, *, force: bool) -> None:
    """Destroy the stack, then remove its directory and what the backend keeps of it. Consent was given before.

    Args:
        layout: Where everything lies.
        screen: What shows the steps.
        directory: The stack's directory, for which consent was given.
        force: Do without the engine's destroy, for a stack that it cannot destroy any more.

    Raises:
        SetupError: The engine cannot destroy the stack, or the directory was not made by this project.
    """
    check_directory(layout, directory)
    if state.stack_exists(layout) or layout.state is None:
        with screen.step("destroy") as step:
            pulumi.prepare(layout, os.environ)
            _release_locks(layout)
            if force:
                step.note = "left out"
            else:
                _destroy(layout, directory)
            # Without --preserve-config the engine would delete the stack's settings too.
            done = engine(layout, "stack", "rm", layout.stack, "--yes", "--preserve-config", *(["--force"] * force))
            if done.returncode:
                raise _fail(layout, f"removing stack {layout.stack}", done)
    with screen.step("remove") as step:
        step.note = "nothing is left of it" if remove_directory(layout, directory) else f"{directory} was not there"
        state.tidy_settings(layout)
        state.forget(layout)


def _destroy(layout: Layout, directory: Path) -> None:
    if directory.exists():
        _boot(layout, directory)
        # Protection guards against an update; whoever typed make down was asked, and only this directory goes.
        engine(layout, "state", "unprotect", "--all", "--yes", "-s", layout.stack)
    code = _foreground(layout, "destroy", "-s", layout.stack, "--yes", "--skip-preview", "--suppress-progress")
    if code:
        raise SetupError(
            f"the engine could not destroy stack {layout.stack}: it {commands.ending(code)}; its data is still there",
            "put right what its message above names and run the same command again, or end its processes and remove "
            "its data without the engine: make down ARGS=--force",
            exit_code=code,
        )


def check_directory(layout: Layout, directory: Path) -> None:
    """Refuse a directory that is not this stack's.

    Raises:
        SetupError: It is a link, a file, a mount point, lacks the marker while something lies in it, or is another
            stack's.
    """
    if not directory.exists() and not directory.is_symlink():
        return
    marker = directory / STACK_MARKER
    real = directory.is_dir() and not directory.is_symlink() and not directory.is_mount()
    if real and marker.is_file():
        found = marker.read_text(encoding="utf-8").strip()
        if found == layout.stack:
            return
        raise SetupError(
            f"{directory} belongs to stack {found}, not to stack {layout.stack}; nothing was touched",
            f"give {layout.stack_file.name} a `fashion-wallet:local.directory` of its own, or leave it out",
        )
    if real and not any(directory.iterdir()):
        return
    raise SetupError(
        f"{directory} was not made by this project (no file {STACK_MARKER} in a plain folder); nothing was removed",
        f"look at it, and remove it by hand if it may go: rm -r '{directory}'",
    )


def remove_directory(layout: Layout, directory: Path) -> bool:
    """End what still runs in the stack's directory and remove it; False where there is none."""
    if not directory.exists():
        return False
    check_directory(layout, directory)
    if any(directory.iterdir()):
        _localproc(layout, f"{directory} cannot be removed", "--remove", "--stack", layout.stack, str(directory))
    if directory.exists():
        directory.rmdir()
    return True
