"""One server as files plus a supervised program, and the ways to bring it to what is declared."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from localproc.errors import LocalprocError, log_tail
from localproc.layout import StackDirectory
from localproc.ports import holder
from localproc.supervisor import Program, Supervisor
from localproc.waiting import Waiter

__all__ = [
    "RUNNING",
    "Service",
    "apply",
    "condition",
    "ensure_listening",
    "explain",
    "remove",
    "restart_is_pending",
    "restart_pending",
    "tls_files",
]

RUNNING = "running"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Service:
    """A server: the files in its folder and the program that supervisord runs."""

    program: Program
    files: Mapping[str, str]
    """Path below the server's folder → content; mode 0600."""
    restart_files: frozenset[str] = frozenset()
    """Files that the server reads only when it starts; a change of any other is a reload."""
    reload_signal: signal.Signals = signal.SIGHUP


def tls_files(certificate: str, key: str, authorities: str, stem: str = "server") -> dict[str, str]:
    """A certificate, its key and the trusted authorities, as files below `tls/`."""
    return {f"tls/{stem}.crt": certificate, f"tls/{stem}.key": key, "tls/ca.crt": authorities}


def apply(
    directory: StackDirectory,
    service: Service,
    reload: Callable[[], None] | None = None,
    *,
    defer_restart: bool = False,
) -> str:
    """Write what differs, then start, restart or reload as little as that needs.

    With `defer_restart`, a running server that would have to restart goes on as it is; `restart_pending` does it later,
    when its turn has come.

    Returns:
        What was done: "started", "reloaded", "unchanged", or "pending" for a restart that was deferred.
    """
    supervisor = Supervisor(directory)
    name = service.program.name
    _write_files(directory, service)
    wanted, taken_up = _digests(service), _taken_up(directory, name)
    changed = {path for path, digest in wanted.items() if taken_up.get(path) != digest}
    done = "unchanged"
    restarts = bool(changed & service.restart_files)
    if defer_restart and _runs(supervisor, name) and (restarts or not supervisor.matches(service.program)):
        supervisor.declare(service.program)
        done = "pending"
        if changed - service.restart_files:
            (reload or (lambda: _signal(supervisor, service)))()
        # What the server has read by now; the rest is noted when it has restarted.
        wanted = {path: taken_up.get(path, "") if path in service.restart_files else wanted[path] for path in wanted}
        directory.write(_pending(directory, name), json.dumps(_digests(service), sort_keys=True))
    elif supervisor.put(service.program):
        done = "started"
    elif restarts:
        supervisor.restart(name)
        done = "started"
    elif changed:
        (reload or (lambda: _signal(supervisor, service)))()
        done = "reloaded"
    if done != "pending":
        _pending(directory, name).unlink(missing_ok=True)
    # Only now: a run that is interrupted after the files were written must not make the next one believe them read.
    directory.write(directory.run / f"{name}.applied", json.dumps(wanted, sort_keys=True))
    return done


def restart_is_pending(directory: StackDirectory, name: str) -> bool:
    """Whether `apply` has deferred a restart of this server that was not done yet."""
    return _pending(directory, name).exists()


def restart_pending(directory: StackDirectory, name: str) -> None:
    """Do the restart that `apply` has deferred."""
    Supervisor(directory).restart(name)
    _pending(directory, name).replace(directory.run / f"{name}.applied")


def _pending(directory: StackDirectory, name: str) -> Path:
    """Digests of the files as the server will have read them once it has restarted."""
    return directory.run / f"{name}.pending"


def _write_files(directory: StackDirectory, service: Service) -> None:
    folder = directory.service(service.program.name)
    directory.make(folder)
    for path, content in service.files.items():
        target = folder / path
        if target.parent != folder:
            directory.make(target.parent)
        directory.write(target, content)


def _runs(supervisor: Supervisor, name: str) -> bool:
    state = supervisor.state(name)
    return state is not None and bool(state.pid)


def _digests(service: Service) -> dict[str, str]:
    return {path: hashlib.sha256(content.encode()).hexdigest() for path, content in service.files.items()}


def _taken_up(directory: StackDirectory, name: str) -> dict[str, str]:
    """Digests of the files as the running server has read them."""
    return _noted(directory.run / f"{name}.applied")


def _noted(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def ensure_listening(directory: StackDirectory, service: Service, address: str, port: int, waiter: Waiter) -> None:
    """Apply, then wait until the server has stayed up for supervisord's first second and answers on its port.

    Raises:
        LocalprocError: it does not in time; with the end of its log.
    """
    name = service.program.name

    def listens() -> bool:
        state = Supervisor(directory).state(name)
        return state is not None and state.state == "RUNNING" and bool(holder(address, port))

    apply(directory, service)
    waiter.until(f"{name} to listen on port {port}", listens, details=lambda: explain(directory, name))


def condition(directory: StackDirectory, service: Service) -> str:
    """`running` when files and process are as declared; else what is not, for a refresh to show."""
    supervisor = Supervisor(directory)
    name = service.program.name
    folder = directory.service(name)
    for path, content in service.files.items():
        if not directory.matches(folder / path, content):
            return f"changed: {path}"
    if not supervisor.matches(service.program):
        return "changed: program"
    # A restart that waits for its turn is not this server's own concern: its files and program are as declared.
    if _digests(service) not in (_taken_up(directory, name), _noted(_pending(directory, name))):
        return "changed: not reloaded"
    state = supervisor.state(name)
    if state is None:
        return "stopped: not supervised"
    return RUNNING if state.state in {"RUNNING", "STARTING"} else f"stopped: {state.state.lower()}"


def remove(directory: StackDirectory, name: str) -> None:
    """Stop a server and remove its folder, data included."""
    Supervisor(directory).remove(name)
    directory.remove_service(name)
    (directory.run / f"{name}.applied").unlink(missing_ok=True)
    _pending(directory, name).unlink(missing_ok=True)


def explain(directory: StackDirectory, name: str) -> str:
    """The state of a server and the end of its log, for an error's text."""
    state = Supervisor(directory).state(name)
    said = f"{name} is {state.state.lower()} ({state.description})" if state else f"{name} is not supervised"
    return f"{said}; the end of its log, {directory.log / f'{name}.log'}:\n{log_tail(directory.log / f'{name}.log')}"


def _signal(supervisor: Supervisor, service: Service) -> None:
    state = supervisor.state(service.program.name)
    if state is None or not state.pid:
        msg = f"{service.program.name} does not run and cannot reload"
        raise LocalprocError(msg)
    os.kill(state.pid, service.reload_signal)
