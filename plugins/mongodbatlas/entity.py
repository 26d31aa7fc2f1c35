"""What all resource types of this plugin share: checks from their fields, comparison, import, names.

A type says how to make, find, change and drop its thing over the API; everything else is here. Inputs that the program
leaves out are Atlas's to choose: they are neither compared nor sent.
"""

import abc
from typing import Any, ClassVar, Final

from plugins.base import (
    CheckFailure,
    Context,
    Diff,
    PartialFailure,
    Props,
    ProviderError,
    Resource,
)
from plugins.base.fields import Fields, check_fields, equal, with_defaults
from plugins.mongodbatlas.api import Api
from plugins.mongodbatlas.errors import AtlasError

__all__ = ["Entity"]

PLUGIN: Final = "mongodbatlas"
_AUTONAME_BYTES: Final = 4


class Entity(Resource):
    """A resource type of the plugin."""

    timeout_s: ClassVar[float] = 600.0
    noun: ClassVar[str]
    """What it is called in messages."""
    fields: ClassVar[Fields]
    autonamed: ClassVar[str] = ""
    """The field that gets a name made from the Pulumi name and a few random digits, where it is left out."""
    kept: ClassVar[tuple[str, ...]] = ()
    """Fields that Atlas never shows: what is recorded of them stays."""

    # What a type says

    @abc.abstractmethod
    def make(self, api: Api, inputs: Props, ctx: Context) -> str:
        """Create the thing, wait until it is there, and return its id."""

    @abc.abstractmethod
    def find(self, api: Api, id_: str, known: Props) -> Props | None:
        """Return the properties as they are, inputs and computed ones; None where it is gone.

        `known` is what is recorded: after an import, what the id names.
        """

    @abc.abstractmethod
    def change(self, api: Api, id_: str, state: Props, news: Props, ctx: Context) -> None:
        """Bring the thing to `news` in place."""

    @abc.abstractmethod
    def drop(self, api: Api, id_: str, state: Props, ctx: Context) -> None:
        """Remove the thing, which may be gone already."""

    @abc.abstractmethod
    def parse(self, id_: str) -> tuple[str, Props]:
        """Return the id and the properties that an import's id names. Raises ProviderError for another form."""

    def check_whole(self, inputs: Props) -> list[CheckFailure]:  # noqa: ARG002
        """Return what is wrong between inputs, each of which is right for itself; values may be UNKNOWN."""
        return []

    # What the engine asks

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        """Check every field and what holds between them; fill in defaults and an automatic name."""
        inputs = {name: value for name, value in news.items() if not name.startswith("__") and value is not None}
        if self.autonamed and self.autonamed not in inputs:
            name = f"{ctx.name}-{ctx.random_seed[:_AUTONAME_BYTES].hex()[:7]}"
            inputs[self.autonamed] = olds.get(self.autonamed) or name
        failures = check_fields(self.token, self.fields, inputs, PLUGIN)
        inputs = with_defaults(self.fields, inputs)
        return inputs, failures or self.check_whole(inputs)

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:  # noqa: ARG002
        """Compare field by field; what the program leaves to Atlas is not compared."""
        old, new = with_defaults(self.fields, old_inputs), with_defaults(self.fields, news)
        changed = [name for name in self.fields if self._changed(name, old, new)]
        replaces = tuple(name for name in changed if self.fields[name].replaces)
        # Things are named, and two of one name cannot be there at once.
        return Diff(tuple(changed), replaces, delete_before_replace=bool(replaces))

    def _changed(self, name: str, old: Props, new: Props) -> bool:
        field = self.fields[name]
        if name in new:
            return not equal(field, old.get(name, field.unset), new[name])
        if field.kind == "object":  # of which `equal` compares what the new one has, and that is nothing
            return field.unset is not None and bool(old.get(name))
        return field.unset is not None and not equal(field, old.get(name, field.unset), field.unset)

    def preview(self, state: Props | None, inputs: Props) -> Props:
        """Return the inputs, and what an update leaves as it is."""
        return {**(state or {}), **inputs}

    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        """Make the thing and read it back."""
        api = _api(ctx)
        try:
            id_ = self.make(api, inputs, ctx)
        except ProviderError as error:
            raise ProviderError(f"cannot create {self.noun} {name}: {error}") from None
        try:
            return id_, self._outputs(api, id_, inputs)
        except ProviderError as error:
            raise PartialFailure(id_, inputs, inputs, [f"made {self.noun} {name}, then: {error}"]) from None

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Look the thing up."""
        importing = not state and not inputs
        known = {**state, **inputs}
        if importing:
            id_, known = self.parse(id_)
        try:
            found = self.find(_api(ctx), id_, known)
        except ProviderError as error:
            raise ProviderError(f"cannot read {self.noun} {ctx.name}: {error}") from None
        if found is None:
            return None
        outputs = {**{name: known[name] for name in self.kept if name in known}, **found}
        return id_, self._inputs_found(inputs, outputs, importing=importing), outputs

    def _inputs_found(self, inputs: Props, outputs: Props, *, importing: bool) -> Props:
        names = self.fields if importing else {name for name in inputs if not name.startswith("__")}
        found = {name: outputs[name] for name in names if outputs.get(name) is not None}
        if importing:
            return {name: value for name, value in found.items() if value not in ([], {}, "")}
        return {name: _only(inputs[name], found[name]) if name in found else inputs[name] for name in names}

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        """Change the thing and read it back."""
        api = _api(ctx)
        try:
            self.change(api, id_, state, news, ctx)
            return self._outputs(api, id_, news)
        except ProviderError as error:
            raise ProviderError(f"cannot update {self.noun} {ctx.name}: {error}") from None

    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Drop the thing; gone with its project or cluster is gone."""
        try:
            self.drop(_api(ctx), id_, state, ctx)
        except AtlasError as error:
            if not error.gone:
                raise ProviderError(f"cannot delete {self.noun} {ctx.name}: {error}") from None
        except ProviderError as error:
            raise ProviderError(f"cannot delete {self.noun} {ctx.name}: {error}") from None

    def _outputs(self, api: Api, id_: str, inputs: Props) -> Props:
        found = self.find(api, id_, inputs)
        if found is None:
            raise ProviderError("Atlas took the request, but the thing is not there afterwards")
        return {**inputs, **found}


def _only(wanted: Any, found: Any) -> Any:
    """Return what was found, without what the program left to Atlas: that is no drift."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        return {name: _only(value, found[name]) for name, value in wanted.items() if name in found}
    if isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        return [_only(before, after) for before, after in zip(wanted, found, strict=True)]
    return found


def _api(ctx: Context) -> Api:
    api = ctx.config.get("api")
    if not isinstance(api, Api):
        raise ProviderError("the mongodbatlas provider is not configured")
    return api
