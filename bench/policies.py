"""The policy pack by itself: how soon it is there, and how many resources it judges in a second.

Asked as the engine asks it: a process, by gRPC, first every resource by itself (mend, then judge), then all together.
The resources are those of stack prod, over and over under other names.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf import empty_pb2, json_format, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from bench.cloud_engine import PACK, PATIENCE_S, cloud_engine
from bench.echo.process import serving
from bench.figures import Figure, Result
from bench.prod import PROGRAM
from bench.session import Session
from policies.registry import RULES
from policies.rule import StackRule

__all__ = ["SIZES", "measure", "requests", "wire"]

SIZES = (100, 1_000, 10_000)
_SAME = "preview of prod, nothing to change"
_RUNS = 3
_STARTS = 5
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_MESSAGE_BYTES = 400 * 1024 * 1024
_OPTIONS = [("grpc.max_send_message_length", _MESSAGE_BYTES), ("grpc.max_receive_message_length", _MESSAGE_BYTES)]
_ROOT = "urn:pulumi:prod::fashion-wallet::pulumi:pulumi:Stack::fashion-wallet-prod"


@dataclasses.dataclass(frozen=True)
class _Pack:
    """A pack that runs, and how long its start took."""

    stub: analyzer_pb2_grpc.AnalyzerStub
    started_s: float


def measure(session: Session) -> Result:
    """Start the pack, then let it judge; at the end, its share of a preview of prod."""
    session.close_stacks()
    runs = min(_RUNS, session.options.runs)
    shares: list[tuple[float, float]] = []
    with serving() as plugins:
        engine = cloud_engine(session.scratch() / "prod", PROGRAM, plugins)
        engine = engine.with_variables(PULUMI_SKIP_CHECKPOINTS="true")
        engine.up()
        resources = engine.resources()
        for _ in range(runs):
            without, judged = engine.preview(), engine.preview(policies=True)
            shares.append((1 - without.seconds / judged.seconds, 1 - without.processor_s / judged.processor_s))
            session.say(f"policies: preview {without.seconds:.1f} s, with policies {judged.seconds:.1f} s")
    starts = []
    for _ in range(min(_STARTS, session.options.runs)):
        with _pack() as pack:
            starts.append(pack.started_s)
    made = [
        Figure(case="the pack", what="start until it answers", unit="s", runs=tuple(starts), compare="target < 1 s"),
        Figure(case=_SAME, what="share of the policies", unit="", runs=tuple(seconds for seconds, _ in shares)),
        Figure(case=_SAME, what="their share of processor time", unit="", runs=tuple(used for _, used in shares)),
    ]
    for size in SIZES:
        made += _judged(session, resources, size, runs)
    stack_rules = sum(isinstance(rule, StackRule) for rule in RULES)
    notes = [
        f"{len(RULES)} rules, {stack_rules} of them about the whole stack; a rule times a resource is one judgement"
    ]
    return Result(name="policies", settings={"runs": runs, "rules": len(RULES)}, figures=made, notes=notes)


def _judged(session: Session, resources: Sequence[Mapping[str, Any]], size: int, runs: int) -> list[Figure]:
    """Figures of so many resources, each run with a pack of its own."""
    single, whole = requests(resources, size)
    alone: list[float] = []
    together: list[float] = []
    for _ in range(runs):
        with _pack() as pack:
            started = time.perf_counter()
            for request in single:
                pack.stub.Remediate(request, timeout=PATIENCE_S)
                pack.stub.Analyze(request, timeout=PATIENCE_S)
            middle = time.perf_counter()
            pack.stub.AnalyzeStack(whole, timeout=PATIENCE_S)
            alone.append(middle - started)
            together.append(time.perf_counter() - middle)
    session.say(f"policies: {size} resources: {min(alone):.2f} s one by one, {min(together):.2f} s together")
    case = f"{size:,} resources"
    pairs = list(zip(alone, together, strict=True))
    rates = tuple(len(RULES) * size / (one + all_) for one, all_ in pairs)
    return [
        Figure(case=case, what="judgements: rules times resources", unit="1/s", runs=rates),
        Figure(case=case, what="one by one", unit="s", runs=tuple(alone)),
        Figure(case=case, what="all together", unit="s", runs=tuple(together)),
    ]


@contextlib.contextmanager
def _pack() -> Iterator[_Pack]:
    """The pack as the engine starts it, configured for stack prod."""
    started = time.perf_counter()
    with subprocess.Popen(
        [str(PACK), "127.0.0.1:1"],
        env={**os.environ, "FASHION_WALLET_PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            port = process.stdout.readline().strip() if process.stdout else ""
            if not port.isdigit():
                raise RuntimeError(f"the policy pack said {port!r} where its port should be")
            with grpc.insecure_channel(f"127.0.0.1:{port}", options=_OPTIONS) as channel:
                stub = analyzer_pb2_grpc.AnalyzerStub(channel)
                stub.ConfigureStack(analyzer_pb2.AnalyzerStackConfigureRequest(stack="prod"), timeout=PATIENCE_S)
                stub.GetAnalyzerInfo(empty_pb2.Empty(), timeout=PATIENCE_S)
                yield _Pack(stub, time.perf_counter() - started)
        finally:
            process.kill()


def requests(
    resources: Sequence[Mapping[str, Any]], size: int
) -> tuple[list[analyzer_pb2.AnalyzeRequest], analyzer_pb2.AnalyzeStackRequest]:
    """What the engine would ask about so many resources: each by itself, and all together."""
    whole = analyzer_pb2.AnalyzeStackRequest()
    single = []
    for number, one in enumerate(itertools.islice(itertools.cycle(resources), size)):
        head, _, name = one["urn"].rpartition("::")
        common = {
            "type": one["type"],
            "urn": f"{head}::{name}-{number}",
            "name": f"{name}-{number}",
            "options": analyzer_pb2.AnalyzerResourceOptions(protect=bool(one.get("protect"))),
        }
        single.append(analyzer_pb2.AnalyzeRequest(properties=wire(one.get("inputs") or {}), **common))
        properties = wire(one.get("outputs") or one.get("inputs") or {})
        whole.resources.append(analyzer_pb2.AnalyzerResource(properties=properties, parent=_ROOT, **common))
    return single, whole


def wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Properties of an exported state as the engine sends them: a secret keeps its mark, with its value in clear."""
    return json_format.ParseDict(_marked(properties), struct_pb2.Struct())


def _marked(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        if _SIGNATURE in value:
            return {_SIGNATURE: value[_SIGNATURE], "value": json.loads(value["plaintext"])}
        return {key: _marked(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner) for inner in value]
    return value
