"""The ResourceProvider service: requests in, calls of `Resource` and `Provider`, answers and errors out.

It owns secrets (unwrapped on the way in, wrapped again on the way out, redacted in texts), the count of running calls,
cancellation, and that no traceback reaches a user. It knows of no particular resource.
"""

import json
import threading
import traceback
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeVar

import grpc
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from plugins.base.engine import EngineLog
from plugins.base.errors import PartialFailure, PluginError, ProviderError
from plugins.base.properties import Decoded, Props, contains_unknown, decode, encode, strings
from plugins.base.resource import CheckFailure, Context, Diff, Provider, Resource, Severity, changed_names

__all__ = ["Calls", "Servicer"]

_Answer = TypeVar("_Answer")
_SHORTEST_REDACTED: Final = 6  # a shorter secret would blot out ordinary words and protect nothing


class Calls:
    """Counts the calls that run, so that the process can end between calls and not in the middle of one."""

    def __init__(self) -> None:
        """Start with no call running and nothing cancelled."""
        self._idle = threading.Condition()
        self._running = 0
        self.cancelled = threading.Event()

    def __enter__(self) -> None:
        """A call begins."""
        with self._idle:
            self._running += 1

    def __exit__(self, *_: object) -> None:
        """A call ended."""
        with self._idle:
            self._running -= 1
            self._idle.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until no call runs, at most `timeout_s` seconds; say whether that was reached."""
        with self._idle:
            return self._idle.wait_for(lambda: self._running == 0, timeout_s)


class Servicer(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one `Provider`."""

    def __init__(self, provider: Provider, log: EngineLog, calls: Calls) -> None:
        """Serve `provider`; messages go to `log`, running calls are counted in `calls`."""
        self._provider = provider
        self._log = log
        self._calls = calls
        self._config: Props = {}

    # The life of the plugin

    def Handshake(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        if request.engine_address:
            self._log.attach(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=True, accept_outputs=True)

    def Attach(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        self._log.attach(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        return plugin_pb2.PluginInfo(version=self._provider.version)

    def GetSchema(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        return provider_pb2.GetSchemaResponse(schema=json.dumps(self._provider.schema()))

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        self._calls.cancelled.set()
        return empty_pb2.Empty()

    # Provider settings

    def CheckConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        return self._check(request, context, self._check_config)

    def DiffConfig(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        # Old inputs, not old outputs: those of a provider are the same, but an older engine sends only these.
        olds, news = decode(request.old_inputs if request.old_inputs.fields else request.olds), decode(request.news)

        def call(_ctx: Context) -> Any:
            before, after = self._provider.decode_config(olds.props), self._provider.decode_config(news.props)
            # A moved or renamed server is still the same server to its resources: never a reason to replace them.
            return _diff_response(Diff(changes=changed_names(before, after)))

        return self._run(request, context, "diff the settings of", call, olds, news)

    def Configure(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        args = decode(request.args)

        def call(_ctx: Context) -> Any:
            self._config = self._provider.configure(self._provider.decode_config(args.props))
            return provider_pb2.ConfigureResponse(acceptSecrets=True, supportsPreview=True, acceptOutputs=True)

        return self._run(request, context, "configure", call, args)

    # Resources

    def Check(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        return self._check(request, context, self._resource(request, context).check)

    def Diff(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        resource = self._resource(request, context)
        state, olds, news = decode(request.olds), decode(request.old_inputs), decode(request.news)

        def call(ctx: Context) -> Any:
            return _diff_response(resource.diff(request.id, state.props, olds.props, news.props, ctx))

        return self._run(request, context, "diff", call, state, olds, news)

    def Create(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        resource = self._resource(request, context)
        inputs = decode(request.properties)
        secrets = resource.secrets | inputs.secrets

        def call(ctx: Context) -> Any:
            if request.preview:
                return provider_pb2.CreateResponse(properties=encode(resource.preview(None, inputs.props), secrets))
            id_, outputs = resource.create(ctx.name, inputs.props, ctx)
            return provider_pb2.CreateResponse(id=id_, properties=encode(outputs, secrets))

        return self._run(request, context, "create", call, inputs)

    def Read(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        resource = self._resource(request, context)
        inputs, state = decode(request.inputs), decode(request.properties)
        secrets = resource.secrets | inputs.secrets | state.secrets

        def call(ctx: Context) -> Any:
            found = resource.read(request.id, inputs.props, state.props, ctx)
            if found is None:
                return provider_pb2.ReadResponse()
            id_, found_inputs, outputs = found
            return provider_pb2.ReadResponse(
                id=id_,
                inputs=encode(found_inputs, secrets),
                properties=encode(outputs, secrets),
            )

        return self._run(request, context, "read", call, inputs, state)

    def Update(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        resource = self._resource(request, context)
        state, news = decode(request.olds), decode(request.news)
        secrets = resource.secrets | news.secrets

        def call(ctx: Context) -> Any:
            if request.preview:
                outputs = resource.preview(state.props, news.props)
            else:
                outputs = resource.update(request.id, state.props, news.props, ctx)
            return provider_pb2.UpdateResponse(properties=encode(outputs, secrets))

        return self._run(request, context, "update", call, state, news)

    def Delete(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        resource = self._resource(request, context)
        state = decode(request.properties)

        def call(ctx: Context) -> Any:
            resource.delete(request.id, state.props, ctx)
            return empty_pb2.Empty()

        return self._run(request, context, "delete", call, state)

    # Functions

    def Invoke(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        function = self._provider.invokes.get(request.tok)
        if function is None:
            context.abort(grpc.StatusCode.UNIMPLEMENTED, self._provider.unsupported_invoke(request.tok))
        args = decode(request.args)

        def call(ctx: Context) -> Any:
            # What a preview cannot know yet comes back as such: the engine takes an empty answer for "later".
            answer = {} if contains_unknown(args.props) else function(args.props, ctx)
            response = provider_pb2.InvokeResponse()
            getattr(response, "return").CopyFrom(encode(answer, self._provider.secret_answers | args.secrets))
            return response

        return self._run(request, context, "invoke", call, args)

    # What no plugin of this project has. Without these, the generated base class prints a traceback for each.

    def Call(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        return self._unimplemented(context, f"the method {request.tok}")

    def Construct(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: N802, D102
        return self._unimplemented(context, f"the component {request.type}")

    def Parameterize(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        return self._unimplemented(context, "parameters")

    def List(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        return self._unimplemented(context, "listing of resources")

    def GetMapping(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        return provider_pb2.GetMappingResponse()

    def GetMappings(self, request: Any, context: grpc.ServicerContext) -> Any:  # noqa: ARG002, N802, D102
        return provider_pb2.GetMappingsResponse()

    # Inside

    def _unimplemented(self, context: grpc.ServicerContext, what: str) -> NoReturn:
        context.abort(grpc.StatusCode.UNIMPLEMENTED, f"plugin {self._provider.name} does not have {what}")

    def _resource(self, request: Any, context: grpc.ServicerContext) -> Resource:
        token = request.type or request.urn.split("::")[2].rsplit("$", 1)[-1]
        resource = self._provider.resources.get(token)
        if resource is None:
            context.abort(grpc.StatusCode.UNKNOWN, self._provider.unsupported(token))
        return resource

    def _check_config(self, olds: Props, news: Props, _ctx: Context) -> tuple[Props, list[CheckFailure]]:
        _, failures = self._provider.check_config(
            self._provider.decode_config(olds),
            self._provider.decode_config(news),
        )
        # The engine stores and sends the settings in the SDK's own coding, so they go back as they came.
        return news, failures

    def _check(
        self,
        request: Any,
        context: grpc.ServicerContext,
        check: Callable[[Props, Props, Context], tuple[Props, list[CheckFailure]]],
    ) -> Any:
        olds, news = decode(request.olds), decode(request.news)

        def call(ctx: Context) -> Any:
            inputs, failures = check(olds.props, news.props, ctx)
            wire = [provider_pb2.CheckFailure(property=failure.property, reason=failure.reason) for failure in failures]
            return provider_pb2.CheckResponse(inputs=encode(inputs, news.secrets), failures=wire)

        return self._run(request, context, "check", call, olds, news)

    def _run(
        self,
        request: Any,
        context: grpc.ServicerContext,
        verb: str,
        call: Callable[[Context], _Answer],
        *received: Decoded,
    ) -> _Answer:
        hidden = _secret_texts(received)
        urn = getattr(request, "urn", "")

        def sink(severity: Severity, text: str, ephemeral: bool) -> None:  # noqa: FBT001
            self._log.send(severity, _redacted(text, hidden), urn=urn, ephemeral=ephemeral)

        if self._calls.cancelled.is_set():
            context.abort(grpc.StatusCode.CANCELLED, f"did not {verb}: the operation was cancelled")
        with self._calls:
            try:
                return call(self._context(request, sink))
            except PartialFailure as failure:
                context.abort_with_status(_init_failed(failure, received, hidden, self._always_secret(request)))
            except PluginError as error:
                context.abort(grpc.StatusCode.UNKNOWN, _redacted(str(error), hidden))
            except Exception as error:  # noqa: BLE001  (the last line of defence: no traceback reaches a user)
                sink("debug", traceback.format_exc(), False)  # noqa: FBT003
                context.abort(grpc.StatusCode.UNKNOWN, _redacted(self._unexpected(verb, request, error), hidden))
        raise AssertionError  # abort always raises; this tells the type checker

    def _context(self, request: Any, sink: Callable[[Severity, str, bool], None]) -> Context:
        resource = self._provider.resources.get(getattr(request, "type", ""))
        default = resource.timeout_s if resource else Resource.timeout_s
        return Context(
            urn=getattr(request, "urn", ""),
            name=_subject(request),
            config=self._config,
            timeout_s=getattr(request, "timeout", 0.0) or default,
            cancelled=self._calls.cancelled,
            random_seed=getattr(request, "randomSeed", b""),
            sink=sink,
        )

    def _always_secret(self, request: Any) -> frozenset[str]:
        resource = self._provider.resources.get(getattr(request, "type", ""))
        return resource.secrets if resource else frozenset()

    def _unexpected(self, verb: str, request: Any, error: Exception) -> str:
        text = " ".join(str(error).split()) or "no further text"
        subject = _subject(request) or getattr(request, "type", "") or self._provider.name
        return (
            f"cannot {verb} {subject}: unexpected {type(error).__name__}: {text}. "
            f"This is a fault of plugin {self._provider.name} {self._provider.version}; "
            "`--debug --logtostderr` shows where"
        )


def _subject(request: Any) -> str:
    """Return the name of what a request is about: of its resource, else its function."""
    name: str = getattr(request, "name", "") or getattr(request, "urn", "").rsplit("::", 1)[-1]
    return name or getattr(request, "tok", "")


def _diff_response(diff: Diff) -> Any:
    changed = sorted({*diff.changes, *diff.replaces})
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=sorted(diff.replaces),
        deleteBeforeReplace=diff.delete_before_replace,
    )


def _secret_texts(received: tuple[Decoded, ...]) -> tuple[str, ...]:
    texts = {
        text
        for decoded in received
        for name in decoded.secrets
        for text in strings(decoded.props[name])
        if len(text) >= _SHORTEST_REDACTED
    }
    return tuple(sorted(texts, key=len, reverse=True))


def _redacted(text: str, hidden: tuple[str, ...]) -> str:
    for secret in hidden:
        text = text.replace(secret, "[secret]")
    return text


class _Status(grpc.Status):
    """A gRPC status with the engine's details in its trailing metadata."""

    def __init__(self, message: str, details: bytes) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = message
        self.trailing_metadata = (("grpc-status-details-bin", details),)


def _init_failed(
    failure: PartialFailure,
    received: tuple[Decoded, ...],
    hidden: tuple[str, ...],
    always_secret: frozenset[str],
) -> grpc.Status:
    secrets = always_secret.union(*(decoded.secrets for decoded in received))
    reasons = [_redacted(reason, hidden) for reason in failure.reasons]
    try:
        outputs, inputs = encode(failure.outputs, secrets), encode(failure.inputs, secrets)
    except ProviderError as error:
        # The id alone is enough for the next update to find the thing again; losing it would orphan it.
        outputs, inputs = struct_pb2.Struct(), struct_pb2.Struct()
        reasons.append(str(error))
    detail = provider_pb2.ErrorResourceInitFailed(id=failure.id, properties=outputs, inputs=inputs, reasons=reasons)
    message = "; ".join(reasons)
    status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=message)
    status.details.add().Pack(detail)
    return _Status(message, status.SerializeToString())
