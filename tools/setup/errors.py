"""The one error of set-up."""

__all__ = ["SetupError"]


class SetupError(Exception):
    """A step cannot go on.

    Args:
        cause: What happened, with the value that was found.
        fix: What to do so that the next run goes on.
        exit_code: What the command ends with.
    """

    def __init__(self, cause: str, fix: str, *, exit_code: int = 1) -> None:
        super().__init__(cause)
        self.cause = cause
        self.fix = fix
        self.exit_code = exit_code
