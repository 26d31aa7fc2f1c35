"""Whether this machine can reach a server: asked before anything is made that would need it."""

from __future__ import annotations

import socket
import time

from typing_extensions import override

from plugins.base.errors import ProviderError
from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Resource

__all__ = ["NetworkPath"]

SETTING = "fashion-wallet:cloud.inDatabase"
LONGEST_S = 60
_RETRY_S = 1.0
_INPUTS = ("host", "port", "timeoutS")


class NetworkPath(Resource):
    """A TCP connection that can be opened from where the update runs; `host` may be several, with commas between.

    Its check tries at preview, once the address is known, and its create again: what depends on it (the connection that
    in-database resources are made through) is then not begun only to fail one by one.
    """

    token = "walletdb:index:NetworkPath"
    timeout_s = 600.0

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        failures = _wrong(news)
        if failures or contains_unknown(news):
            return news, failures
        fault = _fault(news, float(news["timeoutS"]))
        return news, [CheckFailure("host", fault)] if fault else []

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        self._wait(inputs, ctx)
        return name, inputs

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        self._wait(news, ctx)
        return news

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        return (id_, inputs, state) if state else None

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """It is only a note in the engine's state."""

    def _wait(self, inputs: Props, ctx: Context) -> None:
        """Try until it works or `timeoutS` is over: a name may be brand new, and so may the server behind it."""
        deadline = time.monotonic() + min(float(inputs["timeoutS"]), ctx.remaining_s())
        while fault := _fault(inputs, max(0.1, deadline - time.monotonic())):
            if time.monotonic() >= deadline or ctx.cancelled.is_set():
                raise ProviderError(fault)
            ctx.log("info", "waiting for the network path", ephemeral=True)
            ctx.cancelled.wait(_RETRY_S)


def _wrong(news: Props) -> list[CheckFailure]:
    failures = [
        CheckFailure(name, f"there is no such input; allowed are: {', '.join(_INPUTS)}")
        for name in news
        if name not in _INPUTS
    ]
    failures += [CheckFailure(name, "is missing") for name in _INPUTS if news.get(name) is None]
    for name, most in (("port", 65_535), ("timeoutS", LONGEST_S)):
        value = news.get(name)
        if value is None or contains_unknown(value):
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
            failures.append(CheckFailure(name, f"must be a whole number from 1 to {most}, got {value!r}"))
    return failures


def _fault(inputs: Props, timeout_s: float) -> str | None:
    """Say why none of the hosts can be reached, or None where one can."""
    hosts, port = str(inputs["host"]).split(","), int(inputs["port"])
    causes = []
    for host in hosts:
        try:
            socket.create_connection((host, port), timeout=timeout_s / len(hosts)).close()
        except OSError as error:
            causes.append(f"{host}:{port} ({error})")
        else:
            return None
    return (
        f"{SETTING}: there is no network path from this machine to the database\n"
        f"    got:     no answer from {', '.join(causes)} within {timeout_s:g} s\n"
        "    allowed: required, from inside of the network (VPN, peering, a runner in the VPC), or skip\n"
        "    fix:     run this where the database can be reached, or write skip: databases, roles and grants are then "
        "left out, and the stack's warnings say so"
    )
