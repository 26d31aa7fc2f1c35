"""What all resource types of this plugin share: checks from their fields, comparison, drift, import, error texts.

A type says how to make, find, change and drop its thing; everything else is here. `KeptEntity` is for what the
emulator does not know: the stand-in keeps it itself, checked as strictly.
"""

import abc
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Final, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from plugins.aws.clients import Aws, text_of
from plugins.base import (
    CheckFailure,
    Context,
    Diff,
    PartialFailure,
    Props,
    ProviderError,
    Resource,
)
from plugins.base.fields import Field, Fields, Kind, check_fields, equal, with_defaults

__all__ = ["Entity", "KeptEntity"]

_AUTONAME_BYTES: Final = 4  # seven hexadecimal digits, as the official plugin appends
_REGION: Final = Field(kind="text", replaces=True)
_ERRORS: Final = (ProviderError, BotoCoreError, ClientError)

T = TypeVar("T")


class Entity(Resource):
    """A resource type of the plugin."""

    timeout_s: ClassVar[float] = 120.0
    noun: ClassVar[str]
    """What it is called in messages."""
    fields: ClassVar[Fields]
    """What a program may say. `region` is not among them: every type but those of global services has it."""
    outputs: ClassVar[Mapping[str, Kind]] = {}
    """What the service adds. `region` and `tagsAll` are not among them."""
    volatile: ClassVar[frozenset[str]] = frozenset()
    """Outputs that any update may change: a preview of one does not know them."""
    kept: ClassVar[frozenset[str]] = frozenset()
    """Fields that the emulator forgets: the stand-in keeps them beside it."""
    autonamed: ClassVar[str] = ""
    """The field that, left out, is made from the Pulumi name and a few random digits."""
    global_service: ClassVar[bool] = False
    """It belongs to no region (IAM)."""
    verified_by: ClassVar[str] = "moto"
    """Whose code, beside this, has an opinion of what is sent."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Mark what is secret by its field."""
        super().__init_subclass__(**kwargs)
        fields = getattr(cls, "fields", {})
        cls.secrets = cls.secrets | {name for name, field in fields.items() if field.secret}

    # What a type says. All may raise errors of botocore: they reach the user as one line.

    @abc.abstractmethod
    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        """Create the thing; return its id and outputs that `find` does not return."""

    @abc.abstractmethod
    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        """Return the properties as they are, inputs and outputs; None where the thing is gone.

        `wanted` is what is recorded (nothing on an import). A property that is left out is one that cannot be read
        back; one that has been taken away is given as None or its empty value.
        """

    @abc.abstractmethod
    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:
        """Bring the thing to `news` in place, whatever it is like: `state` may be of an attempt that broke off."""

    @abc.abstractmethod
    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:
        """Remove the thing; gone already is no error."""

    def complete(self, aws: Aws, id_: str, inputs: Props, ctx: Context) -> None:
        """Do what is left after `make`, in calls of its own. Where it fails, the thing is kept and mended later."""

    def check_whole(self, inputs: Props, ctx: Context) -> list[CheckFailure]:  # noqa: ARG002
        """Return what is wrong between inputs, each of which is right for itself; values may be UNKNOWN."""
        return []

    def clashes(self, old: Props, new: Props) -> bool:
        """Say whether a new thing cannot be made while the old one is there: it would have the same name."""
        return bool(self.autonamed) and old.get(self.autonamed) == new.get(self.autonamed)

    # What the engine asks

    @property
    def all_fields(self) -> Fields:
        """Return the fields with the region."""
        return self.fields if self.global_service else {**self.fields, "region": _REGION}

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        """Check every field and what holds between them; fill in defaults, the region and an automatic name."""
        inputs = {name: value for name, value in news.items() if not name.startswith("__") and value is not None}
        if self.autonamed and self.autonamed not in inputs:
            made = f"{ctx.name}-{ctx.random_seed[:_AUTONAME_BYTES].hex()[:7]}"
            inputs[self.autonamed] = olds.get(self.autonamed) or made
        failures = check_fields(self.token, self.all_fields, inputs, "aws")
        inputs = with_defaults(self.all_fields, inputs)
        if not self.global_service:
            inputs.setdefault("region", _aws(ctx).region)
        return inputs, failures or self.check_whole(inputs, ctx)

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:  # noqa: ARG002
        """Compare field by field; what the program leaves to the service is not compared."""
        fields = self.all_fields
        old, new = with_defaults(fields, old_inputs), with_defaults(fields, news)
        changed = tuple(name for name, field in fields.items() if _changed(field, name, old, new))
        replaces = tuple(name for name in changed if self.replaced_by(name, old, new))
        return Diff(changed, replaces, delete_before_replace=bool(replaces) and self.clashes(old, new))

    def replaced_by(self, name: str, old: Props, new: Props) -> bool:  # noqa: ARG002
        """Say whether a change of this property makes another thing; a type may look at the values."""
        return self.all_fields[name].replaces

    def preview(self, state: Props | None, inputs: Props) -> Props:
        """Return the inputs, and what an update leaves as it is."""
        kept = {name: value for name, value in (state or {}).items() if name not in self.volatile}
        return self._tagged({**kept, **inputs})

    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        """Make the thing and read it back."""
        aws = self._at(ctx, inputs)
        id_, extra = self._tried("create", name, lambda: self.make(aws, name, inputs, ctx))
        try:
            self.complete(aws, id_, inputs, ctx)
            self._keep(aws, id_, inputs)
            return id_, self._outputs(aws, id_, inputs, extra)
        except _ERRORS as error:
            reason = f"made {self.noun} {id_}, then: {text_of(error)}"
            raise PartialFailure(id_, {**inputs, **extra}, inputs, [reason]) from None

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Look the thing up. An id to import may name its region: `ID@REGION`, as with the official plugin."""
        importing = not state and not inputs
        region = inputs.get("region") or state.get("region")
        if importing and not self.global_service and "@" in id_:
            id_, region = id_.rsplit("@", 1)
        aws = _aws(ctx).at(region)
        wanted = {**state, **inputs}
        found = self._tried("read", id_, lambda: self._found(aws, id_, wanted))
        if found is None:
            return None
        outputs = self._merged(aws, wanted, found)
        return id_, self._inputs_found(inputs, outputs, importing=importing), outputs

    def _inputs_found(self, inputs: Props, outputs: Props, *, importing: bool) -> Props:
        found = {}
        for name, field in self.all_fields.items():
            value = outputs.get(name)
            if importing:
                given = field.required or name == "region" or value not in (None, [], {}, "", field.default)
            else:
                given = name in inputs or (field.unset is not None and value not in (None, field.unset))
            if given and value is not None:
                found[name] = value
        return found

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        """Change the thing and read it back."""
        aws = self._at(ctx, news)

        def work() -> Props:
            self.change(aws, id_, state, news, ctx)
            self._keep(aws, id_, news)
            known = {name: value for name, value in state.items() if name in self.outputs}
            return self._outputs(aws, id_, news, known)

        return self._tried("update", id_, work)

    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Drop the thing."""
        aws = self._at(ctx, state)
        self._tried("delete", id_, lambda: self.drop(aws, id_, state, ctx))
        if self.kept:
            aws.store.remove(self._kind(aws), id_)

    def _at(self, ctx: Context, props: Props) -> Aws:
        return _aws(ctx).at(props.get("region"))

    def _outputs(self, aws: Aws, id_: str, inputs: Props, extra: Props) -> Props:
        found = self._found(aws, id_, {**extra, **inputs})
        if found is None:
            raise ProviderError("the service took the call, but the thing is not there afterwards")
        self._refuse_ignored(inputs, found)
        return self._merged(aws, {**extra, **inputs}, found)

    def _refuse_ignored(self, inputs: Props, found: Props) -> None:
        """Refuse what the emulator took and did not do: it would be drift for ever, or never be noticed."""
        for name, field in self.all_fields.items():
            if name in inputs and name in found and not equal(field, found[name], inputs[name]):
                values = "a secret" if field.secret else f"{inputs[name]!r}, and it has {found[name]!r}"
                raise ProviderError(f"the emulator took {name} and ignored it: asked for {values}")

    def _keep(self, aws: Aws, id_: str, inputs: Props) -> None:
        if self.kept:
            kept = {name: value for name, value in inputs.items() if name in self.kept}
            aws.store.put(self._kind(aws), id_, kept)

    def _found(self, aws: Aws, id_: str, wanted: Props) -> Props | None:
        found = self.find(aws, id_, wanted)
        if found is None or not self.kept:
            return found
        return {**found, **dict.fromkeys(self.kept), **(aws.store.get(self._kind(aws), id_) or {})}

    def _kind(self, aws: Aws) -> str:
        return self.token if self.global_service else f"{self.token}@{aws.region}"

    def _merged(self, aws: Aws, wanted: Props, found: Props) -> Props:
        """Return what was found, spelled as it is wanted where both mean the same, and what cannot be read back."""
        fields = self.all_fields
        spelled = {
            name: wanted[name] if _same(fields.get(name), value, wanted.get(name)) else value
            for name, value in found.items()
        }
        outputs = self._tagged({**wanted, **spelled})
        return outputs if self.global_service else {**outputs, "region": aws.region}

    def _tagged(self, outputs: Props) -> Props:
        return {**outputs, "tagsAll": outputs.get("tags") or {}} if "tags" in self.fields else outputs

    def _tried(self, verb: str, id_: str, work: Callable[[], T]) -> T:
        try:
            return work()
        except _ERRORS as error:
            raise ProviderError(f"cannot {verb} {self.noun} {id_}: {text_of(error)}") from None


class KeptEntity(Entity):
    """A resource type that the stand-in keeps itself."""

    verified_by: ClassVar[str] = "stand-in"

    @abc.abstractmethod
    def identity(self, aws: Aws, inputs: Props) -> str:
        """Return the id of a new thing; called once for it."""

    def computed(self, aws: Aws, id_: str, inputs: Props) -> Props:  # noqa: ARG002
        """Return the outputs that the service would add; called at each create and update."""
        return {}

    def make(self, aws: Aws, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Keep the thing, unless there is one of that id."""
        id_ = self.identity(aws, inputs)
        with aws.store.locked(self._kind(aws)):
            if aws.store.get(self._kind(aws), id_) is not None:
                raise ProviderError(f"there is one of the id {id_} already. Import it, or choose another name")
            aws.store.put(self._kind(aws), id_, {**inputs, **self.computed(aws, id_, inputs)})
        return id_, {}

    def find(self, aws: Aws, id_: str, wanted: Props) -> Props | None:  # noqa: ARG002
        """Return what is kept; what it does not have has been taken away."""
        kept = aws.store.get(self._kind(aws), id_)
        return None if kept is None else {**dict.fromkeys(self.fields), **kept}

    def change(self, aws: Aws, id_: str, state: Props, news: Props, ctx: Context) -> None:  # noqa: ARG002
        """Keep the new inputs."""
        with aws.store.locked(self._kind(aws)):
            kept = aws.store.get(self._kind(aws), id_)
            if kept is None:
                raise ProviderError("it is gone. Refresh, and it is made anew: bin/pulumi refresh")
            outputs = {name: value for name, value in kept.items() if name in self.outputs}
            aws.store.put(self._kind(aws), id_, {**outputs, **news, **self.computed(aws, id_, news)})

    def drop(self, aws: Aws, id_: str, state: Props, ctx: Context) -> None:  # noqa: ARG002
        """Forget the thing."""
        aws.store.remove(self._kind(aws), id_)


def _changed(field: Field, name: str, old: Props, new: Props) -> bool:
    if name in new:
        return not equal(field, old.get(name, field.unset), new[name])
    return field.unset is not None and not equal(field, old.get(name, field.unset), field.unset)


def _same(field: Field | None, found: Any, wanted: Any) -> bool:
    return field is not None and wanted is not None and equal(field, found, wanted)


def _aws(ctx: Context) -> Aws:
    aws = ctx.config.get("aws")
    if not isinstance(aws, Aws):
        raise ProviderError("the aws provider is not configured")
    return aws
