"""supervisord for one stack: the process that starts every server and restarts what dies.

It runs as the servers' user, listens on a Unix socket of that user alone, and reads one file a program, so that it
brings everything back after a reboot without the provisioner.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import http.client
import os
import re
import shlex
import socket
import subprocess
import sys
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import Faults

from localproc import identity
from localproc.errors import DeadlineError, LocalprocError, log_tail
from localproc.layout import StackDirectory
from localproc.waiting import Waiter

__all__ = ["LONGEST_STOP_S", "Program", "ProgramState", "Supervisor"]

WARDEN = "warden"
LONGEST_STOP_S = 60
"""The most that a program may ask for as its time to stop."""
ANSWER_S = 30.0
"""supervisord answers at once; only the stop of a program takes that program's time as well."""
LOCK_PATIENCE_S = 180
"""Longer than the slowest server takes to stop, since another change may be waiting for that."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Program:
    """One program to keep running."""

    name: str
    command: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str] = dataclasses.field(default_factory=dict)
    stop_signal: str = "TERM"
    stop_wait_s: int = 30
    """Seconds until it is killed, at most `LONGEST_STOP_S`."""
    events: tuple[str, ...] = ()
    """Makes it an event listener of supervisord for these events."""


@dataclasses.dataclass(frozen=True)
class ProgramState:
    """What supervisord says of a program.

    Attributes:
        state: Its name: `RUNNING`, `BACKOFF`, …
        pid: 0 where no process runs.
        description: In words.
        ended_at: When its last process ended, in seconds since 1970; 0 where none has.
    """

    name: str
    state: str
    pid: int
    description: str
    ended_at: int = 0


def _escape(value: Path | str) -> str:
    """A value for supervisord's files, where `%` starts an expansion."""
    return str(value).replace("%", "%%")


class Supervisor:
    """Handle on the supervisord of one stack's folder."""

    def __init__(self, directory: StackDirectory) -> None:
        self.directory = directory
        self.configuration = directory.supervisor / "supervisord.conf"

    # The daemon itself.

    def configure(self) -> None:
        """Write supervisord's configuration, the warden and the code that they run."""
        library = self.directory.supervisor / "library"
        for folder in (library, library / "localproc"):
            self.directory.make(folder, mode=0o755, handed_over=False)
        for path, content in self._files().items():
            self.directory.write(path, content)

    def outdated(self) -> bool:
        """Whether a file that `configure` writes is missing or differs."""
        return not all(self.directory.matches(path, content) for path, content in self._files().items())

    def refresh_warden(self) -> None:
        """Have the warden run as declared: with this version of the code."""
        self.put(self._warden())

    def _files(self) -> dict[Path, str]:
        code = {source.name: source.read_text(encoding="utf-8") for source in Path(__file__).parent.glob("*.py")}
        library = self.directory.supervisor / "library" / "localproc"
        return {
            self.configuration: self._daemon(),
            **{library / name: text for name, text in code.items()},
            self.directory.programs / f"{WARDEN}.conf": self._section(self._warden()),
        }

    def _warden(self) -> Program:
        """The warden. The digest of its code is in its environment, so that new code is a changed program."""
        digest = hashlib.sha256()
        for source in sorted(Path(__file__).parent.glob("*.py")):
            digest.update(source.read_bytes())
        return Program(
            name=WARDEN,
            command=(*self.python("localproc.warden"), str(self.directory.root)),
            folder=self.directory.root,
            environment={"LOCALPROC_DIGEST": digest.hexdigest()[:16]},
            events=("PROCESS_STATE_RUNNING", "PROCESS_STATE_EXITED"),
        )

    def _daemon(self) -> str:
        d = self.directory
        return "\n".join(
            [
                "[unix_http_server]",
                f"file={_escape(d.socket)}",
                "chmod=0700",
                "[supervisord]",
                f"logfile={_escape(d.log / 'supervisord.log')}",
                "logfile_maxbytes=5MB",
                "logfile_backups=2",
                f"pidfile={_escape(d.run / 'supervisord.pid')}",
                f"childlogdir={_escape(d.log)}",
                f"directory={_escape(d.root)}",
                "umask=077",
                # Open files: PgBouncer and HAProxy hold two for each client. Linux lets everybody have so many.
                "minfds=4096",
                "[rpcinterface:supervisor]",
                "supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface",
                "[include]",
                "files=programs/*.conf",
                "",
            ]
        )

    @staticmethod
    def python(module: str) -> tuple[str, ...]:
        """Command that runs a module with this environment's Python, by a path that the servers' user can walk."""
        return (str(Path(sys.prefix).resolve() / "bin" / "python"), "-m", module)

    def pid(self) -> int:
        """Pid of the running supervisord, 0 when none listens.

        Raises:
            DeadlineError: one listens and does not answer. It must not be taken for none: all its servers live.
        """
        try:
            return int(self._call("supervisor.getPID"))
        except DeadlineError:
            raise
        except LocalprocError:
            return 0

    def start(self, waiter: Waiter) -> None:
        """Start supervisord, which starts all programs. Processes that a killed one left behind are ended first.

        Raises:
            LocalprocError: it ended at once, or did not answer in time; with the end of its log.
        """
        if self.pid():
            return
        identity.end(identity.of_stack(self.directory.root), waiter)
        self.directory.socket.unlink(missing_ok=True)
        environment = {
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "LANG": "C.UTF-8",
            "HOME": str(self.directory.root),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(self.directory.supervisor / "library"),
            identity.STACK_VARIABLE: str(self.directory.root),
        }
        command = self.directory.owner.command([*self.python("supervisor.supervisord"), "-c", str(self.configuration)])
        log = self.directory.log / "supervisord.log"
        done = subprocess.run(
            command,
            env=environment,
            cwd=self.directory.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        if done.returncode:
            msg = (
                f"supervisord did not start (exit code {done.returncode}): {done.stderr.strip() or done.stdout.strip()}"
            )
            raise LocalprocError(msg)
        waiter.until("supervisord to answer", self.pid, details=lambda: log_tail(log))

    def stop(self, waiter: Waiter) -> None:
        """Stop every program and supervisord, and whatever of the stack is left over."""
        pid = self.pid()
        if pid:
            with contextlib.suppress(LocalprocError):
                self._call("supervisor.shutdown")
            with contextlib.suppress(DeadlineError):
                waiter.until("the servers to stop", lambda: not self._alive(pid))
        identity.end(identity.of_stack(self.directory.root), waiter)

    @staticmethod
    def _alive(pid: int) -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return True

    # Programs.

    def put(self, program: Program) -> bool:
        """Declare a program and have it run as declared. True if it was started or restarted."""
        with self._lock():
            self.declare(program)
            return self._take_up(program.name)

    def declare(self, program: Program) -> None:
        """Write down a program, to be run as written from its next start by `restart` or of supervisord on."""
        self.directory.write(self.directory.programs / f"{program.name}.conf", self._section(program))

    def _take_up(self, name: str) -> bool:
        """Have a program run as it is written down. True if it was started or restarted."""
        # What supervisord runs is compared with what lies on disk, not with what a call wrote: an earlier call may
        # have been interrupted between the two.
        added, changed, _removed = self._call("supervisor.reloadConfig")[0]
        if name in changed:
            self._stop(name)
            self._call("supervisor.removeProcessGroup", name)
        if name in changed or name in added:
            self._call("supervisor.addProcessGroup", name)
            return True
        return self._ensure_started(name)

    def remove(self, name: str) -> None:
        """Stop a program and forget it."""
        with self._lock():
            (self.directory.programs / f"{name}.conf").unlink(missing_ok=True)
            if not self.pid():
                return
            self._call("supervisor.reloadConfig")
            if self.state(name) is not None:
                self._stop(name)
                self._call("supervisor.removeProcessGroup", name)

    def stop_program(self, name: str) -> None:
        """Stop a program that supervisord knows; it stays known."""
        with self._lock():
            self._stop(name)

    def restart(self, name: str) -> None:
        """Stop a program, with its own time to stop, and start it, as it is written down by now."""
        with self._lock():
            self._stop(name)
            self._take_up(name)

    def state(self, name: str) -> ProgramState | None:
        """State of a program; None when supervisord does not know it or does not run.

        Raises:
            DeadlineError: supervisord runs and does not answer.
        """
        try:
            info = self._call("supervisor.getProcessInfo", name)
        except DeadlineError:
            raise
        except LocalprocError:
            return None
        words = info["description"] or info["spawnerr"]
        return ProgramState(name, info["statename"], int(info["pid"]), words, int(info["stop"]))

    def running(self) -> dict[str, int]:
        """Pid of each program that runs.

        Raises:
            DeadlineError: supervisord runs and does not answer.
        """
        try:
            return {
                info["name"]: int(info["pid"]) for info in self._call("supervisor.getAllProcessInfo") if info["pid"]
            }
        except DeadlineError:
            raise
        except LocalprocError:
            return {}

    def matches(self, program: Program) -> bool:
        """Whether the program's file on disk is exactly what `put` would write."""
        return self.directory.matches(self.directory.programs / f"{program.name}.conf", self._section(program))

    def _ensure_started(self, name: str) -> bool:
        state = self.state(name)
        if state and state.state == "BACKOFF":
            # It waits longer after each failure, and what it failed for may have been mended.
            self._stop(name)
            state = self.state(name)
        if state and state.state in {"STOPPED", "FATAL", "EXITED"}:
            self._call("supervisor.startProcess", name, False)  # noqa: FBT003 - XML-RPC has no keywords: wait=False
            return True
        return False

    def _stop(self, name: str) -> None:
        state = self.state(name)
        if state and state.state not in {"STOPPED", "FATAL", "EXITED"}:
            self._call("supervisor.stopProcess", name, work_s=LONGEST_STOP_S)

    def _section(self, program: Program) -> str:
        environment = {**program.environment, identity.STACK_VARIABLE: str(self.directory.root)}
        lines = [
            f"[{'eventlistener' if program.events else 'program'}:{program.name}]",
            f"command={_escape(shlex.join(program.command))}",
            f"directory={_escape(program.folder)}",
            "environment=" + ",".join(f'{key}="{_escape(value)}"' for key, value in sorted(environment.items())),
            "autostart=true",
            "autorestart=true",
            "startsecs=1",
            "startretries=1000",
            f"stopsignal={program.stop_signal}",
            f"stopwaitsecs={program.stop_wait_s}",
            f"stderr_logfile={_escape(self.directory.log / f'{program.name}.log')}",
            "stderr_logfile_maxbytes=10MB",
            "stderr_logfile_backups=2",
        ]
        if program.events:
            lines += [f"events={','.join(program.events)}", "buffer_size=100"]
        else:
            lines += [
                "redirect_stderr=true",
                f"stdout_logfile={_escape(self.directory.log / f'{program.name}.log')}",
                "stdout_logfile_maxbytes=10MB",
                "stdout_logfile_backups=2",
            ]
        for line in lines:
            if re.search(r"\s[#;]", line):
                msg = (
                    f"supervisord would read only a part of '{line}': # or ; after a blank begins a comment; move the "
                    "project, or what FASHION_WALLET_HOME names, to a folder without them"
                )
                raise LocalprocError(msg)
        return "\n".join([*lines, ""])

    def _lock(self) -> contextlib.AbstractContextManager[None]:
        """One change of the programs at a time, over threads and processes."""
        return self.directory.lock("programs", Waiter.within(LOCK_PATIENCE_S))

    def _call(self, method: str, *arguments: object, work_s: float = 0) -> Any:  # noqa: ANN401 - XML-RPC answers with any value
        timeout_s = ANSWER_S + work_s
        transport = _UnixTransport(self.directory.socket, timeout_s)
        proxy = xmlrpc.client.ServerProxy("http://localhost/RPC2", transport=transport)
        try:
            target: Any = proxy
            for part in method.split("."):
                target = getattr(target, part)
            return target(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultCode in {Faults.ALREADY_STARTED, Faults.ALREADY_ADDED, Faults.NOT_RUNNING}:
                return None
            log = self.directory.log / "supervisord.log"
            msg = f"supervisord refused {method}{arguments}: {fault.faultString}; its log is {log}"
            raise LocalprocError(msg) from fault
        except (TimeoutError, BlockingIOError) as error:
            # The kernel takes connections for a suspended process until its queue is full: then they would block.
            msg = (
                f"supervisord of {self.directory.root} ({self._noted_pid()}) did not answer {method} within "
                f"{timeout_s:.0f} s: it is suspended or stuck; let it go on with `kill -CONT`, or end it with "
                "`kill -KILL`, then run the command again"
            )
            raise DeadlineError(msg) from error
        except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
            msg = f"supervisord of {self.directory.root} does not answer ({error}); `make up` starts it again"
            raise LocalprocError(msg) from error
        finally:
            transport.close()

    def _noted_pid(self) -> str:
        try:
            return f"pid {(self.directory.run / 'supervisord.pid').read_text(encoding='ascii').strip()}"
        except OSError:
            return "pid unknown"


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__("localhost", timeout=timeout_s)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


class _UnixTransport(xmlrpc.client.Transport):
    """The standard library's transport over a Unix socket, with a time-out: supervisor's own has none."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        super().__init__()
        self._unix = _UnixConnection(path, timeout_s)

    def make_connection(self, host: Any) -> http.client.HTTPConnection:  # noqa: ANN401 - as the base class
        self._connection = host, self._unix  # what the base class closes in the end
        return self._unix
