"""What all resources inside MongoDB share: checks, the connection, drift, servers that do not answer, deletion."""

from __future__ import annotations

import abc
import dataclasses
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, ClassVar, Final, TypeVar

from typing_extensions import override

from localproc.service import RUNNING
from plugins.base.errors import PartialFailure, ProviderError
from plugins.base.properties import Props, contains_unknown
from plugins.base.resource import CheckFailure, Context, Diff, Resource, changed_names
from plugins.walletdb.claims import Claims
from plugins.walletdb.inputs import build, checked
from walletdb.errors import NoAnswerError, UnconfirmedError, WalletdbError
from walletdb.mongodb.connection import ELECTION_S, Client, Connection, fault_of_uri

__all__ = ["INCOMPLETE", "MongoObject", "Target", "changed"]

INCOMPLETE: Final = "incomplete"
_READ_PATIENCE_S: Final = 15.0
"""A refresh waits for one election; after that what is recorded is kept."""
T = TypeVar("T")
_warned: Final[set[str]] = set()
_warned_lock: Final = threading.Lock()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Target:
    """Inputs of every resource inside MongoDB: where it is, and who asks."""

    uri: str = dataclasses.field(repr=False)
    ca_file: str
    certificate_key_file: str

    @property
    def connection(self) -> Connection:
        """The connection that the inputs describe."""
        return Connection(uri=self.uri, ca_file=self.ca_file, certificate_key_file=self.certificate_key_file)

    @property
    def gone(self) -> bool:
        """Whether the local stack that the object lay in has been removed with its folder."""
        return bool(self.ca_file) and not Path(self.ca_file).parent.is_dir()


class MongoObject(Resource):
    """A thing inside MongoDB. Hosts in `uri` may change at any time: they never say which thing it is."""

    kind: ClassVar[type[Any]]
    """Dataclass of the inputs, a `Target`."""
    noun: ClassVar[str]
    identity: ClassVar[tuple[str, ...]]
    """Inputs that say which thing it is: another one means another thing."""
    optional: ClassVar[frozenset[str]] = frozenset()
    """Inputs that may be missing."""
    stable_outputs: ClassVar[tuple[str, ...]] = ()
    """Outputs beside `status` that no update in place changes."""
    timeout_s: ClassVar[float] = 120.0

    def __init__(self) -> None:
        """Nothing is declared in this run yet."""
        self._claims = Claims()

    # What a type says

    @abc.abstractmethod
    def id_of(self, declared: Any) -> str:
        """Id of the resource; of an index, without its number."""

    @abc.abstractmethod
    def ensure(self, client: Client, declared: Any, state: Props, ctx: Context) -> Props:
        """Make it, or bring it from `state` (empty: nothing is recorded) to what is declared.

        Returns:
            Outputs beside the inputs and `status`.
        """

    @abc.abstractmethod
    def found(self, client: Client, declared: Any, state: Props) -> Props | None:
        """`status` and other outputs as they are; None where it is gone."""

    @abc.abstractmethod
    def remove(self, client: Client, declared: Any, state: Props, ctx: Context) -> None:
        """Remove it; one that is gone is no error."""

    def key(self, declared: Any) -> Hashable:
        """What no two of this type have in common inside one MongoDB."""
        return self.id_of(declared)

    def check_whole(self, declared: Any) -> list[CheckFailure]:  # noqa: ARG002 - most types have nothing to say
        """What is wrong between inputs each of which is right for itself."""
        return []

    # What the engine asks

    @override
    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        inputs = {name: value for name, value in news.items() if value is not None or name not in self.optional}
        failures = [
            failure
            for failure in checked(self.kind, inputs)
            if not (failure.property in self.optional and failure.property not in inputs)
        ]
        uri = inputs.get("uri")
        fault = fault_of_uri(uri) if isinstance(uri, str) else ""
        if fault:
            failures.append(CheckFailure("uri", fault))
        if not failures and not contains_unknown(inputs):
            declared = build(self.kind, inputs)
            failures = self.check_whole(declared)
            self._claims.declare(self._claim(declared), ctx.urn)
        return inputs, failures

    @override
    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        changes = changed_names(old_inputs, news)
        drifted = () if state.get("status") == RUNNING else ("status",)
        replaces = tuple(name for name in changes if name in self.identity)
        return Diff(changes=tuple(sorted({*changes, *drifted})), replaces=replaces)

    @override
    def preview(self, state: Props | None, inputs: Props) -> Props:
        kept = {name: state[name] for name in self.stable_outputs if state and name in state}
        return {**inputs, **kept, "status": RUNNING}

    @override
    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        declared = build(self.kind, inputs)
        outputs = self._ensured(f"create {self.noun} {self.id_of(declared)}", inputs, {}, ctx, "")
        if ctx.urn:
            self._claims.made(self._claim(declared), ctx.urn)
        return self.id_after(declared, outputs), outputs

    @override
    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return self._ensured(f"update {self.noun} {id_}", news, state, ctx, id_)

    @override
    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        if not state:
            msg = f"{self.token} cannot be imported: declare it, and `pulumi up` takes up the {self.noun} that is there"
            raise ProviderError(msg)
        declared = build(self.kind, state)
        if declared.gone:
            return None
        try:
            outputs = declared.connection.run(
                f"look at {self.noun} {id_}",
                lambda client: self.found(client, declared, state),
                ctx.remaining_s(),
                patience_s=_READ_PATIENCE_S,
            )
        except NoAnswerError as error:
            text = f"{error}\n  What is recorded is kept: this refresh shows no drift there."
            _warn_once(ctx, declared.connection.address, text)
            return id_, inputs, state
        except WalletdbError as error:
            raise ProviderError(str(error)) from error
        return None if outputs is None else (id_, inputs, {**state, **outputs})

    @override
    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        declared = build(self.kind, state)
        if declared.gone:
            return
        keeper = self._claims.keeper(self._claim(declared), ctx.urn)
        if keeper:
            ctx.log("info", f"{self.noun} {id_} stays in MongoDB: it is now that of {keeper.rsplit('::', 1)[-1]}")
            return
        self._asked(
            f"delete {self.noun} {id_}", declared, ctx, lambda client: self.remove(client, declared, state, ctx)
        )

    # Inside

    def id_after(self, declared: Any, outputs: Props) -> str:  # noqa: ARG002 - an index has its name from them
        """Id once it is made."""
        return self.id_of(declared)

    def partly(self, id_: str, declared: Any, state: Props, error: WalletdbError) -> PartialFailure | None:  # noqa: ARG002
        """What an update that failed has left, where it is neither what was nor what was to be."""
        return None

    def _claim(self, declared: Any) -> Hashable:
        return (declared.connection.cluster, self.key(declared))

    def _ensured(self, what: str, inputs: Props, state: Props, ctx: Context, id_: str) -> Props:
        declared = build(self.kind, inputs)
        try:
            facts = declared.connection.run(
                what, lambda client: self.ensure(client, declared, state, ctx), ctx.remaining_s(), patience_s=ELECTION_S
            )
        except UnconfirmedError as error:
            outputs = {**inputs, **{name: state.get(name, "") for name in self.stable_outputs}, "status": INCOMPLETE}
            raise PartialFailure(id_ or self.id_after(declared, outputs), outputs, inputs, [str(error)]) from error
        except WalletdbError as error:
            failure = self.partly(id_, declared, state, error) if state else None
            raise failure or ProviderError(str(error)) from error
        return {**inputs, **facts, "status": RUNNING}

    def _asked(self, what: str, declared: Any, ctx: Context, work: Callable[[Client], T]) -> T:
        try:
            result: T = declared.connection.run(what, work, ctx.remaining_s())
        except WalletdbError as error:
            raise ProviderError(str(error)) from error
        return result


def changed(differences: tuple[str, ...]) -> str:
    """The status that says what is not as declared."""
    return f"changed: {', '.join(differences)}" if differences else RUNNING


def _warn_once(ctx: Context, address: str, text: str) -> None:
    """One warning for each server, however many resources lie in it."""
    with _warned_lock:
        if address in _warned:
            return
        _warned.add(address)
    ctx.log("warning", text)
