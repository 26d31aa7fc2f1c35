"""The ResourceProvider service over a real gRPC connection, with an engine that records what it is told."""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, provider_pb2, provider_pb2_grpc, status_pb2

from plugins.base import (
    UNKNOWN,
    CheckFailure,
    Context,
    Diff,
    Invoke,
    PartialFailure,
    Props,
    Provider,
    ProviderError,
    Resource,
)
from plugins.base.engine import MESSAGE_OPTIONS, EngineLog
from plugins.base.properties import Decoded, decode, encode
from plugins.base.servicer import Calls, Servicer

URN = "urn:pulumi:dev::proj::demo:index:Thing::thing"


class Thing(Resource):
    token = "demo:index:Thing"
    secrets = frozenset({"key"})
    timeout_s = 77.0

    def __init__(self) -> None:
        self.both_inside = threading.Barrier(2)

    def check(self, olds: Props, news: Props, ctx: Context) -> tuple[Props, list[CheckFailure]]:
        bad = [CheckFailure("size", "got -1")] if news.get("size") == -1 else []
        return {"colour": "red", **news}, bad

    def diff(self, id_: str, state: Props, old_inputs: Props, news: Props, ctx: Context) -> Diff:
        changed = super().diff(id_, state, old_inputs, news, ctx).changes
        return Diff(changes=changed, replaces=tuple(name for name in changed if name == "name"))

    def create(self, name: str, inputs: Props, ctx: Context) -> tuple[str, Props]:
        match inputs.get("mode"):
            case "partial":
                raise PartialFailure("half", {"key": "k", **inputs}, {"mode": "was"}, [f"half of {inputs['password']}"])
            case "plain":
                raise ProviderError(f"no room for {inputs['password']}")
            case "crash":
                raise KeyError(inputs["password"])
            case "meet":
                self.both_inside.wait(10)
        ctx.log("info", f"made with {inputs.get('password')}", ephemeral=True)
        return f"id-{name}", {**inputs, "key": "made", "timeoutS": ctx.timeout_s, "config": ctx.config}

    def read(self, id_: str, inputs: Props, state: Props, ctx: Context) -> tuple[str, Props, Props] | None:
        return None if id_ == "gone" else (id_, {"imported": not inputs}, {"key": "found", "password": "x"})

    def update(self, id_: str, state: Props, news: Props, ctx: Context) -> Props:
        return {**state, **news}

    def delete(self, id_: str, state: Props, ctx: Context) -> None:
        raise ProviderError(f"{id_} is in use")


def _look_up(args: Props, ctx: Context) -> Props:
    if args.get("name") == "none":
        raise ProviderError(f"there is no {args['name']} for {args.get('password')}")
    return {"found": args.get("name"), "key": "hidden", "by": ctx.name, "configured": dict(ctx.config)}


class Demo(Provider):
    json_config = frozenset({"port"})
    invokes: Mapping[str, Invoke] = {"demo:index:lookUp": _look_up}
    secret_answers = frozenset({"key"})

    def check_config(self, olds: Props, news: Props) -> tuple[Props, list[CheckFailure]]:
        return news, [CheckFailure("port", "got 0")] if news.get("port") == 0 else []


@dataclass
class Engine(engine_pb2_grpc.EngineServicer):
    logged: list[engine_pb2.LogRequest] = field(default_factory=list)

    def Log(self, request: engine_pb2.LogRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:  # noqa: N802
        self.logged.append(request)
        return empty_pb2.Empty()


@dataclass
class Plugin:
    stub: provider_pb2_grpc.ResourceProviderStub
    engine: Engine
    calls: Calls


@pytest.fixture
def plugin() -> Iterator[Plugin]:
    engine, calls = Engine(), Calls()
    engine_server = grpc.server(ThreadPoolExecutor(4))
    engine_pb2_grpc.add_EngineServicer_to_server(engine, engine_server)
    engine_port = engine_server.add_insecure_port("127.0.0.1:0")
    engine_server.start()
    provider = Demo(name="demo", version="1.2.3", resources=[Thing()])
    server = grpc.server(ThreadPoolExecutor(8), options=MESSAGE_OPTIONS)
    servicer = Servicer(provider, EngineLog(f"127.0.0.1:{engine_port}"), calls)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    # The engine, a Go client, takes large error details; Python's own default is 8 KiB.
    options = [*MESSAGE_OPTIONS, ("grpc.max_metadata_size", 2**24), ("grpc.absolute_max_metadata_size", 2**24)]
    with grpc.insecure_channel(f"127.0.0.1:{port}", options=options) as channel:
        yield Plugin(provider_pb2_grpc.ResourceProviderStub(channel), engine, calls)
    server.stop(None).wait()
    engine_server.stop(None).wait()


def _create(plugin: Plugin, props: Props, *, timeout: float = 0, preview: bool = False) -> provider_pb2.CreateResponse:
    request = provider_pb2.CreateRequest(
        urn=URN,
        name="thing",
        type=Thing.token,
        properties=encode(props, {"password"}),
        timeout=timeout,
        preview=preview,
    )
    answer: provider_pb2.CreateResponse = plugin.stub.Create(request)
    return answer


def test_check_completes_refuses_and_keeps_secrets(plugin: Plugin) -> None:
    news = encode({"size": -1, "password": "hidden", "late": UNKNOWN}, {"password"})
    answer = plugin.stub.Check(provider_pb2.CheckRequest(urn=URN, type=Thing.token, news=news))
    decoded = decode(answer.inputs)
    assert decoded.props == {"colour": "red", "size": -1, "password": "hidden", "late": UNKNOWN}
    assert decoded.secrets == {"password"}
    assert [(failure.property, failure.reason) for failure in answer.failures] == [("size", "got -1")]


def test_the_type_is_taken_from_the_urn_where_an_older_engine_sends_none(plugin: Plugin) -> None:
    urn = "urn:pulumi:dev::proj::my:component:Layer$demo:index:Thing::thing"
    assert decode(plugin.stub.Check(provider_pb2.CheckRequest(urn=urn)).inputs).props == {"colour": "red"}


def test_diff_names_changes_and_replacements(plugin: Plugin) -> None:
    def diff(old: Props, new: Props) -> provider_pb2.DiffResponse:
        request = provider_pb2.DiffRequest(
            urn=URN, type=Thing.token, id="a", old_inputs=encode(old), news=encode(new), olds=encode(old)
        )
        answer: provider_pb2.DiffResponse = plugin.stub.Diff(request)
        return answer

    same = diff({"name": "a", "__defaults": []}, {"name": "a", "gone": None})
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    late = diff({"size": 1}, {"size": UNKNOWN})
    assert late.changes == provider_pb2.DiffResponse.DIFF_SOME
    assert list(late.diffs) == ["size"]
    moved = diff({"name": "a", "size": 1}, {"name": "b"})
    assert (list(moved.diffs), list(moved.replaces)) == (["name", "size"], ["name"])


def test_create_returns_id_and_outputs_with_their_secrets(plugin: Plugin) -> None:
    answer = _create(plugin, {"password": "hidden-word"}, timeout=5)
    decoded = decode(answer.properties)
    assert answer.id == "id-thing"
    assert decoded.props == {"password": "hidden-word", "key": "made", "timeoutS": 5, "config": {}}
    assert decoded.secrets == {"password", "key"}
    assert decode(_create(plugin, {}).properties).props["timeoutS"] == 77
    assert [(line.message, line.ephemeral, line.urn) for line in plugin.engine.logged] == [
        ("made with [secret]", True, URN),
        ("made with None", True, URN),
    ]


def test_a_preview_makes_nothing(plugin: Plugin) -> None:
    answer = _create(plugin, {"mode": "crash", "late": UNKNOWN}, preview=True)
    assert answer.id == ""
    assert decode(answer.properties).props == {"mode": "crash", "late": UNKNOWN}
    request = provider_pb2.UpdateRequest(
        urn=URN, type=Thing.token, id="a", olds=encode({"key": "old"}), news=encode({"size": 2}), preview=True
    )
    assert decode(plugin.stub.Update(request).properties).props == {"size": 2}


def test_a_failure_half_way_keeps_the_id_and_tells_no_secret(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        _create(plugin, {"mode": "partial", "password": "hidden-word", "big": "x" * 200_000})
    details = {item.key: item.value for item in caught.value.trailing_metadata()}["grpc-status-details-bin"]
    status = status_pb2.Status.FromString(details)
    failed = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(failed)
    assert failed.id == "half"
    assert list(failed.reasons) == ["half of [secret]"]
    assert decode(failed.properties).secrets == {"password", "key"}
    assert decode(failed.inputs).props == {"mode": "was"}


@pytest.mark.parametrize(
    "mode, expected",
    [
        ("plain", "no room for [secret]"),
        (
            "crash",
            (
                "cannot create thing: unexpected KeyError: '[secret]'. This is a fault of plugin demo 1.2.3; "
                "`--debug --logtostderr` shows where"
            ),
        ),
    ],
)
def test_an_error_is_one_line_without_secret_or_traceback(plugin: Plugin, mode: str, expected: str) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        _create(plugin, {"mode": mode, "password": "hidden-word"})
    assert caught.value.details() == expected
    traces = [line.message for line in plugin.engine.logged if line.severity == engine_pb2.DEBUG]
    assert len(traces) == (1 if mode == "crash" else 0)
    assert all("Traceback" in text and "hidden-word" not in text for text in traces)


def test_read_finds_imports_and_misses(plugin: Plugin) -> None:
    def read(id_: str, inputs: Props) -> provider_pb2.ReadResponse:
        wire = encode(inputs, {"password"})
        request = provider_pb2.ReadRequest(urn=URN, type=Thing.token, id=id_, inputs=wire)
        answer: provider_pb2.ReadResponse = plugin.stub.Read(request)
        return answer

    found = read("a", {"password": "x"})
    assert found.id == "a"
    assert decode(found.inputs).props == {"imported": False}
    assert decode(found.properties).secrets == {"key", "password"}
    assert decode(read("a", {}).inputs).props == {"imported": True}
    assert read("gone", {}).id == ""


def test_two_creates_run_at_the_same_time(plugin: Plugin) -> None:
    with ThreadPoolExecutor(2) as pool:
        ids = [pool.submit(_create, plugin, {"mode": "meet"}) for _ in range(2)]
        assert [one.result(15).id for one in ids] == ["id-thing"] * 2


def test_provider_settings_are_checked_configured_and_never_replace(plugin: Plugin) -> None:
    urn = "urn:pulumi:dev::proj::pulumi:providers:demo::p"
    good = {"host": "5432", "port": "5432", "version": "1.2.3"}
    checked = plugin.stub.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=encode(good)))
    assert decode(checked.inputs).props == good
    bad = plugin.stub.CheckConfig(provider_pb2.CheckRequest(urn=urn, news=encode({"port": "0"})))
    assert bad.failures[0].reason == "got 0"
    moved = plugin.stub.DiffConfig(
        provider_pb2.DiffRequest(urn=urn, old_inputs=encode(good), news=encode({**good, "host": UNKNOWN})),
    )
    assert (list(moved.diffs), list(moved.replaces)) == (["host"], [])
    plugin.stub.Configure(provider_pb2.ConfigureRequest(args=encode(good)))
    assert decode(_create(plugin, {}).properties).props["config"] == {"host": "5432", "port": 5432}


def test_the_rest_of_the_conversation(plugin: Plugin) -> None:
    assert plugin.stub.GetPluginInfo(empty_pb2.Empty()).version == "1.2.3"
    assert plugin.stub.Handshake(provider_pb2.ProviderHandshakeRequest()).accept_secrets
    assert '"demo:index:Thing"' in plugin.stub.GetSchema(provider_pb2.GetSchemaRequest()).schema
    with pytest.raises(grpc.RpcError, match="no resource type demo:index:Other"):
        plugin.stub.Check(provider_pb2.CheckRequest(urn=URN, type="demo:index:Other"))
    with pytest.raises(grpc.RpcError, match="does not have the function demo:index:f"):
        plugin.stub.Invoke(provider_pb2.InvokeRequest(tok="demo:index:f"))
    with pytest.raises(grpc.RpcError, match="a is in use"):
        plugin.stub.Delete(provider_pb2.DeleteRequest(urn=URN, type=Thing.token, id="a"))


def _invoke(plugin: Plugin, token: str, args: Props) -> Decoded:
    answer = plugin.stub.Invoke(provider_pb2.InvokeRequest(tok=token, args=encode(args, {"password"})))
    return decode(getattr(answer, "return"))


def test_a_function_answers_with_its_secrets_wrapped(plugin: Plugin) -> None:
    plugin.stub.Configure(provider_pb2.ConfigureRequest(args=encode({"port": "5432"})))
    found = _invoke(plugin, "demo:index:lookUp", {"name": "shelf"})
    assert found.props == {"found": "shelf", "key": "hidden", "by": "demo:index:lookUp", "configured": {"port": 5432}}
    assert found.secrets == {"key"}


def test_a_function_is_not_asked_about_what_a_preview_cannot_know(plugin: Plugin) -> None:
    assert _invoke(plugin, "demo:index:lookUp", {"name": UNKNOWN}).props == {}


def test_a_function_s_error_reaches_the_user_without_secrets(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        _invoke(plugin, "demo:index:lookUp", {"name": "none", "password": "swordfish"})
    assert refused.value.details() == "there is no none for [secret]"


def test_an_unknown_function_is_refused_with_those_that_there_are(plugin: Plugin) -> None:
    with pytest.raises(grpc.RpcError) as refused:
        _invoke(plugin, "demo:index:other", {})
    assert refused.value.details() == (
        "plugin demo 1.2.3 does not have the function demo:index:other (it has: demo:index:lookUp)"
    )


def test_after_cancel_nothing_new_begins(plugin: Plugin) -> None:
    plugin.stub.Cancel(empty_pb2.Empty())
    assert plugin.calls.cancelled.is_set()
    with pytest.raises(grpc.RpcError, match="did not create: the operation was cancelled"):
        _create(plugin, {})
