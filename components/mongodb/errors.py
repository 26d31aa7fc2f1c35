"""What reading `documents/` raises."""

from settings.problems import Problem

__all__ = ["DocumentsError"]


class DocumentsError(Exception):
    """The definitions of MongoDB's collections cannot be used.

    The text lists every problem at once; each names file and key, the value that was got, what is allowed and the fix.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems."""
        self.problems = problems
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n\n".join((f"{count} in the definitions of collections:", *map(str, problems))))
