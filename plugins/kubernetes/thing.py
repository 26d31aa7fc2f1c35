"""Any object of the API as a resource: applied by the server, compared by the server, read back from the server."""

import dataclasses
import hashlib
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar, Final

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
from plugins.base.resource import changed_names
from plugins.kubernetes import documents, waits
from plugins.kubernetes.api import Api, Kind, RefusedError
from plugins.kubernetes.replacement import replacing

__all__ = ["Thing"]

_MANAGER: Final = "pulumi-kubernetes"
_AUTONAMED: Final = "pulumi.com/autonamed"
_AUTONAME_BYTES: Final = 4
_PROPAGATION: Final = "Background"
# What the server says of a property that its schema does not have.
_UNDECLARED: Final = re.compile(r"field not declared in schema|unknown field")


class Thing(Resource):
    """An object of one kind; a subclass names the kind."""

    timeout_s: ClassVar[float] = 600.0
    api_version: ClassVar[str]
    kind: ClassVar[str]

    # What the engine asks

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        """Complete the inputs, and have the server say whether it would take them."""
        inputs = {name: value for name, value in news.items() if not name.startswith("__") and value is not None}
        if failures := self._check_shape(inputs):
            return inputs, failures
        api = _api(ctx)
        kind = api.kind(self.api_version, self.kind)
        if kind is None:
            reason = (
                f"the server {api.access} has no kind {self.kind} in {self.api_version}; install the definition that "
                "it belongs to, or correct apiVersion and kind"
            )
            return inputs, [CheckFailure("kind", reason)]
        inputs = self._complete(olds, inputs, kind, ctx)
        return inputs, self._refusals(olds, inputs, kind, ctx)

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:  # noqa: ARG002
        """Compare inputs with inputs: those of a refresh are what the server has."""
        changes = changed_names(old_inputs, news)
        replaces = replacing(self.api_version, self.kind, old_inputs, news, ctx.config)
        same_name = _named(old_inputs) == _named(news) or contains_unknown(news.get("metadata"))
        return Diff(changes, replaces, delete_before_replace=bool(replaces) and same_name)

    def preview(self, state: Props | None, inputs: Props) -> Props:
        """Return the inputs, and what an update leaves as it is."""
        return {**(state or {}), **inputs}

    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:  # noqa: ARG002
        """Apply the object, unless there is one of that name that this plugin did not make."""
        ctx = _with_timeout(inputs, ctx)
        conditions = waits.condition_of(inputs)
        api, kind = _api(ctx), self._kind(ctx)
        namespace, object_name = _named(inputs)
        there = api.get(kind, namespace, object_name)
        upsert = ctx.config.get("upsertExistingObjects") is True or _forced(inputs, ctx)
        if there is not None and not upsert and not _is_ours(there):
            raise ProviderError(
                f"cannot create {self._shown(inputs)}: the server has one already that this plugin did not make. "
                f"Import it (id {_id(kind, inputs)}), choose another name, or delete it"
            )
        return _id(kind, inputs), self._applied(api, kind, inputs, conditions, ctx)

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:  # noqa: ARG002
        """Apply the object again: the server takes away what the inputs no longer say."""
        ctx = _with_timeout(news, ctx)
        conditions = waits.condition_of(news)
        return self._applied(_api(ctx), self._kind(ctx), news, conditions, ctx)

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        """Ask the server for the object, and what applying the inputs again would change about it."""
        api, kind = _api(ctx), self._kind(ctx)
        namespace, name = _parsed_id(kind, id_, api.access.namespace)
        live = api.get(kind, namespace, name)
        if live is None:
            return None
        if not inputs and not state:
            return _id(kind, live), documents.imported_inputs(live), documents.outputs(live, {})
        found = documents.as_found(inputs, live, self._applied_again(api, kind, inputs, live, ctx))
        return id_, found, documents.outputs(live, inputs)

    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        """Delete the object, and wait until it is gone."""
        ctx = _with_timeout(state, ctx)
        api = _api(ctx)
        kind = api.kind(self.api_version, self.kind)
        if kind is None:
            return  # with its definition all objects of a kind are gone
        namespace, name = _parsed_id(kind, id_, api.access.namespace)
        metadata = state.get("metadata")
        uid = str(metadata.get("uid", "")) if isinstance(metadata, Mapping) else ""
        propagation = documents.setting(state, "deletionPropagationPolicy").capitalize() or _PROPAGATION
        try:
            api.delete(kind, namespace, name, uid=uid, propagation=propagation)
        except RefusedError as error:
            raise ProviderError(f"cannot delete {self.kind} {id_}: {error}") from None
        waits.until_gone(api, kind, namespace, name, uid, ctx)

    # Checks

    def _check_shape(self, inputs: Props) -> list[CheckFailure]:
        failures = []
        for name, wanted in (("apiVersion", self.api_version), ("kind", self.kind)):
            given = inputs.setdefault(name, wanted)
            if given != wanted:
                failures.append(CheckFailure(name, f"{name}: got {given!r}, allowed is {wanted}, as the type says"))
        metadata = inputs.get("metadata", {})
        if not isinstance(metadata, Mapping):
            failures.append(
                CheckFailure("metadata", f"metadata: got a {type(metadata).__name__}, allowed is an object")
            )
        return failures

    def _complete(self, olds: Props, inputs: Props, kind: Kind, ctx: Context) -> Props:
        """Add the namespace that the provider says, and an automatic name."""
        metadata = dict(inputs.get("metadata", {}))
        if kind.namespaced and "namespace" not in metadata:
            metadata["namespace"] = _api(ctx).access.namespace
        if "name" not in metadata and "generateName" not in metadata:
            kept = olds.get("metadata") or {}
            automatic = f"{ctx.name}-{ctx.random_seed[:_AUTONAME_BYTES].hex()}".lower()
            kept_name = kept.get("name") if documents.setting(olds, "autonamed") else None
            metadata["name"] = kept_name or automatic
            metadata["annotations"] = {**(metadata.get("annotations") or {}), _AUTONAMED: "true"}
        return {**inputs, "metadata": metadata}

    def _refusals(self, olds: Props, inputs: Props, kind: Kind, ctx: Context) -> list[CheckFailure]:
        """Have the server apply the object without keeping it, and return what it refuses."""
        if contains_unknown(_named(inputs)):
            return []
        if olds and replacing(self.api_version, self.kind, olds, inputs, ctx.config):
            return []  # it would be applied to the object that goes; the new one is judged when it is made
        try:
            _, warnings = self._dry_run(_api(ctx), kind, inputs, ctx)
        except RefusedError as error:
            if contains_unknown(inputs) and not _UNDECLARED.search(str(error)):
                return []  # what is missing may be what is not known yet
            return [CheckFailure(_property(error), f"the server refuses {self._shown(inputs)}: {error}")]
        for warning in warnings:
            ctx.log("warning", f"{self._shown(inputs)}: {warning}")
        return []

    def _dry_run(self, api: Api, kind: Kind, inputs: Props, ctx: Context) -> tuple[dict[str, Any], list[str]]:
        document = documents.manifest(documents.without_unknown(inputs))
        manager = _manager(ctx)
        try:
            return api.apply(kind, document, manager=manager, force=True, dry_run=True)
        except RefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND or error.about != "namespaces":
                raise
        # Its namespace comes with the same update; the schema is the same in any.
        elsewhere = {**document, "metadata": {**document["metadata"], "namespace": "default"}}
        return api.apply(kind, elsewhere, manager=manager, force=True, dry_run=True)

    # Work

    def _kind(self, ctx: Context) -> Kind:
        api = _api(ctx)
        kind = api.kind(self.api_version, self.kind)
        if kind is None:
            raise ProviderError(
                f"the server {api.access} has no kind {self.kind} in {self.api_version}; install its definition"
            )
        return kind

    def _applied(
        self, api: Api, kind: Kind, inputs: Props, conditions: list[waits.Condition], ctx: Context
    ) -> dict[str, Any]:
        document = documents.manifest(inputs)
        try:
            live, warnings = api.apply(kind, document, manager=_manager(ctx), force=_forced(inputs, ctx), dry_run=False)
        except RefusedError as error:
            hint = ". To take over what others have set, set the annotation pulumi.com/patchForce, or enablePatchForce"
            conflict = hint if error.status == HTTPStatus.CONFLICT else ""
            raise ProviderError(f"cannot apply {self._shown(inputs)}: {error}{conflict}") from None
        for warning in warnings:
            ctx.log("warning", f"{self._shown(inputs)}: {warning}")
        try:
            live = waits.until_ready(api, kind, live, conditions, ctx)
        except ProviderError as error:
            raise PartialFailure(_id(kind, inputs), documents.outputs(live, inputs), inputs, [str(error)]) from None
        return documents.outputs(live, inputs)

    def _applied_again(self, api: Api, kind: Kind, inputs: Props, live: dict[str, Any], ctx: Context) -> dict[str, Any]:
        """Return what the object would be if the inputs were applied now."""
        if contains_unknown(inputs):
            return live
        try:
            return self._dry_run(api, kind, inputs, ctx)[0]
        except RefusedError as error:
            # The inputs are no longer valid (a newer definition, say): then they are compared as they stand.
            ctx.log("warning", f"{self._shown(inputs)}: the server would refuse what was applied: {error}")
            return documents.manifest(inputs)

    def _shown(self, inputs: Props) -> str:
        namespace, name = _named(inputs)
        return f"{self.kind} {namespace}/{name}" if namespace else f"{self.kind} {name}"


def _api(ctx: Context) -> Api:
    api = ctx.config.get("api")
    if not isinstance(api, Api):
        raise ProviderError("the kubernetes provider is not configured")
    return api


def _named(inputs: Props) -> tuple[Any, Any]:
    metadata = inputs.get("metadata")
    if not isinstance(metadata, Mapping):
        return "", metadata
    return metadata.get("namespace", ""), metadata.get("name", "")


def _id(kind: Kind, inputs: Props) -> str:
    namespace, name = _named(inputs)
    return f"{namespace}/{name}" if kind.namespaced else str(name)


def _parsed_id(kind: Kind, id_: str, default: str) -> tuple[str, str]:
    namespace, _, name = id_.rpartition("/")
    return (namespace or default if kind.namespaced else ""), name


def _manager(ctx: Context) -> str:
    """Return who we are to the server: the same for one resource in every update, so that it takes away what went."""
    return f"{_MANAGER}-{hashlib.sha256(ctx.urn.encode()).hexdigest()[:8]}"


def _is_ours(live: Mapping[str, Any]) -> bool:
    """Say whether this plugin made an object: an update that was killed right after left it behind."""
    managers = live.get("metadata", {}).get("managedFields") or []
    return any(str(entry.get("manager", "")).startswith(f"{_MANAGER}-") for entry in managers)


def _forced(inputs: Props, ctx: Context) -> bool:
    return ctx.config.get("enablePatchForce") is True or documents.is_true(documents.setting(inputs, "patchForce"))


def _with_timeout(inputs: Props, ctx: Context) -> Context:
    seconds = documents.setting(inputs, "timeoutSeconds")
    return dataclasses.replace(ctx, timeout_s=float(seconds)) if seconds.isdigit() else ctx


def _property(error: RefusedError) -> str:
    """Return the one property that the server names, or nothing where it names several."""
    causes = (error.answer.get("details") or {}).get("causes") or []
    fields = {str(cause.get("field", "")) for cause in causes if isinstance(cause, Mapping)}
    return fields.pop() if len(fields) == 1 else ""
