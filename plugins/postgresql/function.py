"""Functions."""

import re
from typing import Any, ClassVar, Final

from psycopg import sql

from plugins.base import UNKNOWN, CheckFailure, Props, ProviderError, contains_unknown
from plugins.base.fields import Field, Fields
from plugins.postgresql.catalogue import rows
from plugins.postgresql.connections import Connection
from plugins.postgresql.entity import Entity
from plugins.postgresql.fragments import fault

__all__ = ["Function"]

_ARGUMENT: Final = ("default", "mode", "name", "type")
_MODES: Final = ("IN", "OUT", "INOUT", "VARIADIC")
_VOLATILITY: Final = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}
_PARALLEL: Final = {"s": "SAFE", "r": "RESTRICTED", "u": "UNSAFE"}
_DOLLAR_QUOTED: Final = re.compile(r".*\$[a-zA-Z]*\$\s(?P<body>.*)\s\$[a-zA-Z]*\$.*", re.DOTALL)
_TABLE: Final = re.compile(r"table\s*\((.*)\)", re.IGNORECASE | re.DOTALL)


class Function(Entity):
    """`postgresql:index/function:Function`. Another body is put in place; another signature replaces it."""

    token = "postgresql:index/function:Function"
    noun = "function"
    fields: ClassVar[Fields] = {
        "name": Field(kind="text", required=True, replaces=True),
        "schema": Field(kind="text", default="public", replaces=True),
        "database": Field(kind="text", replaces=True),
        "args": Field(kind="objects", default=[], replaces=True),
        "returns": Field(kind="text", replaces=True),
        "language": Field(kind="text", default="plpgsql", replaces=True),
        "body": Field(kind="text", required=True),
        "volatility": Field(kind="text", default="VOLATILE", allowed=tuple(_VOLATILITY.values())),
        "parallel": Field(kind="text", default="UNSAFE", allowed=tuple(_PARALLEL.values())),
        "securityDefiner": Field(kind="flag", default=False),
        "strict": Field(kind="flag", default=False),
        "dropCascade": Field(kind="flag", default=False, local=True),
    }

    def check_whole(self, inputs: Props) -> list[CheckFailure]:
        """Check arguments and types, and take the body out of its dollar quotes, where it came in them."""
        if isinstance(inputs["body"], str):
            inputs["body"] = _bare_body(inputs["body"])
        failures = [] if inputs["args"] is UNKNOWN else _check_arguments(inputs["args"])
        if "returns" not in inputs and not contains_unknown(inputs["args"]):
            outs = [argument["type"] for argument in inputs["args"] if argument.get("mode") == "OUT"]
            inputs["returns"] = outs[-1] if outs else "void"
        return failures + _check_fragment("returns", inputs.get("returns", UNKNOWN))

    def identity(self, props: Props, settings_database: str) -> str:
        """Return database, schema, name and the types of the arguments that go in."""
        args = props.get("args")
        types = [str(a.get("type")) for a in args if a.get("mode") != "OUT"] if isinstance(args, list) else ["?"]
        database = props.get("database") or settings_database
        return f"{database}.{props.get('schema')}.{props.get('name')}({','.join(types)})"

    def parse(self, id_: str, settings_database: str) -> Props:  # noqa: ARG002
        """Refuse: what the server shows of a function is not what a program would say."""
        raise ProviderError("functions cannot be imported with the stand-in; install the official postgresql plugin")

    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:
        """Create the function."""
        connection.execute(_definition(inputs, "CREATE OR REPLACE FUNCTION" if again else "CREATE FUNCTION"))

    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Read the catalogue, keeping the program's spelling of types that mean the same."""
        query = (
            "SELECT p.oid, l.lanname, p.prosrc, p.provolatile::text, p.proparallel::text, p.prosecdef, p.proisstrict, "
            "pg_catalog.pg_get_function_result(p.oid) FROM pg_catalog.pg_proc p "
            "JOIN pg_catalog.pg_language l ON l.oid = p.prolang WHERE p.prokind = 'f' AND p.oid = "
            "pg_catalog.to_regprocedure(pg_catalog.format('%%I.%%I(%%s)', %s::text, %s::text, %s::text))"
        )
        found = rows(connection, query, [wanted["schema"], wanted["name"], ",".join(_types_in(wanted["args"]))])
        if not found:
            return None
        _, language, body, volatility, parallel, definer, strict, returns = found[0]
        said = wanted.get("returns")
        same = said is not None and _canonical(connection, str(said)) == _canonical(connection, returns)
        return {
            "name": wanted["name"],
            "schema": wanted["schema"],
            "database": connection.info.dbname,
            "args": wanted["args"],
            "returns": said if same else returns,
            "language": language,
            "body": body,
            "volatility": _VOLATILITY[volatility],
            "parallel": _PARALLEL[parallel],
            "securityDefiner": definer,
            "strict": strict,
            "dropCascade": wanted.get("dropCascade", False),
        }

    def change(self, connection: Connection, state: Props, news: Props) -> None:  # noqa: ARG002
        """Put another body or other attributes in place; owner and rights stay."""
        self.make(connection, news, again=True)

    def drop(self, connection: Connection, state: Props) -> None:
        """Drop the function; with what depends on it only where `dropCascade` says so."""
        statement = sql.SQL("DROP FUNCTION IF EXISTS {}({}) {}").format(
            sql.Identifier(state["schema"], state["name"]),
            sql.SQL(", ").join(_fragment(type_) for type_ in _types_in(state["args"])),
            sql.SQL("CASCADE" if state.get("dropCascade") else "RESTRICT"),
        )
        connection.execute(statement)


def _bare_body(body: str) -> str:
    match = _DOLLAR_QUOTED.match(body)
    return match["body"] if match else body


def _types_in(arguments: list[dict[str, Any]]) -> list[str]:
    return [argument["type"] for argument in arguments if argument.get("mode", "IN") != "OUT"]


def _check_arguments(arguments: list[Any]) -> list[CheckFailure]:
    failures = []
    for index, argument in enumerate(arguments):
        path = f"args[{index}]"
        if not isinstance(argument, dict) or not isinstance(argument.get("type", UNKNOWN), str | type(UNKNOWN)):
            failures.append(CheckFailure(path, f"{path}: allowed is an object with at least a type"))
            continue
        failures += [
            CheckFailure(f"{path}.{name}", f"{path}.{name}: unknown, allowed are {', '.join(_ARGUMENT)}")
            for name in sorted(set(argument) - set(_ARGUMENT))
        ]
        if argument.get("mode", "IN") not in (*_MODES, UNKNOWN):
            reason = f"{path}.mode: got {argument['mode']!r}, allowed are {', '.join(_MODES)}"
            failures.append(CheckFailure(f"{path}.mode", reason))
        failures += _check_fragment(f"{path}.type", argument.get("type", ""))
        failures += _check_fragment(f"{path}.default", argument.get("default", UNKNOWN))
    return failures


def _check_fragment(path: str, text: Any) -> list[CheckFailure]:
    if not isinstance(text, str):
        return []
    wrong = fault(text)
    return [CheckFailure(path, f"{path}: got {text!r}, which has {wrong}")] if wrong else []


def _fragment(text: str) -> sql.SQL:
    """Return a piece of SQL; checked here again, as a recorded state comes without a check."""
    wrong = fault(text)
    if wrong:
        raise ProviderError(f"{text!r} cannot be part of a function's signature: it has {wrong}")
    return sql.SQL(text)


def _definition(inputs: Props, start: str) -> sql.Composed:
    arguments = []
    for argument in inputs["args"]:
        mode = argument.get("mode", "IN")
        parts: list[sql.Composable] = [sql.SQL(mode if mode in _MODES else "IN")]
        if argument.get("name"):
            parts.append(sql.Identifier(argument["name"]))
        parts.append(_fragment(argument["type"]))
        if argument.get("default"):
            parts += [sql.SQL("DEFAULT"), _fragment(argument["default"])]
        arguments.append(sql.SQL(" ").join(parts))
    attributes = [
        sql.SQL("RETURNS {}").format(_fragment(inputs["returns"])),
        sql.SQL("LANGUAGE {}").format(sql.Identifier(inputs["language"].lower())),
        sql.SQL(inputs["volatility"]),
        sql.SQL("SECURITY DEFINER" if inputs["securityDefiner"] else "SECURITY INVOKER"),
        sql.SQL(f"PARALLEL {inputs['parallel']}"),
        sql.SQL("STRICT" if inputs["strict"] else "CALLED ON NULL INPUT"),
        sql.SQL("AS {}").format(sql.Literal(inputs["body"])),
    ]
    return sql.SQL("{} {}({}) {}").format(
        sql.SQL(start),
        sql.Identifier(inputs["schema"], inputs["name"]),
        sql.SQL(", ").join(arguments),
        sql.SQL(" ").join(attributes),
    )


def _canonical(connection: Connection, returns: str) -> str:
    """Return a result type in one spelling: the server's for each type, single spaces, lower-case keywords."""
    text = " ".join(returns.split())
    table = _TABLE.fullmatch(text)
    if table:
        columns = [column.strip().partition(" ") for column in _split(table[1])]
        return ", ".join(f"{name} {_canonical(connection, type_)}" for name, _, type_ in columns)
    if text.lower().startswith("setof "):
        return f"setof {_canonical(connection, text[6:])}"
    query = "SELECT pg_catalog.format_type(pg_catalog.to_regtype(%s), NULL)"
    known = rows(connection, query, [text])[0][0]
    return str(known) if known else text.lower()


def _split(columns: str) -> list[str]:
    """Split at commas outside of parentheses."""
    found, depth = [""], 0
    for sign in columns:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            found.append("")
        else:
            found[-1] += sign
    return found
