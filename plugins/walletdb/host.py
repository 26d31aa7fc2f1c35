"""The stack's folder with its supervisor, and the file that tells `walletdb` where everything is."""

from __future__ import annotations

import dataclasses
import json

from typing_extensions import override

from localproc import supervisor
from localproc.errors import LocalprocError
from localproc.layout import Owner, StackDirectory
from localproc.service import RUNNING
from localproc.waiting import Waiter
from plugins.base.errors import PartialFailure
from plugins.base.properties import Props
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names
from plugins.walletdb.inputs import build, checked, translated, waiter

__all__ = ["RuntimeConfig", "Supervisor"]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Host:
    """A stack's folder and the supervisord in it."""

    directory: str
    stack: str
    user: str
    ca_bundle_pem: str

    def ensure(self, directory: StackDirectory, waiter: Waiter) -> None:
        """Write what clients trust, run supervisord."""
        directory.write(directory.ca_file, self.ca_bundle_pem, mode=0o644)
        daemon = supervisor.Supervisor(directory)
        daemon.configure()
        daemon.start(waiter)
        daemon.refresh_warden()

    def condition(self, directory: StackDirectory) -> str:
        if not directory.matches(directory.ca_file, self.ca_bundle_pem, mode=0o644):
            return "changed: ca.crt"
        daemon = supervisor.Supervisor(directory)
        if daemon.outdated():
            return "changed: supervisor's files"
        return RUNNING if daemon.pid() else "stopped"


class Supervisor(Resource):
    """The stack's folder and supervisord, under which every server of the stack runs."""

    token = "walletdb:index:Supervisor"
    timeout_s = 120.0

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        failures = checked(Host, news)
        for name in ("directory", "stack", "user"):
            if olds.get(name) and olds[name] != news.get(name):
                reason = f"cannot change from '{olds[name]}' to '{news.get(name)}': the data would be left behind"
                failures.append(CheckFailure(name, f"{reason}; `make down` first, or keep the old value"))
        try:
            Owner.resolve(str(news.get("user")))
        except LocalprocError as error:
            failures.append(CheckFailure("user", str(error)))
        directory, stack = news.get("directory"), news.get("stack")
        found = StackDirectory.stack_of(directory) if isinstance(directory, str) else None
        if found is not None and found != stack:
            failures.append(
                CheckFailure("directory", f"'{directory}' belongs to the stack '{found}', not to '{stack}'")
            )
        return news, failures

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        drifted = () if state.get("status") == RUNNING else ("status",)
        return Diff(changes=tuple(sorted({*changed_names(old_inputs, news), *drifted})))

    @override
    def preview(self, state: Props | None, inputs: Props) -> Props:
        root = inputs.get("directory")
        return {**inputs, "caFile": f"{root}/ca.crt", "socket": f"{root}/run/supervisor.sock", "status": RUNNING}

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        return str(inputs["directory"]), self._ensure(inputs, ctx)

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return self._ensure(news, ctx)

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        try:
            directory = StackDirectory.open(id_, state.get("stack"))
        except LocalprocError:
            return None
        host = build(Host, state)
        return id_, inputs, {**state, "status": translated(lambda: host.condition(directory))}

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        try:
            directory = StackDirectory.open(id_, state.get("stack"))
        except LocalprocError:
            return
        translated(lambda: supervisor.Supervisor(directory).stop(waiter(ctx)))
        translated(directory.remove)

    @staticmethod
    def _ensure(inputs: Props, ctx: Context) -> Props:
        host = build(Host, inputs)
        # A folder that is not this stack's must not get into this stack's state, which would remove it one day.
        directory = translated(lambda: StackDirectory.create(host.directory, host.stack, Owner.resolve(host.user)))
        try:
            host.ensure(directory, waiter(ctx))
        except (LocalprocError, OSError) as error:
            outputs = {**inputs, "status": "incomplete"}
            raise PartialFailure(host.directory, outputs, inputs, [str(error)]) from error
        return {**inputs, "caFile": str(directory.ca_file), "socket": str(directory.socket), "status": RUNNING}


class RuntimeConfig(Resource):
    """`walletdb.json` in the stack's folder. It holds no password."""

    token = "walletdb:index:RuntimeConfig"

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        path = f"{inputs['directory']}/walletdb.json"
        return path, self._write(inputs)

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return self._write(news)

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        drifted = () if state.get("status") == RUNNING else ("status",)
        return Diff(changes=tuple(sorted({*changed_names(old_inputs, news), *drifted})))

    @override
    def preview(self, state: Props | None, inputs: Props) -> Props:
        return {**inputs, "path": f"{inputs.get('directory')}/walletdb.json", "status": RUNNING}

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        try:
            directory = StackDirectory.open(state["directory"])
        except LocalprocError:
            return None
        found = directory.matches(directory.root / "walletdb.json", _text(state))
        return id_, inputs, {**state, "status": RUNNING if found else "changed: walletdb.json"}

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        try:
            directory = StackDirectory.open(state["directory"])
        except LocalprocError:
            return
        (directory.root / "walletdb.json").unlink(missing_ok=True)

    @staticmethod
    def _write(inputs: Props) -> Props:
        directory = translated(lambda: StackDirectory.open(inputs["directory"]))
        path = directory.root / "walletdb.json"
        translated(lambda: directory.write(path, _text(inputs)))
        return {**inputs, "path": str(path), "status": RUNNING}


def _text(properties: Props) -> str:
    return json.dumps(properties["content"], indent=2, sort_keys=True) + "\n"
