"""The one error of this room."""

__all__ = ["DeliveryError"]


class DeliveryError(Exception):
    """Something cannot be made, sent or trusted.

    Args:
        cause: What happened, with the value that was found.
        fix: What to do about it.
    """

    def __init__(self, cause: str, fix: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.fix = fix
