"""Keys and values of etcd over its JSON gateway (https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/)."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

from localproc.https import ClientIdentity, Reply, request

__all__ = ["EtcdError", "EtcdKeys"]


class EtcdError(OSError):
    """etcd did not answer, or refused."""


@dataclasses.dataclass(frozen=True)
class EtcdKeys:
    """The few requests that are needed. Every one raises EtcdError when etcd does not answer."""

    endpoint: str
    identity: ClientIdentity

    def healthy(self) -> bool:
        """Whether it answers and says so; never raises."""
        reply = request(self.identity, "GET", f"{self.endpoint}/health", timeout_s=1)
        return bool(reply and reply.ok and str(reply.body.get("health")).lower() == "true")

    def version(self) -> str:
        """Version of the server, empty when it does not answer."""
        reply = request(self.identity, "GET", f"{self.endpoint}/version")
        return str(reply.body["etcdserver"]) if reply and reply.ok else ""

    def get(self, key: str) -> str | None:
        """Value of a key; None when there is no such key."""
        return self.entry(key)[0]

    def entry(self, key: str) -> tuple[str | None, int]:
        """Value of a key, and the revision that last changed it; None and 0 when there is no such key."""
        found = self._post("range", {"key": _encode(key)}).get("kvs")
        return (_decode(found[0].get("value", "")), int(found[0]["mod_revision"])) if found else (None, 0)

    def keys(self, prefix: str) -> dict[str, str]:
        """All keys that start with `prefix`, with their values."""
        end = prefix[:-1] + chr(ord(prefix[-1]) + 1)
        found = self._post("range", {"key": _encode(prefix), "range_end": _encode(end)}).get("kvs", [])
        return {_decode(entry["key"]): _decode(entry.get("value", "")) for entry in found}

    def delete_if(self, key: str, revision: int) -> bool:
        """Delete a key only while nobody changed it since: compare and delete in one transaction. True if it did."""
        condition = {"key": _encode(key), "target": "MOD", "result": "EQUAL", "mod_revision": str(revision)}
        deletion = {"request_delete_range": {"key": _encode(key)}}
        return bool(self._post("txn", {"compare": [condition], "success": [deletion]}).get("succeeded"))

    def _post(self, method: str, body: object) -> dict[str, Any]:
        reply: Reply | None = request(self.identity, "POST", f"{self.endpoint}/v3/kv/{method}", body)
        if reply is None or not reply.ok:
            msg = f"etcd at {self.endpoint} did not answer {method}: {reply.body if reply else 'no connection'}"
            raise EtcdError(msg)
        if not isinstance(reply.body, dict):
            msg = f"etcd at {self.endpoint} answered {method} with something else than JSON"
            raise EtcdError(msg)
        return reply.body


def _encode(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _decode(encoded: str) -> str:
    return base64.b64decode(encoded).decode()
