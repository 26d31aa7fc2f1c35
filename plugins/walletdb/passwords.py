"""Random passwords, kept by the engine as secrets and nowhere else."""

from __future__ import annotations

import secrets
import string

from typing_extensions import override

from plugins.base.properties import Props
from plugins.base.resource import CheckFailure, Context, Resource

__all__ = ["RandomPassword"]

ALPHABET = string.ascii_letters + string.digits + "-_"
"""64 characters that need no quoting in a URL: 6 bits each."""
SHORTEST = 32


class RandomPassword(Resource):
    """A password. A new `length` or `generation` makes a new one, in place: that is how it is rotated."""

    token = "walletdb:index:RandomPassword"
    secrets = frozenset({"result"})

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        failures = []
        length = news.get("length")
        if not isinstance(length, int) or length < SHORTEST:
            failures.append(CheckFailure("length", f"must be a whole number from {SHORTEST} on, got {length}"))
        failures += [
            CheckFailure(name, "there is no such input; allowed are: length, generation")
            for name in news
            if name not in {"length", "generation"}
        ]
        return news, failures

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        return name, _generate(inputs)

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return _generate(news)

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        return (id_, inputs, state) if state else None

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Nothing lies anywhere but in the engine's state."""


def _generate(inputs: Props) -> Props:
    return {**inputs, "result": "".join(secrets.choice(ALPHABET) for _ in range(inputs["length"]))}
