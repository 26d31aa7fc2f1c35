"""How a certificate authority is replaced without anybody losing trust for a moment.

A state machine with one step for each update of the stack:

    steady ──(renewal due)──▶ announced ──▶ steady, one generation on

In `announced` the next authority is already in everybody's trust bundle but signs nothing. One update later it signs,
and the previous one stays in the bundle until it expires. Invariant: whoever signs was in the bundle that the
update before handed out. The one exception is an authority that has expired: nothing it signed works any more, so
its successor signs at once.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from localproc import pki

__all__ = ["AuthorityState", "begin", "step"]


@dataclasses.dataclass(frozen=True)
class AuthorityState:
    """Authorities of a stack: the one that signs, the one that will, and those still trusted (PEM, newest first)."""

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
    retired = tuple(certificate for certificate in state.retired if pki.not_after(certificate) > now)
    end = pki.not_after(state.active.certificate)
    due = generation > state.generation or end - now <= renew_before
    if end <= now:
        successor = state.upcoming or pki.new_authority(common_name, validity, now)
        return AuthorityState(max(generation, state.generation + 1), successor, None, retired)
    if state.upcoming is not None:
        promoted = max(generation, state.generation + 1)
        return AuthorityState(promoted, state.upcoming, None, (state.active.certificate, *retired))
    if due:
        upcoming = pki.new_authority(common_name, validity, now)
        return dataclasses.replace(state, upcoming=upcoming, retired=retired)
    return state if retired == state.retired else dataclasses.replace(state, retired=retired)
