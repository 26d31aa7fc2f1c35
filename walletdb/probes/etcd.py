"""etcd's health, version and size, over its JSON gateway."""

from __future__ import annotations

import dataclasses

from walletdb.config import EtcdServer
from walletdb.deadline import Deadline
from walletdb.tls import Identity, Peer, https_json

__all__ = ["EtcdView", "parse_health", "parse_status", "probe"]


@dataclasses.dataclass(frozen=True, kw_only=True, slots=True)
class EtcdView:
    """One etcd server. `healthy` is its own word: it has a leader and takes writes."""

    healthy: bool
    version: str | None
    is_leader: bool | None
    database_bytes: int | None


def probe(server: EtcdServer, identity: Identity, deadline: Deadline) -> tuple[EtcdView, Peer]:
    """Ask one server.

    Raises:
        ProbeError: no answer.
    """
    health = https_json(f"{server.endpoint}/health", identity, deadline)
    status = https_json(f"{server.endpoint}/v3/maintenance/status", identity, deadline, method="POST", body={})
    return dataclasses.replace(parse_status(status.body), healthy=parse_health(health.body)), health.peer


def parse_health(body: object) -> bool:
    """Read the answer to GET /health: {"health":"true"}, a boolean in some releases."""
    return isinstance(body, dict) and str(body.get("health")).lower() == "true"


def parse_status(body: object) -> EtcdView:
    """Read the answer to POST /v3/maintenance/status; numbers arrive as strings. What is missing becomes None."""
    content = body if isinstance(body, dict) else {}
    header = content.get("header")
    member = header.get("member_id") if isinstance(header, dict) else None
    leader, size, version = content.get("leader"), str(content.get("dbSize", "")), content.get("version")
    return EtcdView(
        healthy=False,
        version=version if isinstance(version, str) else None,
        is_leader=None if leader is None or member is None else leader == member,
        database_bytes=int(size) if size.isdigit() else None,
    )
