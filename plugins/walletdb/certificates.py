"""A stack's certificate authority and the certificates it signs, renewed by the update that finds them due."""

from __future__ import annotations

import datetime as dt
from typing import Any

from typing_extensions import override

from localproc import pki, rotation
from plugins.base.properties import UNKNOWN, Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names

__all__ = ["Certificate", "CertificateAuthority"]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _failures(news: Props, kinds: dict[str, type], optional: dict[str, type] | None = None) -> list[CheckFailure]:
    """Missing, misnamed and mistyped inputs, and a renewal that would never end."""
    known = kinds | (optional or {})
    failures = [
        CheckFailure(name, f"there is no such input; allowed are: {', '.join(sorted(known))}")
        for name in news
        if name not in known
    ]
    for name, kind in known.items():
        if name not in kinds and name not in news:
            continue
        value = news.get(name)
        if value is not UNKNOWN and not isinstance(value, kind):
            failures.append(CheckFailure(name, f"must be a {kind.__name__}, got {type(value).__name__}"))
    validity, renewal = news.get("validityDays"), news.get("renewBeforeDays")
    if isinstance(validity, int | float) and isinstance(renewal, int | float) and not 0 <= renewal < validity:
        text = f"{renewal} days must be at least 0 and less than validityDays, {validity}, or it is renewed for ever"
        failures.append(CheckFailure("renewBeforeDays", text))
    return failures


class CertificateAuthority(Resource):
    """Signs a stack's certificates. See `localproc.rotation` for how it is replaced."""

    token = "walletdb:index:CertificateAuthority"
    secrets = frozenset({"keyPem", "upcomingKeyPem"})

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        kinds = {"commonName": str, "validityDays": int, "renewBeforeDays": int, "generation": int}
        return news, _failures(news, kinds)

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        changes = changed_names(old_inputs, news)
        before = _authority(state)
        due = _step(before, news) is not before
        return Diff(changes=(*changes, "bundlePem") if due else changes)

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        days = dt.timedelta(days=inputs["validityDays"])
        return name, _outputs(inputs, rotation.begin(inputs["commonName"], inputs["generation"], days, _now()))

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        after = _step(_authority(state), news)
        # Each state lasts for one step only, so each is announced once.
        if after.upcoming:
            ctx.log("warning", "a new certificate authority is announced; the next `up` makes it the one that signs")
        if after.retired:
            ctx.log("warning", "the new certificate authority signs now; the next `up` withdraws the previous one")
        return _outputs(news, after)

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        return (id_, inputs, state) if state else None

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Nothing lies anywhere but in the engine's state."""


def _authority(state: Props) -> rotation.AuthorityState:
    upcoming = None
    if state.get("upcomingCertPem"):
        upcoming = pki.Issued(state["upcomingCertPem"], state["upcomingKeyPem"], "")
    active = pki.Issued(state["certPem"], state["keyPem"], state["notAfter"])
    return rotation.AuthorityState(state["activeGeneration"], active, upcoming, tuple(state["retiredPems"]))


def _step(state: rotation.AuthorityState, news: Props) -> rotation.AuthorityState:
    return rotation.step(
        state,
        common_name=news["commonName"],
        generation=news["generation"],
        validity=dt.timedelta(days=news["validityDays"]),
        renew_before=dt.timedelta(days=news["renewBeforeDays"]),
        now=_now(),
    )


def _outputs(inputs: Props, state: rotation.AuthorityState) -> Props:
    return {
        **inputs,
        "activeGeneration": state.generation,
        "certPem": state.active.certificate,
        "keyPem": state.active.key,
        "notAfter": pki.stamp(pki.not_after(state.active.certificate)),
        "upcomingCertPem": state.upcoming.certificate if state.upcoming else "",
        "upcomingKeyPem": state.upcoming.key if state.upcoming else "",
        "retiredPems": list(state.retired),
        "bundlePem": state.bundle,
    }


class Certificate(Resource):
    """A certificate for servers and clients, signed anew when it is due or anything about it changes."""

    token = "walletdb:index:Certificate"
    secrets = frozenset({"keyPem"})

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        kinds: dict[str, Any] = {"caCertPem": str, "caKeyPem": str, "commonName": str, "dnsNames": list}
        kinds |= {"ipAddresses": list, "validityDays": int, "renewBeforeDays": int}
        return news, _failures(news, kinds, {"organizationalUnit": str})

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        # How long before its end it is renewed changes nothing about the certificate that is there.
        changes = tuple(name for name in changed_names(old_inputs, news) if name != "renewBeforeDays")
        return Diff(changes=(*changes, "certPem") if self._due(state, news) else changes)

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        return name, self._issue(inputs)

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return self._issue(news)

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        return (id_, inputs, state) if state else None

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """The servers that used it remove its files."""

    @staticmethod
    def _due(state: Props, news: Props) -> bool:
        if contains_unknown(news):
            return True
        now, end = _now(), pki.not_after(state["certPem"])
        near_end = now >= end - dt.timedelta(days=news["renewBeforeDays"])
        # One that ends with its authority cannot be had any longer-lived from that authority.
        limit = pki.not_after(news["caCertPem"])
        # One from the future was made while the clock was ahead.
        return now < pki.not_before(state["certPem"]) or (near_end and end < limit)

    @staticmethod
    def _issue(inputs: Props) -> Props:
        issued = pki.issue(
            pki.Issued(inputs["caCertPem"], inputs["caKeyPem"], ""),
            inputs["commonName"],
            organizational_unit=inputs.get("organizationalUnit", ""),
            dns_names=inputs["dnsNames"],
            ip_addresses=inputs["ipAddresses"],
            validity=dt.timedelta(days=inputs["validityDays"]),
            now=_now(),
        )
        return {**inputs, "certPem": issued.certificate, "keyPem": issued.key, "notAfter": issued.not_after}
