"""How a certificate authority is replaced without anybody losing trust for a moment.

A state machine with one step for each update of the stack:

    steady ──(renewal due)──▶ announced ──▶ promoted ──▶ steady, one generation on

In `announced` the next authority is already in everybody's trust bundle but signs nothing. In `promoted` it signs, and
so all certificates are made anew; the previous one is still in the bundle, for those who have not got theirs yet. One
update later it is withdrawn: whoever holds a leaked key of it is refused from then on.

Invariant: whoever signs was in the bundle that the update before handed out, and is in the one that the update after
hands out. So servers before and after their update trust each other. The one exception is an authority that has expired
or is not valid yet (made while the clock was ahead): nothing it signed works, so its successor signs at once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from localproc import pki

__all__ = ["AuthorityState", "begin", "step"]


@dataclasses.dataclass(frozen=True)
class AuthorityState:
    """Authorities of a stack: the one that signs, the one that will, and those (PEM) that the next step withdraws."""

    generation: int
    active: pki.Issued
    upcoming: pki.Issued | None = None
    retired: tuple[str, ...] = ()

    @property
    def bundle(self) -> str:
        """All trusted certificates, PEM."""
        upcoming = self.upcoming.certificate if self.upcoming else ""
        return self.active.certificate + upcoming + "".join(self.retired)


def begin(common_name: str, generation: int, validity: dt.timedelta, now: dt.datetime) -> AuthorityState:
    """The first authority."""
    return AuthorityState(generation, pki.new_authority(common_name, validity, now))


def step(
    state: AuthorityState,
    *,
    common_name: str,
    generation: int,
    validity: dt.timedelta,
    renew_before: dt.timedelta,
    now: dt.datetime,
) -> AuthorityState:
    """The state after this update; the same object when there is nothing to do.

    Args:
        state: what the last update left.
        common_name: name of a new authority.
        generation: the wanted one; a higher number than the state's asks for a new authority.
        validity: how long a new authority lives.
        renew_before: how long before its end an authority is replaced.
        now: the time.
    """
    upcoming = state.upcoming if state.upcoming and _is_valid(state.upcoming, now) else None
    following = max(generation, state.generation + 1)
    if not _is_valid(state.active, now):
        return AuthorityState(following, upcoming or pki.new_authority(common_name, validity, now))
    if upcoming:
        return AuthorityState(following, upcoming, retired=(state.active.certificate,))
    near_end = pki.not_after(state.active.certificate) - now <= renew_before
    if state.upcoming or near_end or generation > state.generation:
        return AuthorityState(state.generation, state.active, pki.new_authority(common_name, validity, now))
    return AuthorityState(state.generation, state.active) if state.retired else state


def _is_valid(authority: pki.Authority, now: dt.datetime) -> bool:
    return pki.not_before(authority.certificate) <= now < pki.not_after(authority.certificate)
