"""The list of what holds data, compared with the previous deployment's, so that a policy can refuse a loss."""

from __future__ import annotations

from typing_extensions import override

from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names

__all__ = ["DataGuard", "consequences", "premature", "shrunk"]


def consequences(before: Props, after: Props) -> list[str]:
    """Say of each setting that has another value than in the previous deployment what that does to the data."""
    return [
        f"{key}: {before[key].get('value')} → {now.get('value')}: {now.get('effect')}"
        for key, now in sorted(after.items())
        if key in before and before[key].get("value") != now.get("value")
    ]


def shrunk(before: Props, after: Props) -> list[str]:
    """Return why sizes are refused that are less than in the previous deployment."""
    return [
        f"{key}: got {size}, and it was {before[key]}: what it is the size of grows and never shrinks. Allowed is "
        f"{before[key]} or more; set it back"
        for key, size in sorted(after.items())
        if key in before and size < before[key]
    ]


def premature(before: Props, after: Props) -> list[str]:
    """Return why a primary may not be upgraded yet: a replica of it still had an older version."""
    reasons = []
    for name, wanted in sorted(after.items()):
        known = before.get(name)
        if known is None or _number(wanted["version"]) <= _number(known["version"]):
            continue
        behind = sorted(
            f"{replica} ({version})"
            for replica, version in known["replicas"].items()
            if replica in wanted["replicas"] and _number(version) < _number(wanted["version"])
        )
        if behind:
            reasons.append(
                f"{name} would go from {known['version']} to {wanted['version']} before its replicas: "
                f"{', '.join(behind)}; a replica may never be older than its primary. {wanted['fix']}"
            )
    return reasons


def _number(version: str) -> tuple[int, ...]:
    """Return a version as numbers, so that 17.10 is newer than 17.9; a bare major is older than all its minors."""
    return tuple(int(part) for part in str(version).split("."))


class DataGuard(Resource):
    """Names every stateful resource with a fingerprint of the inputs that a replacement would follow from.

    Its check adds `lost`: what the previous deployment had and this one no longer has, or only under another
    fingerprint. The policy `dataguard-forbid-data-loss` refuses each that `allow` does not name. `clusters` is there
    for policies alone: they refuse too few replicas or synchronous standbys before any server is touched.

    `watched` are settings, each with what a change of it does to the data: the check says so of each that changed.
    `floors` are sizes that never shrink. `upgrades` holds versions: a primary goes to a new one only after its replicas
    did, in an update before.
    """

    token = "walletdb:index:DataGuard"

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        before, after = olds.get("stateful") or {}, news.get("stateful")
        if not isinstance(after, dict) or contains_unknown(after):
            return news, [CheckFailure("stateful", "must be an object of texts that are known at preview")]
        lost = sorted(name for name, fingerprint in before.items() if after.get(name) != fingerprint)
        for line in consequences(olds.get("watched") or {}, news.get("watched") or {}):
            ctx.log("info", line)
        smaller = shrunk(olds.get("floors") or {}, news.get("floors") or {})
        early = premature(olds.get("upgrades") or {}, news.get("upgrades") or {})
        # Of no property: the engine would print all of it before the reason.
        return {**news, "lost": lost}, [CheckFailure("", reason) for reason in (*smaller, *early)]

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
