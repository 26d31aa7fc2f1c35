"""Helper: what the recording mock kept of a program, as the engine would send it."""

from typing import Any

from tests.policies.names import secret


def marked(value: Any, plain: Any) -> Any:
    """Return a value with its secrets marked: where the recording has nothing in clear, it is one."""
    if plain is None and value is not None:
        return secret(value)
    if isinstance(value, dict):
        return {key: marked(one, plain[key]) for key, one in value.items()}
    if isinstance(value, list):
        return [marked(one, other) for one, other in zip(value, plain, strict=True)]
    return value
