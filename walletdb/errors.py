"""Errors of walletdb: each text gives the cause, what was got, what is allowed and how to go on."""

from __future__ import annotations

__all__ = [
    "ConfigError",
    "ControlError",
    "DeniedError",
    "MongoError",
    "NoAnswerError",
    "ProbeError",
    "UnconfirmedError",
    "UsageError",
    "WalletdbError",
]


class WalletdbError(Exception):
    """Base of all errors of this package. `exit_code` is what the command ends with."""

    exit_code = 1

    def __init__(self, cause: str, *, got: str = "", allowed: str = "", fix: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.got = got
        self.allowed = allowed
        self.fix = fix

    def __str__(self) -> str:
        lines = [self.cause]
        lines += [f"  {label}: {text}" for label, text in self._details() if text]
        return "\n".join(lines)

    def _details(self) -> tuple[tuple[str, str], ...]:
        return (("got", self.got), ("allowed", self.allowed), ("fix", self.fix))


class ConfigError(WalletdbError):
    """There is no walletdb.json, or it cannot be used."""

    exit_code = 2


class UsageError(WalletdbError):
    """The command was called in a way that cannot work here."""

    exit_code = 2


class ControlError(WalletdbError):
    """A failover or switchover was refused or did not happen."""


class ProbeError(WalletdbError):
    """A server was asked and its answer was an error, or none came. Shown in the report, never raised to the user."""


class NoAnswerError(ProbeError):
    """No answer came within the deadline: the server is stopped, frozen or unreachable."""


class DeniedError(ProbeError):
    """This user may not ask: nothing is known, and nothing is wrong."""


class MongoError(WalletdbError):
    """MongoDB refuses a change, or what lies in it forbids the change; nothing was changed."""


class UnconfirmedError(MongoError):
    """MongoDB made a change, but no majority of its members has confirmed it: a failover may still lose it."""
