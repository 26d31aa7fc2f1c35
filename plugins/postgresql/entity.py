"""What all resource types of this plugin share: checks from their fields, comparison, import, and unreachable servers.

A type says how to make, find, change and drop its thing on an open connection; everything else is here.
"""

import abc
import threading
from typing import ClassVar, Final

import psycopg

from plugins.base import (
    CheckFailure,
    Context,
    Diff,
    PartialFailure,
    Props,
    ProviderError,
    Resource,
    contains_unknown,
)
from plugins.base.fields import Fields, check_fields, equal, with_defaults
from plugins.postgresql.connections import Connection, Server
from plugins.postgresql.errors import DatabaseMissingError, StatementError, UnreachableError, UntrustedError

__all__ = ["Entity"]

_AUTONAME_BYTES: Final = 4  # seven hexadecimal digits, as the official plugin appends
_warned: Final[set[str]] = set()
_warned_lock: Final = threading.Lock()


class Entity(Resource):
    """A resource type of the plugin; `timeout_s` bounds every statement too."""

    timeout_s: ClassVar[float] = 120.0
    noun: ClassVar[str]
    """What it is called in messages."""
    fields: ClassVar[Fields]
    autonamed: ClassVar[bool] = False
    """A missing `name` is made from the Pulumi name and a few random digits."""
    transaction: ClassVar[bool] = True
    """Its statements may run in a transaction."""

    # What a type says

    @abc.abstractmethod
    def identity(self, props: Props, settings_database: str) -> str:
        """Return the id, the same as the official plugin's; values may be UNKNOWN."""

    @abc.abstractmethod
    def parse(self, id_: str, settings_database: str) -> Props:
        """Return the properties that an imported id names. Raises ProviderError for one of another shape."""

    @abc.abstractmethod
    def make(self, connection: Connection, inputs: Props, *, again: bool) -> None:
        """Create the thing; `again` if an earlier attempt may have done so already."""

    @abc.abstractmethod
    def find(self, connection: Connection, wanted: Props) -> Props | None:
        """Return the properties as they are, spelled as in `wanted` where they mean the same; None where it is gone."""

    @abc.abstractmethod
    def change(self, connection: Connection, state: Props, news: Props) -> None:
        """Bring the thing to `news` in place."""

    @abc.abstractmethod
    def drop(self, connection: Connection, state: Props) -> None:
        """Remove the thing, which may be gone already."""

    def occupies(self, props: Props, settings_database: str) -> str:
        """Return what no two of this type can share at one time; the id, unless a type says otherwise."""
        return self.identity(props, settings_database)

    def check_whole(self, inputs: Props) -> list[CheckFailure]:  # noqa: ARG002
        """Return what is wrong between inputs, each of which is right for itself; values may be UNKNOWN."""
        return []

    def database(self, props: Props, server: Server) -> str:
        """Return the database to connect to."""
        default = server.settings.database
        return str(props.get("database") or default) if "database" in self.fields else default

    def explain(self, error: StatementError, props: Props, server: Server, ctx: Context) -> str:  # noqa: ARG002
        """Return the text of a failed drop; a type may look up more than the server said."""
        return str(error)

    # What the engine asks

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        """Check every field and what holds between them; fill in defaults and an automatic name."""
        inputs = {name: value for name, value in news.items() if not name.startswith("__") and value is not None}
        if self.autonamed and "name" not in inputs:
            inputs["name"] = olds.get("name") or f"{ctx.name}-{ctx.random_seed[:_AUTONAME_BYTES].hex()[:7]}"
        failures = check_fields(self.token, self.fields, inputs, "postgresql")
        inputs = with_defaults(self.fields, inputs)
        return inputs, failures or self.check_whole(inputs)

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:  # noqa: ARG002
        """Compare field by field; what the program leaves to the server is not compared."""
        old, new = with_defaults(self.fields, old_inputs), with_defaults(self.fields, news)
        changed = [name for name in self.fields if self._changed(name, old, new)]
        replaces = tuple(name for name in changed if self.fields[name].replaces)
        # Two of one identity cannot be there at once, and deleting the old one last would take the new one away.
        default = str(ctx.config.get("database") or "")
        clash = contains_unknown(news) or self.occupies(old, default) == self.occupies(new, default)
        return Diff(tuple(changed), replaces, delete_before_replace=bool(replaces) and clash)

    def _changed(self, name: str, old: Props, new: Props) -> bool:
        field = self.fields[name]
        if name in new:
            return not equal(field, old.get(name, field.unset), new[name])
        return field.unset is not None and not equal(field, old.get(name, field.unset), field.unset)

    def preview(self, state: Props | None, inputs: Props) -> Props:
        """Return the inputs, and what an update leaves as it is."""
        return {**(state or {}), **inputs}

    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Make the thing and read it back."""
        server = _server(ctx)
        id_ = self.identity(inputs, server.settings.database)

        def work(connection: Connection, again: bool) -> Props:  # noqa: FBT001
            self.make(connection, inputs, again=again)
            try:
                return self._outputs(connection, inputs)
            except (psycopg.Error, ProviderError) as error:
                if self.transaction:
                    raise
                raise PartialFailure(id_, inputs, inputs, [f"made {self.noun} {id_}, then: {error}"]) from None

        try:
            outputs = server.write(self.database(inputs, server), ctx, work, transaction=self.transaction)
        except ProviderError as error:
            raise self._failed("create", id_, error) from None
        return id_, outputs

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Look the thing up; with the server away, keep what is recorded and warn once.

        A certificate that is not accepted is no failure either: `up` refreshes before it renews certificates.
        """
        server = _server(ctx)
        importing = not state and not inputs
        wanted = self.parse(id_, server.settings.database) if importing else self._recorded(inputs, state)
        try:
            found = server.read(self.database(wanted, server), ctx, lambda connection: self.find(connection, wanted))
        except DatabaseMissingError:
            return None
        except (UnreachableError, UntrustedError) as error:
            if importing:
                raise
            _warn_once(
                ctx, str(server.settings), f"{error}. What is recorded is kept: this refresh shows no drift there"
            )
            return id_, inputs, state
        except ProviderError as error:
            raise self._failed("read", id_, error) from None
        if found is None:
            return None
        outputs = {**wanted, **found}
        return id_, self._inputs_found(inputs, outputs, importing=importing), outputs

    def _recorded(self, inputs: Props, state: Props) -> Props:
        """Return what is recorded of the thing: the inputs, and what the server chose where they are silent."""
        chosen = {name: state.get(name) for name, field in self.fields.items() if field.unset is None}
        both = {name: value for name, value in {**chosen, **inputs}.items() if name in self.fields}
        return with_defaults(self.fields, both)

    def _inputs_found(self, inputs: Props, outputs: Props, *, importing: bool) -> Props:
        if importing:
            return {
                name: value
                for name, value in outputs.items()
                if self.fields[name].required or (value != self.fields[name].default and value not in ([], "", 0))
            }
        known = {name: value for name, value in with_defaults(self.fields, inputs).items() if not name.startswith("__")}
        return {name: outputs.get(name, value) for name, value in known.items()}

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        """Change the thing and read it back."""
        server = _server(ctx)

        def work(connection: Connection, again: bool) -> Props:  # noqa: ARG001, FBT001
            self.change(connection, state, news)
            return self._outputs(connection, news)

        try:
            return server.write(self.database(news, server), ctx, work, transaction=self.transaction)
        except ProviderError as error:
            raise self._failed("update", id_, error) from None

    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Drop the thing; gone with its database is gone."""
        server = _server(ctx)

        def work(connection: Connection, again: bool) -> None:  # noqa: ARG001, FBT001
            self.drop(connection, state)

        try:
            server.write(self.database(state, server), ctx, work, transaction=self.transaction)
        except DatabaseMissingError:
            return
        except StatementError as error:
            raise self._failed("drop", id_, ProviderError(self.explain(error, state, server, ctx))) from None
        except ProviderError as error:
            raise self._failed("drop", id_, error) from None

    def _outputs(self, connection: Connection, inputs: Props) -> Props:
        found = self.find(connection, inputs)
        if found is None:
            raise ProviderError("the server took the statements, but the thing is not there afterwards")
        return {**inputs, **found}

    def _failed(self, verb: str, id_: str, error: ProviderError) -> ProviderError:
        return ProviderError(f"cannot {verb} {self.noun} {id_}: {error}")


def _server(ctx: Context) -> Server:
    server = ctx.config.get("server")
    if not isinstance(server, Server):
        raise ProviderError("the postgresql provider is not configured")
    return server


def _warn_once(ctx: Context, about: str, text: str) -> None:
    with _warned_lock:
        if about in _warned:
            return
        _warned.add(about)
    ctx.log("warning", text)
