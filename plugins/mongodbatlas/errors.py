"""What Atlas's API answers when it refuses."""

from plugins.base import ProviderError

__all__ = ["AtlasError"]


class AtlasError(ProviderError):
    """An answer that is an error: its status, Atlas's code (empty where the answer is not Atlas's), and its words."""

    def __init__(self, status: int, code: str, text: str) -> None:
        """Keep the parts; the text names the request."""
        super().__init__(text)
        self.status = status
        self.code = code

    @property
    def gone(self) -> bool:
        """Whether it says that the thing is not there."""
        return self.status == 404  # noqa: PLR2004 - HTTP's number for it
