"""Steps about the life of the whole stack: made, previewed, interrupted, brought up, kept, destroyed."""

import hashlib
import json
import signal
from collections import Counter
from collections.abc import Mapping
from typing import Any

from rehearsal.aws_account import KEPT_ON_PURPOSE
from rehearsal.engine import STACK
from rehearsal.errors import RehearsalError
from rehearsal.leftovers import kubernetes_inventory, leftovers
from rehearsal.lifted import lifted_pack
from rehearsal.pending import adopt_pending, can_be_killed, mend_state
from rehearsal.rehearsing import Found, Rehearsing, by_type, types_of

__all__ = ["bring_up", "change_nothing", "destroy", "interrupt", "make_stack", "preview_nothing", "refuse_destroy"]

_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNPROTECTED: Mapping[tuple[str, ...], Any] = {("protect",): False}


def make_stack(rehearsing: Rehearsing) -> Found:
    """Make the key as an account's bootstrap does, then the stack."""
    alias, region = rehearsing.settings.state_key
    rehearsing.account.make_state_key(alias, region)
    own = rehearsing.project / rehearsing.settings.file.name
    before = hashlib.sha256(own.read_bytes()).hexdigest()
    provider = rehearsing.settings.secrets_provider
    rehearsing.engine.run("stack", "init", "--secrets-provider", provider).succeeded()
    if "encryptedkey:" not in rehearsing.settings.file.read_text(encoding="utf-8"):
        raise RehearsalError(f"the stack's secrets have no key of {provider}: {rehearsing.settings.file}")
    if hashlib.sha256(own.read_bytes()).hexdigest() != before:
        raise RehearsalError(f"{own} was written to; the rehearsal works on a copy")
    rehearsing.inventory_before = rehearsing.account.inventory()
    rehearsing.kubernetes_before = frozenset(kubernetes_inventory(rehearsing.world.kubernetes))
    return Found(lines=(f"secrets provider {provider}",))


def preview_nothing(rehearsing: Rehearsing) -> Found:
    """Preview the whole stack before there is anything, as JSON."""
    outcome = rehearsing.engine.run("preview", "--json").succeeded()
    document = json.loads(outcome.text)
    steps = [step for step in document["steps"] if step["op"] != "same"]
    if wrong := {step["op"] for step in steps} - {"create", "read"}:
        raise outcome.error(f"a preview of nothing would {', '.join(sorted(wrong))}")
    custom = [step["newState"] for step in steps if step.get("newState", {}).get("custom")]
    unknown = sum(_UNKNOWN in json.dumps(state.get("inputs", {})) for state in custom)
    types = Counter(state["type"] for state in custom)
    rehearsing.planned = len(custom)
    if not unknown:
        raise outcome.error("no input was unknown, so that the preview proves nothing about unknowns")
    lines = (
        f"{len(custom)} resources of {len(types)} types would be made ({by_type(types)})",
        f"{unknown} of them with inputs that are not known yet",
    )
    return Found(lines=lines, resources=len(custom))


def interrupt(rehearsing: Rehearsing) -> Found:
    """End an update with Ctrl-C, then kill the next one, and clear up after each as the runbook says."""
    engine = rehearsing.engine
    part = max(1, rehearsing.planned // 4)
    first = engine.interrupt(signal.SIGINT, part, "up")
    after_first = len(engine.state().get("resources") or [])
    if engine.state().get("pending_operations"):
        raise first.error("after Ctrl-C the state has operations that were begun and never ended")
    killed = engine.interrupt(signal.SIGKILL, part, "up", when=lambda: can_be_killed(rehearsing.world.folder))
    if killed.code != -signal.SIGKILL:
        raise killed.error(f"it ended with code {killed.code}, not by the signal")
    cut = ", its state was cut off and put back" if mend_state(rehearsing.world.folder) else ""
    engine.run("cancel").succeeded()
    adopted = adopt_pending(rehearsing)
    state = engine.state()
    if state.get("pending_operations"):
        raise RehearsalError("the state still has operations that were begun and never ended")
    count = len(state.get("resources") or [])
    lines = (
        f"Ctrl-C: the engine ended with code {first.code} and {after_first} resources in its state, none half-made",
        f"kill -9 while only what has a name was being made{cut}: {adopted}; {count} resources in its state",
    )
    return Found(lines=lines, resources=len(first.changed) + len(killed.changed))


def bring_up(rehearsing: Rehearsing) -> Found:
    """Bring the stack up, or go on where it was left."""
    outcome = rehearsing.engine.run("up").succeeded()
    rehearsing.types = types_of(rehearsing.engine.state())
    total = sum(rehearsing.types.values())
    lines = (f"{total} resources of {len(rehearsing.types)} types are up ({by_type(rehearsing.types)})",)
    return Found(lines=lines, resources=outcome.resources)


def change_nothing(rehearsing: Rehearsing) -> Found:
    """Update again, after a look at what is really there."""
    outcome = rehearsing.engine.run("up", "--refresh", "--expect-no-changes")
    _expect_quiet(outcome.changed, outcome)
    return Found(lines=("nothing differs from the state, and no resource changed",), resources=outcome.resources)


def _expect_quiet(changed: list[Any], outcome: Any) -> None:
    if outcome.code or changed:
        named = ", ".join(f"{change.operation} {change.type} {change.name}" for change in changed[:8])
        raise outcome.error(f"it must change nothing, and it ended with code {outcome.code}: {named or 'no change'}")


def refuse_destroy(rehearsing: Rehearsing) -> Found:
    """Try to destroy the protected stack."""
    before = _urns(rehearsing.engine.state())
    outcome = rehearsing.engine.run("destroy", preview=True)  # without it, what is not protected would go
    if not outcome.code:
        raise outcome.error("the protected stack was destroyed")
    if gone := before - _urns(rehearsing.engine.state()):
        raise outcome.error(f"it was refused, and all the same these are gone: {', '.join(sorted(gone)[:8])}")
    said = next((line for line in "\n".join(outcome.errors).splitlines() if "protect" in line), "")
    return Found(lines=(f"refused: {said.strip()[:160]}", f"all {len(before)} resources are still there"))


def destroy(rehearsing: Rehearsing) -> Found:
    """Take the protection off by settings and exceptions, as the how-to says, destroy, and look for what is left."""
    settings = rehearsing.settings.variant("unprotected", _UNPROTECTED)
    refused = rehearsing.engine.run("preview", settings=settings)
    if not refused.code:
        raise refused.error("the protection could be taken off though no exception allows it")
    pack = str(lifted_pack(rehearsing.project, rehearsing.world.folder))
    lifted = rehearsing.engine.run("up", "--policy-pack", pack, settings=settings).succeeded()
    if replaced := [
        change for change in lifted.changed if "replace" in change.operation or change.operation == "delete"
    ]:
        raise lifted.error(f"taking the protection off would replace {replaced[0].type} {replaced[0].name}")
    outcome = rehearsing.engine.run("destroy", settings=settings).succeeded()
    left = rehearsing.account.inventory() - rehearsing.inventory_before
    kept = sorted(f"{kind} {id_}" for kind, id_ in left if kind in KEPT_ON_PURPOSE)
    wrong = sorted(f"{kind} {id_}" for kind, id_ in left if kind not in KEPT_ON_PURPOSE)
    wrong += leftovers(rehearsing)
    if wrong:
        raise RehearsalError(f"after destroy of stack {STACK} these are left: {', '.join(wrong)}", outcome.log)
    lines = [f"protection off: {len(lifted.changed)} changes in place", f"{len(outcome.changed)} resources destroyed"]
    lines += [f"left on purpose: {', '.join(kept)}"] if kept else []
    return Found(lines=tuple(lines), resources=lifted.resources + outcome.resources)


def _urns(deployment: Mapping[str, Any]) -> set[str]:
    return {each["urn"] for each in deployment.get("resources") or []}
