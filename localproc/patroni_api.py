"""What Patroni tells of a cluster: its REST interface and its keys in etcd."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from localproc.etcd_keys import EtcdError, EtcdKeys
from localproc.https import ClientIdentity, request
from localproc.layout import StackDirectory

__all__ = ["NAMESPACE", "cluster_of", "dissolving", "rest_url_of", "rest_urls_of", "scope_key"]

NAMESPACE = "/fashion-wallet/"
"""Prefix of Patroni's keys in etcd."""


def scope_key(scope: str, key: str) -> str:
    """Path of a cluster's key in etcd."""
    return f"{NAMESPACE}{scope}/{key}"


def dissolving(directory: StackDirectory, scope: str) -> Path:
    """A file that says: this whole cluster is being removed, so nobody need hand over."""
    return directory.run / f"{scope}.dissolving"


def rest_urls_of(etcd: EtcdKeys, scope: str) -> list[str]:
    """Base URLs of the members that are registered; none when etcd does not answer."""
    try:
        members = etcd.keys(scope_key(scope, "members/")).values()
    except EtcdError:
        return []
    return [rest_url_of(json.loads(member)) for member in members]


def rest_url_of(member: Mapping[str, Any]) -> str:
    """Base URL of the Patroni of a member, as etcd and `GET /cluster` list it."""
    return str(member["api_url"]).removesuffix("/patroni")


def cluster_of(client: ClientIdentity, rest_urls: Sequence[str]) -> dict[str, Any] | None:
    """The cluster as the first member that answers sees it (Patroni's `GET /cluster`)."""
    for url in rest_urls:
        reply = request(client, "GET", f"{url}/cluster")
        if reply and reply.ok and isinstance(reply.body, dict) and "members" in reply.body:
            return reply.body
    return None
