"""Who moves a leader: Patroni's way or MongoDB's, by the kind of cluster that a name stands for."""

from __future__ import annotations

from typing import Protocol

from walletdb import operate, operate_mongodb
from walletdb.config import Cluster, Config, ReplicaSet
from walletdb.control import Action, Plan
from walletdb.move import Move, Tell
from walletdb.tls import Identity

__all__ = ["Mover", "mover"]


class Mover(Protocol):
    """Plans a move and carries it out. Errors are those of `operate` and `operate_mongodb`."""

    def plan(self, action: Action, *, candidate: str | None, allow_data_loss: bool) -> Plan:
        """Ask all members and choose who takes over."""

    def carry_out(self, plan: Plan, tell: Tell, seconds: float) -> Move:
        """Do it, and watch."""


def mover(config: Config, name: str) -> Mover:
    """The mover for the cluster or replica set of that name.

    Raises:
        ConfigError: there is neither, or the CA or the client certificate cannot be used.
    """
    if any(one.name == name for one in config.replica_sets):
        return _SetMover(config.replica_set(name), Identity.load(config))
    return _PatroniMover(config.cluster(name), Identity.load(config))


class _PatroniMover:
    def __init__(self, cluster: Cluster, identity: Identity) -> None:
        self._cluster = cluster
        self._identity = identity

    def plan(self, action: Action, *, candidate: str | None, allow_data_loss: bool) -> Plan:
        return operate.plan_move(
            action, self._cluster, self._identity, candidate=candidate, allow_data_loss=allow_data_loss
        )

    def carry_out(self, plan: Plan, tell: Tell, seconds: float) -> Move:
        return operate.carry_out(plan, self._cluster, self._identity, tell, seconds)


class _SetMover:
    def __init__(self, replica_set: ReplicaSet, identity: Identity) -> None:
        self._set = replica_set
        self._identity = identity

    def plan(self, action: Action, *, candidate: str | None, allow_data_loss: bool) -> Plan:
        return operate_mongodb.plan_move(
            action, self._set, self._identity, candidate=candidate, allow_data_loss=allow_data_loss
        )

    def carry_out(self, plan: Plan, tell: Tell, seconds: float) -> Move:
        return operate_mongodb.carry_out(plan, self._set, self._identity, tell, seconds)
