"""Checks of single values of Atlas's settings, as those in `settings/checks.py`."""

from __future__ import annotations

import ipaddress
import json
import re

from settings.checks import text_of, wrong
from settings.cloud.atlas_tiers import MAJORS, SHARED_TIERS, TIERS

__all__ = ["access_cidrs", "audit_filter", "email", "instance_size", "mongodb_major"]

WIDEST_PUBLIC_PREFIX = 16
"""Whoever lets in more of the internet than this has no list of who may connect."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def instance_size(value: object) -> str:
    """Accept a dedicated size that the table has."""
    text = text_of(value)
    known = ", ".join(TIERS)
    if text.upper() in SHARED_TIERS:
        raise wrong(
            f"is a shared size: {text.upper()} clusters do not have continuous backups, customer keys, private "
            "endpoints or auditing",
            f"choose a dedicated one: {known}",
        )
    if text not in TIERS:
        raise wrong("is no size of a dedicated cluster on AWS that the table has", f"choose one of {known}")
    return text


def mongodb_major(value: object) -> str:
    """Accept a major version that Atlas offers to dedicated clusters."""
    text = text_of(value)
    if text not in MAJORS:
        known = ", ".join(f'"{major}" (supported until {end})' for major, end in MAJORS.items())
        raise wrong("is no major version that Atlas supports, as far as the table knows", f"choose one of {known}")
    return text


def access_cidrs(value: tuple[str, ...]) -> tuple[str, ...]:
    """Accept IPv4 networks, each once, of which no public one is wider than /16."""
    for text in value:
        _access_cidr(text)
    networks = [ipaddress.IPv4Network(text) for text in value]
    for index, network in enumerate(networks):
        for other in networks[index + 1 :]:
            if network.overlaps(other):
                raise wrong(f"lists {network} and {other}, which overlap", "keep the wider one only")
    return value


def _access_cidr(text: str) -> None:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise wrong(f"holds {text!r}, which is no IPv4 network ({error})", "write say 10.40.0.0/16") from None
    if network.prefixlen == 0:
        raise wrong(f"holds {text}, which lets in the whole internet", "list the networks of your clients")
    if not network.is_private and network.prefixlen < WIDEST_PUBLIC_PREFIX:
        raise wrong(
            f"holds {text}, a public network wider than /{WIDEST_PUBLIC_PREFIX}",
            f"list networks of /{WIDEST_PUBLIC_PREFIX} or smaller, best those of your own alone",
        )


def email(value: object) -> str:
    """Accept an e-mail address."""
    text = text_of(value)
    if not _EMAIL.fullmatch(text):
        raise wrong("is no e-mail address", "write say database-alerts@example.com")
    return text


def audit_filter(value: object) -> str:
    """Accept the text of a JSON object, and return it in one spelling, so that Atlas's is no other."""
    text = text_of(value)
    try:
        document = json.loads(text)
    except ValueError as error:
        raise wrong(
            f"is no JSON ({error})", 'write a filter of MongoDB\'s audit log, say {"atype": "dropDatabase"}'
        ) from None
    if not isinstance(document, dict):
        raise wrong("is JSON, but no object", 'write a filter of MongoDB\'s audit log, say {"atype": "dropDatabase"}')
    return json.dumps(document, separators=(",", ":"))
