"""The one error of the rehearsal."""

from pathlib import Path

__all__ = ["RehearsalError"]


class RehearsalError(Exception):
    """Something is not as it must be; the rehearsal ends.

    Args:
        cause: What was expected, and what was found.
        log: Where more about it is; None where the cause says it all.
    """

    def __init__(self, cause: str, log: Path | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.log = log
