"""docs/reference/walletdb.md, written from the command's own help and from the texts on the report's fields.

`python -m walletdb.cli.reference > docs/reference/walletdb.md` brings it up to date; a test compares the two.
"""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections.abc import Iterator

from typer.testing import CliRunner

from walletdb import cli, config, move, report

__all__ = ["reference"]

_COMMANDS = ("status", "health", "failover", "switchover", "psql")
_FILE_MODELS = (
    config.Config,
    config.Cluster,
    config.Member,
    config.HostPort,
    config.Pool,
    config.ReplicaSet,
    config.ReplicaSetMember,
    config.EtcdServer,
    config.CertificateFile,
)
_WIDTH = {"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1", "TERM": "dumb"}

_HEAD = """\
# `walletdb`

What is up, what is wrong, and moving the leader. `python -m walletdb.cli.reference` writes this page from the command
itself: change the texts there.

Run it as `bin/walletdb`.

"""

_JSON = """\
## JSON of `status`

Field names carry their units. `null` means "not known"; the `error` beside it says why. Fields may be added; none is
renamed or removed without a new number in `schema`. `status --watch --json` prints one line for each look.

"""

_HEALTH = """\
## JSON of `health`

`{"schema": 1, "stack": …, "verdict": …, "parts": [{"state": "ok" | "degraded" | "down", "part": …, "text": …}]}`

"""

_MOVE = """\
## JSON of `failover` and `switchover`

Progress goes to standard error, the result to standard output.

"""

_CONFIG = """\
## walletdb.json

`make up` writes it, mode 0600; a file that others may read or write is refused. It holds no password.

"""


def reference() -> str:
    """The whole page, in Markdown."""
    return "".join(_page()).rstrip() + "\n"


def _page() -> Iterator[str]:
    yield _HEAD
    yield f"```\n{_help()}```\n\n"
    for name in _COMMANDS:
        yield f"## `walletdb {name}`\n\n```\n{_help(name)}```\n\n"
    yield _JSON
    for model in _models(report.Report):
        yield from _fields(model)
    yield _HEALTH
    yield _MOVE
    yield from _fields(move.Move)
    yield _CONFIG
    for file_model in _FILE_MODELS:
        yield f"### {file_model.__name__} in walletdb.json\n\n{file_model.__doc__}\n\n| field | type |\n|---|---|\n"
        for name, field in file_model.model_fields.items():
            yield f"| `{name}` | {_type(field.annotation)} |\n"
        yield "\n"


def _help(*command: str) -> str:
    done = CliRunner().invoke(cli.app, [*command, "--help"], env=_WIDTH, prog_name="walletdb")
    return "\n".join(line.rstrip() for line in done.stdout.strip().splitlines()) + "\n"


def _models(model: type) -> list[type]:
    """A dataclass and those it holds, each once, the outer before the inner."""
    found = [model]
    for hint in typing.get_type_hints(model).values():
        for inner in _dataclasses_in(hint):
            found += [one for one in _models(inner) if one not in found]
    return found


def _dataclasses_in(hint: object) -> Iterator[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for inner in typing.get_args(hint):
        yield from _dataclasses_in(inner)


def _fields(model: type) -> Iterator[str]:
    yield f"### {model.__name__}\n\n{model.__doc__}\n\n| field | type | meaning |\n|---|---|---|\n"
    for name, hint in typing.get_type_hints(model, include_extras=True).items():
        notes = [note for note in getattr(hint, "__metadata__", ()) if isinstance(note, str)]
        kind = typing.get_args(hint)[0] if notes else hint
        yield f"| `{name}` | {_type(kind)} | {''.join(notes)} |\n"
    yield "\n"


def _type(hint: object) -> str:
    """A type as a reader of JSON knows it."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in {types.UnionType, typing.Union}:
        return " or ".join("null" if one is types.NoneType else _type(one) for one in inner)
    if origin is tuple:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"object of {_type(inner[1])}"
    names = {str: "string", bool: "boolean", int: "integer", float: "number"}
    if isinstance(hint, type):
        return names.get(hint) or ("string" if hint.__name__ == "Path" else hint.__name__)
    return str(hint)  # pragma: no cover - no other kind is used


if __name__ == "__main__":
    sys.stdout.write(reference())
