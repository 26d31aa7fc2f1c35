"""The error of the pack's own configuration."""

__all__ = ["ConfigurationError"]


class ConfigurationError(ValueError):
    """A file or an argument that configures the pack is wrong. It stops the preview; the text says what to mend."""
