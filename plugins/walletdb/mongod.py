"""MongoDB's servers as resources: each mongod, and the replica set that they form."""

from __future__ import annotations

import ipaddress
from typing import ClassVar

from typing_extensions import override

from localproc import mongo_replica_set, mongod, mongod_program
from localproc.errors import LocalprocError
from localproc.layout import StackDirectory
from localproc.service import RUNNING
from plugins.base.errors import PartialFailure
from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context
from plugins.walletdb.inputs import build, waiter
from plugins.walletdb.servers import Server

__all__ = ["MongoReplicaSet", "MongodMember"]


class MongodMember(Server):
    """A mongod. Its output `settingsDigest` changes when it must restart, which the set has it do in its turn."""

    token = "walletdb:index:MongodMember"
    kind = mongod.MongodMember
    identity = ("directory", "name", "setName", "arbiter")
    port_inputs: ClassVar = {"port": "MongoDB"}
    stable_outputs = ("status", "dataDirectory", "version")

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        news, failures = super().check(olds, news, ctx)
        failures += _crossed_loopback(olds, news)
        if failures or contains_unknown(_relevant(news)):
            return news, failures
        server: mongod.MongodMember = build(self.kind, _without_unknown(news))
        if outgrown := server.outgrown():
            return news, [CheckFailure("name", outgrown)]
        # The data members are told the same parameters: once is enough.
        if news.get("name") != f"{news.get('setName')}-1":
            return news, []
        try:
            reason = server.refused()
        except LocalprocError as error:
            return news, [CheckFailure("name", str(error))]
        return news, [CheckFailure("parameters", f"fashion-wallet:mongodb.parameters: {reason}")] if reason else []

    @override
    def preview(self, state: Props | None, inputs: Props) -> Props:
        digest = {} if contains_unknown(_relevant(inputs)) else self._digest(inputs)
        return {**super().preview(state, inputs), **digest}

    @override
    def facts(self, server: mongod.MongodMember) -> Props:
        directory = StackDirectory.open(server.directory)
        return {
            "dataDirectory": str(server.data(directory)),
            "version": mongod_program.find().version,
            "settingsDigest": server.settings_digest,
        }

    def _digest(self, inputs: Props) -> Props:
        return {"settingsDigest": build(self.kind, _without_unknown(inputs)).settings_digest}


class MongoReplicaSet(Server):
    """The set. Its output `replicaSetId` is how a set whose data have gone is told from a new one."""

    token = "walletdb:index:MongoReplicaSet"
    kind = mongo_replica_set.MongoReplicaSet
    stable_outputs = ("status", "replicaSetId", "version")

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return self._ensure(news, ctx, str(state.get("replicaSetId") or ""))

    @override
    def facts(self, server: mongo_replica_set.MongoReplicaSet) -> Props:
        return server.facts()

    @override
    def remove(self, server: mongo_replica_set.MongoReplicaSet, ctx: Context) -> None:
        """Nothing of it lies anywhere but in its members."""

    @override
    def _ensure(self, inputs: Props, ctx: Context, known_id: str = "") -> Props:
        server: mongo_replica_set.MongoReplicaSet = build(self.kind, inputs)
        try:
            server.ensure(waiter(ctx), known_id)
            return {**inputs, **self.facts(server), "status": RUNNING}
        except (LocalprocError, OSError) as error:
            known = {"replicaSetId": known_id} if known_id else {}
            outputs = {**inputs, **known, "status": "incomplete"}
            raise PartialFailure(server.name, outputs, inputs, [str(error)]) from error


def _crossed_loopback(olds: Props, news: Props) -> list[CheckFailure]:
    """MongoDB wants all members of a set at loopback addresses, or none: it cannot move from one to the other."""
    before, after = olds.get("listenAddress"), news.get("listenAddress")
    if not (isinstance(before, str) and isinstance(after, str)):
        return []
    try:
        crosses = ipaddress.ip_address(before).is_loopback != ipaddress.ip_address(after).is_loopback
    except ValueError:
        return []
    reason = (
        f"cannot change from '{before}' to '{after}': a replica set is at loopback addresses as a whole or not at all, "
        "so its members cannot move one by one; make a new stack with the other `fashion-wallet:local.listenAddress`, "
        "and copy the data"
    )
    return [CheckFailure("listenAddress", reason)] if crosses else []


_CREDENTIALS = ("certPem", "keyPem", "caBundlePem")


def _relevant(inputs: Props) -> Props:
    return {name: value for name, value in inputs.items() if name not in _CREDENTIALS}


def _without_unknown(inputs: Props) -> Props:
    """The inputs with a placeholder for certificates, which a first preview cannot know."""
    return {**inputs, **dict.fromkeys(_CREDENTIALS, "")}
