"""One server as files plus a supervised program, and the ways to bring it to what is declared."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import signal
from collections.abc import Callable, Mapping

from localproc.errors import LocalprocError, log_tail
from localproc.layout import StackDirectory
from localproc.ports import holder
from localproc.supervisor import Program, Supervisor
from localproc.waiting import Waiter

__all__ = ["RUNNING", "Service", "apply", "condition", "ensure_listening", "explain", "remove", "tls_files"]

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


def apply(directory: StackDirectory, service: Service, reload: Callable[[], None] | None = None) -> str:
    """Write what differs, then start, restart or reload as little as that needs.

    Returns:
        What was done: "started", "reloaded" or "unchanged".
    """
    supervisor = Supervisor(directory)
    name = service.program.name
    folder = directory.service(name)
    directory.make(folder)
    taken_up = _taken_up(directory, name)
    for path, content in service.files.items():
        target = folder / path
        if target.parent != folder:
            directory.make(target.parent)
        directory.write(target, content)
    wanted = _digests(service)
    changed = {path for path, digest in wanted.items() if taken_up.get(path) != digest}
    done = "unchanged"
    if supervisor.put(service.program):
        done = "started"
    elif changed & service.restart_files:
        supervisor.restart(name)
        done = "started"
    elif changed:
        (reload or (lambda: _signal(supervisor, service)))()
        done = "reloaded"
    # Only now: a run that is interrupted after the files were written must not make the next one believe them read.
    directory.write(directory.run / f"{name}.applied", json.dumps(wanted, sort_keys=True))
    return done


def _digests(service: Service) -> dict[str, str]:
    return {path: hashlib.sha256(content.encode()).hexdigest() for path, content in service.files.items()}


def _taken_up(directory: StackDirectory, name: str) -> dict[str, str]:
    """Digests of the files as the running server has read them."""
    try:
        return dict(json.loads((directory.run / f"{name}.applied").read_text(encoding="utf-8")))
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
    if _taken_up(directory, name) != _digests(service):
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
