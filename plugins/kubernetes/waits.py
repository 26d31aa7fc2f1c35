"""What an update waits for after it applied an object, and what a delete waits for."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from plugins.base import Context, Props, ProviderError
from plugins.kubernetes.api import Api, Kind, RefusedError
from plugins.kubernetes.documents import is_true, setting

__all__ = ["Condition", "condition_of", "until_gone", "until_ready"]

Document = dict[str, Any]
_POLL_S: Final = 0.25
_CONTROLLERS: Final = frozenset(
    {
        ("apps/v1", "DaemonSet"),
        ("apps/v1", "StatefulSet"),
        ("batch/v1", "Job"),
        ("networking.k8s.io/v1", "Ingress"),
        ("v1", "PersistentVolumeClaim"),
        ("v1", "Pod"),
        ("v1", "ReplicationController"),
    }
)
"""Kinds for which the official plugin waits until a controller has done its work; none does it in a rehearsal."""
_JSONPATH: Final = re.compile(r"jsonpath=\{(?P<path>(?:\.[A-Za-z0-9_-]+|\[(?:[0-9]+|\*)\])+)\}(?:=(?P<value>.*))?")
_STEP: Final = re.compile(r"\.([A-Za-z0-9_-]+)|\[([0-9]+|\*)\]")


@dataclass(frozen=True, slots=True)
class Condition:
    """What is waited for, in words and as a test of the live object."""

    text: str
    holds: Callable[[Document], bool]


def condition_of(inputs: Props) -> list[Condition]:
    """Return what has to hold of an object before it counts as made.

    Raises:
        ProviderError: the annotation says something that this plugin cannot judge, or the kind needs a controller.
    """
    if is_true(setting(inputs, "skipAwait")):
        return []
    if wanted := setting(inputs, "waitFor"):
        return [_parsed(text) for text in _expressions(wanted)]
    api_version, kind = str(inputs["apiVersion"]), str(inputs["kind"])
    if (api_version, kind) in _CONTROLLERS:
        raise ProviderError(
            f"the stand-in cannot wait for a {kind}: no controller runs it here. Set the annotation "
            "pulumi.com/skipAwait or pulumi.com/waitFor, or install the official kubernetes plugin"
        )
    if (api_version, kind) == ("apps/v1", "Deployment"):
        return [Condition("its rollout", _rolled_out)]
    spec = inputs.get("spec")
    if kind == "Service" and isinstance(spec, Mapping) and spec.get("type") == "LoadBalancer":
        return [_parsed("jsonpath={.status.loadBalancer.ingress[0]}")]
    return []


def _expressions(wanted: str) -> list[str]:
    if not wanted.lstrip().startswith("["):
        return [wanted]
    try:
        several = json.loads(wanted)
    except ValueError:
        several = None
    if not isinstance(several, list) or not all(isinstance(one, str) for one in several):
        raise ProviderError(
            f"annotation pulumi.com/waitFor: got {wanted!r}, allowed is one text or a JSON list of them"
        )
    return several


def _parsed(text: str) -> Condition:
    found = _JSONPATH.fullmatch(text)
    if found:
        steps = [(name, index) for name, index in _STEP.findall(found["path"])]
        return Condition(text, lambda live: _path_holds(live, steps, found["value"]))
    if text.startswith("jsonpath"):
        raise ProviderError(
            f"annotation pulumi.com/waitFor: got {text!r}, allowed is jsonpath={{.a.b[0]}} with or without =value. "
            "Write it so, or install the official kubernetes plugin"
        )
    type_, _, status = text.removeprefix("condition=").partition("=")
    return Condition(text, lambda live: _condition_holds(live, type_, status or "True"))


def _path_holds(live: Document, steps: list[tuple[str, str]], value: str | None) -> bool:
    found = _values(live, steps)
    if value is None:
        return bool(found)
    return bool(found) and all(_text(one) == value for one in found)


def _values(document: Any, steps: list[tuple[str, str]]) -> list[Any]:
    found = [document]
    for name, index in steps:
        if name:
            found = [one[name] for one in found if isinstance(one, Mapping) and name in one]
        else:
            lists = [one for one in found if isinstance(one, list)]
            chosen = slice(None) if index == "*" else slice(int(index), int(index) + 1)
            found = [item for one in lists for item in one[chosen]]
    return found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _condition_holds(live: Document, type_: str, status: str) -> bool:
    conditions = (live.get("status") or {}).get("conditions") or []
    return any(
        str(one.get("type", "")).lower() == type_.lower() and str(one.get("status", "")).lower() == status.lower()
        for one in conditions
        if isinstance(one, Mapping)
    )


def _rolled_out(live: Document) -> bool:
    """Say whether a controller has seen this very Deployment and enough of its pods serve."""
    seen = (live.get("status") or {}).get("observedGeneration", 0) >= live["metadata"]["generation"]
    return seen and _condition_holds(live, "Available", "True")


def until_ready(api: Api, kind: Kind, live: Document, conditions: list[Condition], ctx: Context) -> Document:
    """Wait until all conditions hold; return the object as it is then.

    Raises:
        ProviderError: they do not hold in time, or the object vanished.
    """
    metadata = live["metadata"]
    for condition in conditions:
        while not condition.holds(live):
            ctx.log("info", f"waiting for {condition.text}", ephemeral=True)
            if ctx.cancelled.wait(min(_POLL_S, ctx.remaining_s())) or ctx.remaining_s() <= 0:
                raise ProviderError(
                    f"{kind.name} {metadata['name']} was applied, but {condition.text} did not hold within "
                    f"{ctx.timeout_s:.0f} s; its status is {json.dumps(live.get('status') or {}, sort_keys=True)[:500]}"
                )
            found = api.get(kind, metadata.get("namespace", ""), metadata["name"])
            if found is None:
                raise ProviderError(f"{kind.name} {metadata['name']} vanished while it was waited for")
            live = found
    return live


def until_gone(api: Api, kind: Kind, namespace: str, name: str, uid: str, ctx: Context) -> None:
    """Wait until an object is gone.

    Raises:
        ProviderError: it is still there in the end; the text says what holds it.
    """
    while True:
        try:
            live = api.get(kind, namespace, name)
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
            return
        if live is None or (uid and live["metadata"].get("uid") != uid):
            return
        if ctx.cancelled.wait(min(_POLL_S, ctx.remaining_s())) or ctx.remaining_s() <= 0:
            holders = (live["metadata"].get("finalizers") or []) + ((live.get("spec") or {}).get("finalizers") or [])
            raise ProviderError(
                f"{kind.name} {name} is being deleted, but was still there after {ctx.timeout_s:.0f} s; held by the "
                f"finalizers {holders or 'none'}, which a controller has to remove"
            )
