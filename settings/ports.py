"""Which TCP port each server of a local stack gets: a pure function of the stack's first port.

A stack owns 100 consecutive ports. Blocks are fixed, so that a replica more or less moves no other server's port.
"""

from typing import Literal

__all__ = ["PORTS_OF_A_STACK", "Role", "port"]

PORTS_OF_A_STACK = 100
MEMBERS_OF_A_CLUSTER = 5  # a primary and up to four replicas

Role = Literal["etcd-client", "etcd-peer", "writer", "reader", "pooler", "member", "rest", "mongod", "arbiter"]
Cluster = Literal["postgres", "timescale"]

_ETCD = {"etcd-client": 0, "etcd-peer": 1}
_BLOCK = {"postgres": 10, "timescale": 40}
_IN_BLOCK = {"writer": 0, "reader": 1, "pooler": 2}
_MEMBERS = 10  # within the block; two ports a member
_MONGODB = 70  # one port a member, and after those of five members the arbiter's


def port(base: int, role: Role, *, cluster: Cluster | None = None, index: int = 0) -> int:
    """Return the port of a server.

    Args:
        base: the stack's first port.
        role: what the server does; `member` is PostgreSQL itself and `rest` the Patroni beside it, `mongod` a member
            of the MongoDB replica set with data.
        cluster: the cluster it belongs to; none for etcd and MongoDB.
        index: of the member, from 0.

    Raises:
        ValueError: no such server: a cluster is missing, or the index is not in 0..4.
    """
    if role in _ETCD:
        return base + _ETCD[role]
    if not 0 <= index < MEMBERS_OF_A_CLUSTER:
        raise ValueError(
            f"port of {cluster or ''} {role}: got index {index}; allowed are 0 to 4; a cluster has at most 5 members"
        )
    if role == "mongod":
        return base + _MONGODB + index
    if role == "arbiter":
        return base + _MONGODB + MEMBERS_OF_A_CLUSTER
    if cluster is None:
        raise ValueError(f"port of {role!r}: got no cluster; allowed are {', '.join(_BLOCK)}; pass cluster=")
    block = base + _BLOCK[cluster]
    if role in _IN_BLOCK:
        return block + _IN_BLOCK[role]
    return block + _MEMBERS + 2 * index + (role == "rest")
