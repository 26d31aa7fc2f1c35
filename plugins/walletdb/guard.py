"""The list of what holds data, compared with the previous deployment's, so that a policy can refuse a loss."""

from __future__ import annotations

from typing_extensions import override

from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names

__all__ = ["DataGuard"]


class DataGuard(Resource):
    """Names every stateful resource with a fingerprint of the inputs that a replacement would follow from.

    Its check adds `lost`: what the previous deployment had and this one no longer has, or only under another
    fingerprint. The policy `dataguard-forbid-data-loss` refuses each that `allow` does not name. `clusters` is there
    for policies alone: they refuse too few replicas or synchronous standbys before any server is touched.
    """

    token = "walletdb:index:DataGuard"

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        before, after = olds.get("stateful") or {}, news.get("stateful")
        if not isinstance(after, dict) or contains_unknown(after):
            return news, [CheckFailure("stateful", "must be an object of texts that are known at preview")]
        lost = sorted(name for name, fingerprint in before.items() if after.get(name) != fingerprint)
        return {**news, "lost": lost}, []

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        # `lost` speaks of one deployment only: it differs in the next one, and that is no change.
        return Diff(changes=tuple(name for name in changed_names(old_inputs, news) if name != "lost"))

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        return name, inputs

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return news

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        return (id_, inputs, state) if state else None

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """It is only a note in the engine's state."""
