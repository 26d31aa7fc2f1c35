"""What `settings` raises."""

__all__ = ["SettingsError"]


class SettingsError(Exception):
    """The configuration of a stack cannot be used.

    The text lists every problem at once; each names the key as it is written in `Pulumi.<stack>.yaml`, the value
    that was got, what is allowed, and the fix.
    """

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems, each a text of one or more lines."""
        self.problems = problems
        count = len(problems)
        head = (
            "1 problem in the stack's configuration:"
            if count == 1
            else f"{count} problems in the stack's configuration:"
        )
        super().__init__("\n\n".join((head, *problems)))
