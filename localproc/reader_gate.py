"""Keeps replicas that are too old out of the reader port of HAProxy.

HAProxy's own check counts bytes, and on a quiet system a replica can be hours old without being many bytes behind.
This looks at the clock: a replica is as old as the first moment at which the leader had something that the replica
has not replayed yet. Positions come from Patroni's REST interface; the two clocks of two machines are never compared.

A replica that is too old is drained and the sessions on it end, so that what reads through a pool leaves as well.
While nobody leads, or where a member does not answer, nothing is decided: HAProxy's checks see that themselves.
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import json
import socket
import sys
import threading
import time
from pathlib import Path

from localproc.https import ClientIdentity, request

__all__ = ["FILE", "Age", "Proxy", "ReaderGate"]

FILE = "readers.json"
"""Says, in a proxy's folder, whose replicas it reads from (see `Proxy`)."""

LOOK_S = 0.5
ANSWER_S = 0.5
KEPT_LIMITS = 4
"""How much of the leader's past is remembered, in multiples of the limit."""


class Age:
    """Where the leader was when; from that, how old what a replica shows is."""

    def __init__(self, limit_s: float) -> None:
        self.limit_s = limit_s
        self._seen: collections.deque[tuple[float, int]] = collections.deque()

    def leader_at(self, position: int, now: float) -> None:
        """Note the leader's position in the WAL (bytes) at a time (monotonic seconds)."""
        if self._seen and position < self._seen[-1][1]:  # another leader, which is on another timeline
            self._seen.clear()
        if not self._seen or position > self._seen[-1][1]:
            self._seen.append((now, position))
        while len(self._seen) > 1 and self._seen[0][0] < now - KEPT_LIMITS * self.limit_s:
            self._seen.popleft()

    def of(self, replayed: int, now: float) -> float:
        """Seconds since the leader first had what a replica at this position lacks; 0 when it lacks nothing."""
        return next((now - at for at, position in self._seen if position > replayed), 0.0)


@dataclasses.dataclass(frozen=True)
class Proxy:
    """A load balancer as its `readers.json` describes it."""

    socket: Path
    backend: str
    limit_s: float
    identity: ClientIdentity
    members: dict[str, str]
    """REST URL of each member by name, which is also the server's name in the proxy."""

    @classmethod
    def load(cls, folder: Path) -> Proxy | None:
        """The proxy whose folder this is; None when there is none that has replicas to choose from."""
        try:
            raw = json.loads((folder / FILE).read_text(encoding="utf-8"))
            identity = ClientIdentity(folder / "ca.crt", folder / "client.pem", folder / "client.pem")
            return cls(Path(raw["socket"]), raw["backend"], raw["limit_s"], identity, raw["members"])
        except (OSError, ValueError, KeyError):
            return None

    def positions(self) -> tuple[int | None, dict[str, int]]:
        """Where the leader is, None where nobody leads, and up to where each replica has replayed (bytes)."""
        leader, replicas = None, {}
        for name, url in self.members.items():
            reply = request(self.identity, "GET", f"{url}/patroni", timeout_s=ANSWER_S)
            body = reply.body if reply and isinstance(reply.body, dict) else {}
            xlog = body.get("xlog") or {}
            if "replayed_location" in xlog:
                replicas[name] = int(xlog["replayed_location"])
            elif "location" in xlog:
                leader = int(xlog["location"])
        return leader, replicas

    def tell(self, commands: list[str]) -> None:
        """Give HAProxy orders; one that is not up gets them at the next look."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(str(self.socket))
            connection.sendall(("; ".join(commands) + "\n").encode())
            while connection.recv(4096):
                pass


def _say(text: str) -> None:
    """To the log of the warden, whose standard output belongs to supervisord."""
    sys.stderr.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {text}\n")
    sys.stderr.flush()


class ReaderGate:
    """Looks at every proxy of a stack's folder, again and again."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._ages: dict[Path, Age] = {}
        self._out: set[tuple[Path, str]] = set()

    def start(self) -> None:
        """Work in a thread of its own, for as long as the process lives."""
        threading.Thread(target=self._run, name="reader-gate", daemon=True).start()

    def _run(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_S)

    def look(self) -> None:
        """Decide once about every replica behind every proxy."""
        for file in (self.root / "services").glob(f"*/{FILE}"):
            proxy = Proxy.load(file.parent)
            if proxy is not None and (orders := self.orders(file.parent, proxy)):
                proxy.tell(orders)

    def orders(self, folder: Path, proxy: Proxy) -> list[str]:
        """What to tell a proxy, in the words of HAProxy's runtime interface."""
        leader, replicas = proxy.positions()
        if leader is None:
            return []
        now = time.monotonic()
        age = self._ages.setdefault(folder, Age(proxy.limit_s))
        age.limit_s = proxy.limit_s
        age.leader_at(leader, now)
        orders = []
        for name, replayed in replicas.items():
            server, key = f"{proxy.backend}/{name}", (folder, name)
            # One that was out comes back only when it is well within the limit, or it would come and go.
            limit_s = proxy.limit_s / 2 if key in self._out else proxy.limit_s
            # Said at every look, because a proxy that was restarted has forgotten it.
            old_s = age.of(replayed, now)
            if old_s <= limit_s:
                if key in self._out:
                    self._out.remove(key)
                    _say(f"{name} keeps up again: back on the reader port")
                orders.append(f"set server {server} state ready")
                continue
            orders.append(f"set server {server} state drain")
            if key not in self._out:
                self._out.add(key)
                _say(f"{name} shows what is {old_s:.1f} s old (limit {proxy.limit_s:g} s): off the reader port")
                orders.append(f"shutdown sessions server {server}")
        return orders
