"""How far a long build of an index is, asked every few seconds while it runs."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

import pymongo
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from walletdb.mongodb.connection import Client, Document

__all__ = ["ASK_EVERY_S", "progress_of"]

ASK_EVERY_S: Final = 3.0
_ANSWER_S: Final = 2.0


@contextlib.contextmanager
def progress_of(client: Client, database: str, collection: str, report: Callable[[str], None]) -> Iterator[None]:
    """Report how far the builds of indexes of this collection are, until the block ends; a short one says nothing.

    Where a member does not answer, that is what is waited for.
    """
    done = threading.Event()
    watcher = threading.Thread(target=_watch, args=(client, f"{database}.{collection}", report, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(client: Client, namespace: str, report: Callable[[str], None], done: threading.Event) -> None:
    while not done.wait(ASK_EVERY_S):
        # Nobody is told where this fails: the build goes on, and says itself what is wrong.
        with contextlib.suppress(PyMongoError), pymongo.timeout(_ANSWER_S):
            for text in _builds(client, namespace):
                report(text)
        for text in _away(client):
            report(text)


def _away(client: Client) -> list[str]:
    servers = client.topology_description.server_descriptions().values()
    away = [
        f"{host}:{port}" for host, port in (server.address for server in servers if not server.is_server_type_known)
    ]
    return [f"waiting for {', '.join(away)}: every member that holds data builds the index"] if away else []


def _builds(client: Client, namespace: str) -> list[str]:
    running: list[Document] = [
        {"$currentOp": {"allUsers": True, "idleConnections": False}},
        {"$match": {"ns": namespace, "command.createIndexes": {"$exists": True}, "msg": {"$exists": True}}},
        {"$project": {"msg": 1}},
    ]
    admin = client.admin.with_options(read_concern=ReadConcern("local"))  # "majority" is refused here.
    # MongoDB writes its phase twice: "Index Build: scanning collection Index Build: scanning collection: 3/9 33%".
    return [str(operation["msg"]).rpartition("Index Build: ")[2] for operation in admin.aggregate(running)]
