"""Servers as resources. One base class does what all have in common; the subclasses say which server it is."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any, ClassVar, Protocol

from typing_extensions import override

from localproc import (
    etcd,
    haproxy,
    patroni,
    patroni_cluster,
    pgbouncer,
    postgres,
    server_parameters,
    service,
)
from localproc.errors import LocalprocError
from localproc.etcd_keys import EtcdKeys
from localproc.layout import MARKER, StackDirectory
from localproc.ports import refuse_taken
from localproc.waiting import Waiter
from plugins.base.errors import PartialFailure, ProviderError
from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names
from plugins.walletdb.inputs import build, checked, translated, waiter

__all__ = ["Etcd", "HAProxy", "PatroniCluster", "PatroniMember", "PgBouncer", "Server"]

SERVER_TIMEOUT_S = 180.0


class Kind(Protocol):
    """What localproc's servers have in common."""

    directory: str

    def ensure(self, waiter: Waiter) -> None: ...
    def condition(self) -> str: ...


class Server(Resource):
    """A server of a local stack. Its id is its name; its data survives every update."""

    kind: ClassVar[type[Any]]
    identity: ClassVar[tuple[str, ...]] = ("directory", "name")
    """Inputs that say which data this is: they can't change, since only a replacement could follow them."""
    name_input: ClassVar[str] = "name"
    port_inputs: ClassVar[dict[str, str]] = {}
    """Inputs that are TCP ports, with what each is for."""
    stable_outputs: ClassVar[tuple[str, ...]] = ("status",)
    """Outputs that no update in place changes."""
    timeout_s: ClassVar[float] = SERVER_TIMEOUT_S

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        failures = checked(self.kind, news)
        failures += [
            CheckFailure(name, f"cannot change from '{olds[name]}' to '{news[name]}': the data would be left behind")
            for name in self.identity
            if name in olds and not contains_unknown([olds[name], news.get(name)]) and olds[name] != news.get(name)
        ]
        failures += self._taken_ports(olds, news)
        return news, failures

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        changes = changed_names(old_inputs, news)
        drifted = () if state.get("status") == service.RUNNING else ("status",)
        return Diff(changes=tuple(sorted({*changes, *drifted})))

    @override
    def preview(self, state: Props | None, inputs: Props) -> Props:
        # An update never changes the outputs that others build on, so a preview may show them as they are.
        return {**inputs, **{name: state[name] for name in self.stable_outputs if state and name in state}}

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        return str(inputs[self.name_input]), self._ensure(inputs, ctx)

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return self._ensure(news, ctx)

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        if not state:
            msg = f"{self.token} cannot be imported: declare it, and `pulumi up` takes up what lies in its directory"
            raise ProviderError(msg)
        server = build(self.kind, state)
        if not self._exists(server):
            return None
        return id_, inputs, {**state, "status": translated(server.condition)}

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        server = build(self.kind, state)
        if self._exists(server):
            translated(lambda: self.remove(server, ctx))

    def remove(self, server: Any, ctx: Context) -> None:  # noqa: ARG002 - subclasses wait within its time
        """Stop it and remove its folder."""
        service.remove(StackDirectory.open(server.directory), server.name)

    def facts(self, server: Any) -> Props:
        """Outputs beside the inputs and `status`."""
        raise NotImplementedError

    def _ensure(self, inputs: Props, ctx: Context) -> Props:
        server = build(self.kind, inputs)
        try:
            server.ensure(waiter(ctx))
            return {**inputs, **self.facts(server), "status": service.RUNNING}
        except (LocalprocError, OSError) as error:
            # The server may exist by now: the state keeps it, and the next update carries on from there.
            raise PartialFailure(
                str(inputs[self.name_input]), {**inputs, "status": "incomplete"}, inputs, [str(error)]
            ) from error

    @staticmethod
    def _exists(server: Any) -> bool:
        with contextlib.suppress(LocalprocError):
            StackDirectory.open(server.directory)
            return True
        return False

    def _taken_ports(self, olds: Props, news: Props) -> list[CheckFailure]:
        """Ports that another process holds: found before anything is touched, and named where waiting would end.

        A port that is needed anew must be free. One that the server has already may be held by this stack as well.
        """
        root, name, address = (news.get(key) for key in ("directory", self.name_input, "listenAddress"))
        if not (isinstance(root, str) and isinstance(name, str) and isinstance(address, str)):
            return []
        run = Path(root) / "run"
        if run.exists() and not os.access(run, os.R_OK):
            return []  # Another user's stack, who alone can tell which processes are of it.
        # What lies there already is ours: an earlier run was interrupted before the engine had noted it.
        taken_up = not olds and (Path(root) / MARKER).is_file() and (Path(root) / "services" / name).is_dir()
        had = [olds.get(input_) for input_ in self.port_inputs]
        failures = []
        for input_, purpose in self.port_inputs.items():
            port = news.get(input_)
            if isinstance(port, int):
                stack = Path(root) if taken_up or port in had else None
                try:
                    refuse_taken(address, port, f"{name} ({purpose})", stack=stack)
                except LocalprocError as error:
                    failures.append(CheckFailure(input_, str(error)))
        return failures


class Etcd(Server):
    """The store in which Patroni keeps who leads."""

    token = "walletdb:index:Etcd"
    kind = etcd.Etcd
    port_inputs: ClassVar = {"clientPort": "clients", "peerPort": "peers"}
    stable_outputs = ("status", "endpoint", "version")

    @override
    def preview(self, state: Props | None, inputs: Props) -> Props:
        address, port = inputs.get("listenAddress"), inputs.get("clientPort")
        return {**super().preview(state, inputs), "endpoint": f"https://{address}:{port}"}

    @override
    def facts(self, server: etcd.Etcd) -> Props:
        directory = StackDirectory.open(server.directory)
        version = EtcdKeys(server.endpoint, server.identity(directory)).version()
        return {"endpoint": server.endpoint, "version": version}


class PostgreSQL(Server):
    """What is told which PostgreSQL runs, and with which parameters."""

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        news, failures = super().check(olds, news, ctx)
        root, scope, name, major = (news.get(key) for key in ("directory", "scope", "name", "major"))
        if not (isinstance(root, str) and isinstance(scope, str) and isinstance(major, int)):
            return news, failures
        in_use = patroni.major_in_use(Path(root), scope, name if isinstance(name, str) else None)
        try:
            installation = postgres.fitting(major, in_use)
        except LocalprocError as error:
            return news, [*failures, CheckFailure("major", f"cluster {scope}: {error}")]
        return news, failures + _wrong_parameters(news, installation)


class PatroniMember(PostgreSQL):
    """A PostgreSQL server under Patroni."""

    token = "walletdb:index:PatroniMember"
    kind = patroni.PatroniMember
    identity = ("directory", "scope", "name", "bootstrap", "dataChecksums")
    port_inputs: ClassVar = {"port": "PostgreSQL", "restPort": "Patroni"}
    stable_outputs = ("status", "dataDirectory", "restUrl", "version")

    @override
    def facts(self, server: patroni.PatroniMember) -> Props:
        directory = StackDirectory.open(server.directory)
        return {
            "restUrl": server.rest_url,
            "dataDirectory": str(server.data(directory)),
            "version": server.installation(directory).version,
        }

    @override
    def remove(self, server: patroni.PatroniMember, ctx: Context) -> None:
        server.retire(waiter(ctx))


class PatroniCluster(PostgreSQL):
    """What the members share, and that they form a healthy whole."""

    token = "walletdb:index:PatroniCluster"
    kind = patroni_cluster.PatroniCluster
    identity = ("directory", "scope")
    name_input = "scope"
    stable_outputs = ("status", "systemIdentifier", "version", "availableExtensions")

    @override
    def facts(self, server: patroni_cluster.PatroniCluster) -> Props:
        return server.facts()

    @override
    def remove(self, server: patroni_cluster.PatroniCluster, ctx: Context) -> None:
        server.dissolve()


class HAProxy(Server):
    """The writer and the reader port of a cluster."""

    token = "walletdb:index:HAProxy"
    kind = haproxy.HAProxy
    port_inputs: ClassVar = {"writerPort": "writer", "readerPort": "reader"}
    stable_outputs = ("status", "version")

    @override
    def facts(self, server: haproxy.HAProxy) -> Props:
        return {"version": server.version()}


class PgBouncer(Server):
    """The connection pooler of a cluster."""

    token = "walletdb:index:PgBouncer"
    kind = pgbouncer.PgBouncer
    port_inputs: ClassVar = {"port": "pooler"}
    stable_outputs = ("status", "version")

    @override
    def facts(self, server: pgbouncer.PgBouncer) -> Props:
        return {"version": server.version()}


def _wrong_parameters(news: Props, installation: postgres.Installation) -> list[CheckFailure]:
    """Server parameters that PostgreSQL would not take: Patroni would leave them out without an error."""
    parameters, preload, optional = (news.get(key) for key in ("parameters", "preload", "optionalPreload"))
    # The other members are told what the first and the cluster are told: once is enough.
    if news.get("bootstrap") is False or not isinstance(parameters, dict):
        return []
    if contains_unknown([parameters, preload, optional]):
        return []
    libraries = [*(preload or ()), *(optional or ())]
    refused = server_parameters.refused({k: str(v) for k, v in parameters.items()}, installation, libraries)
    return [
        CheckFailure(
            f"parameters.{name}",
            f"PostgreSQL {installation.major} does not take `fashion-wallet:{news['scope']}.parameters.{name}` = "
            f"'{parameters[name]}': {reason}",
        )
        for name, reason in sorted(refused.items())
    ]
