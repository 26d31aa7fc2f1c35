"""One recording mock of the engine: declares a program's resources and keeps what was registered, for assertions."""

import functools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

import pulumi
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.proto import resource_pb2

from components.layer.local import LocalLayer, LocalLayerArgs
from settings import Settings

STACK = "dev"
DIRECTORY = "/srv/fashion wallet/dev"
MARK = "s3cret"
"""Every secret that the mock makes contains it."""

_SECRET_VALUE = {rpc._special_sig_key: rpc._special_secret_sig}
_PLUGIN_OUTPUTS: dict[str, dict[str, Any]] = {
    "RandomPassword": {"result": f"{MARK}/ pass:{{name}}@?"},
    "CertificateAuthority": {
        "certPem": "authority",
        "keyPem": f"{MARK} authority key",
        "bundlePem": "BUNDLE",
        "notAfter": "2036-01-01T00:00:00Z",
    },
    "Certificate": {"certPem": "{name} cert", "keyPem": f"{MARK} {{name}} key", "notAfter": "2026-01-01T00:00:00Z"},
    "Supervisor": {"caFile": f"{DIRECTORY}/ca.crt", "socket": f"{DIRECTORY}/run/supervisor.sock", "status": "running"},
    "Etcd": {"endpoint": "https://127.0.0.1:15400", "status": "running"},
    "PatroniCluster": {"version": "15.9", "availableExtensions": ["hstore"], "status": "running"},
    "OptionalExtension": {"available": False, "status": "running"},
    "MongodMember": {"version": "6.0.5", "settingsDigest": "digest of {name}", "status": "running"},
    "MongoReplicaSet": {"version": "6.0.5", "replicaSetId": "5f0c9f0e5d57", "status": "running"},
    "Instance": {"address": "{name}.rds.example", "resourceId": "db-{name}"},
    "SubnetGroup": {"name": "{name}-0a1b2c3"},
    "ParameterGroup": {"name": "{name}-0a1b2c3"},
    "Proxy": {"endpoint": "{name}.proxy.example"},
    "CloudFormationStack": {"outputs": {"RotationLambdaARN": "arn:aws:lambda:eu-central-1:123456789012:function:f"}},
    "Service": {"status": {"loadBalancer": {"ingress": [{"hostname": "nlb.elb.eu-central-1.amazonaws.com"}]}}},
    "CloudProviderAccessSetup": {
        "roleId": "5f0c9f0e5d57b1a2c3d4e5f7",
        "awsConfigs": [
            {"atlasAwsAccountArn": "arn:aws:iam::536727724300:root", "atlasAssumedRoleExternalId": "external-id"}
        ],
    },
    "PrivateLinkEndpoint": {"privateLinkId": "link-id", "endpointServiceName": "com.amazonaws.vpce.atlas"},
    "AdvancedCluster": {
        "mongoDbVersion": "8.0.16",
        "connectionStrings": {
            "standard": "mongodb://public.mongodb.net:27017/?replicaSet=atlas-set",
            "privateEndpoints": [
                {
                    "connectionString": "mongodb://pl-0.mongodb.net:1024,pl-0.mongodb.net:1025/?replicaSet=atlas-set",
                    "endpoints": [
                        {"endpointId": "mongodb-endpoint-id", "providerName": "AWS", "region": "EU_CENTRAL_1"}
                    ],
                }
            ],
        },
        "replicationSpecs": [{"regionConfigs": [], "zoneId": "zone-id"}],
    },
}


@dataclass(frozen=True, kw_only=True)
class Node:
    """One registered resource. Secrets in `inputs` are unwrapped; `plain` has `None` in their place."""

    type: str
    name: str
    urn: str
    parent: str
    inputs: dict[str, Any]
    plain: dict[str, Any]
    dependencies: frozenset[str]
    protect: bool
    deleted_with: str
    provider: str
    custom: bool
    secret_outputs: frozenset[str]
    create_timeout: str

    @property
    def kind(self) -> str:
        return self.type.rsplit(":", 1)[-1]


@dataclass
class Graph:
    """Everything a program registered."""

    nodes: dict[tuple[str, str], Node] = field(default_factory=dict)
    component_outputs: list[Any] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    secret_outputs: set[str] = field(default_factory=set)

    def of(self, kind: str) -> dict[str, Node]:
        """Return the resources of a type, by name."""
        return {node.name: node for node in self.nodes.values() if node.kind == kind}

    def one(self, kind: str, name: str) -> Node:
        return self.of(kind)[name]

    def by_urn(self, urn: str) -> Node:
        return next(node for node in self.nodes.values() if node.urn == urn)

    def ancestors(self, node: Node) -> set[str]:
        """Return the names (`kind:name`) of everything a resource waits for, directly or not."""
        found: set[str] = set()
        queue = list(node.dependencies)
        while queue:
            other = self.by_urn(queue.pop())
            label = f"{other.kind}:{other.name}"
            if label not in found:
                found.add(label)
                queue += other.dependencies
        return found


class _Recorder(Mocks):
    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        template = _PLUGIN_OUTPUTS.get(args.typ.rsplit(":", 1)[-1], {})
        made = {
            key: value.format(name=args.name) if isinstance(value, str) else value for key, value in template.items()
        }
        if args.typ.startswith("aws:"):
            made["arn"] = f"arn:aws:{args.typ[4:].split('/')[0]}:eu-central-1:123456789012:{args.name}"
        return f"{args.name}-id", {**args.inputs, **made}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token == "aws:secretsmanager/getSecretVersion:getSecretVersion":
            # The one question: a password that was rotated is known to nobody else, and it is asked late.
            return {"secretString": json.dumps({"password": f"{MARK} of {args.args['secretId']}"})}, []
        raise AssertionError(f"the program called {args.token}: building the graph must ask nobody")


class _Monitor(MockMonitor):
    """The SDK's mock drops options; this one keeps them, and gives secrets back as the engine does."""

    def __init__(self, graph: Graph) -> None:
        super().__init__(_Recorder())
        self.graph = graph

    def RegisterResource(  # noqa: N802, the SDK's name
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        response = super().RegisterResource(request)
        if request.type == "pulumi:pulumi:Stack":
            return response
        key = (request.type, request.name)
        assert key not in self.graph.nodes, f"two resources are called {key}"
        raw = rpc.deserialize_properties(request.object)
        self.graph.nodes[key] = Node(
            type=request.type,
            name=request.name,
            urn=response.urn,
            parent=request.parent,
            inputs=cast("dict[str, Any]", _unwrapped(raw, keep=True)),
            plain=cast("dict[str, Any]", _unwrapped(raw, keep=False)),
            dependencies=frozenset(request.dependencies),
            protect=request.protect,
            deleted_with=request.deletedWith,
            provider=request.provider,
            custom=request.custom,
            secret_outputs=frozenset(request.additionalSecretOutputs),
            create_timeout=request.customTimeouts.create,
        )
        for name in request.additionalSecretOutputs:
            value = response.object[name] if name in response.object.fields else None
            if isinstance(value, str):  # a secret input that comes back is wrapped already
                response.object.get_or_create_struct(name).update({**_SECRET_VALUE, "value": value})
        return response

    def RegisterResourceOutputs(  # noqa: N802, the SDK's name
        self, request: resource_pb2.RegisterResourceOutputsRequest
    ) -> object:
        outputs = _unwrapped(rpc.deserialize_properties(request.outputs), keep=False)
        self.graph.component_outputs.append(outputs)
        return super().RegisterResourceOutputs(request)


def _unwrapped(value: object, *, keep: bool) -> object:
    if rpc.is_rpc_secret(value):
        return _unwrapped(rpc.unwrap_rpc_secret(value), keep=True) if keep else None
    if isinstance(value, dict):
        return {key: _unwrapped(inner, keep=keep) for key, inner in value.items()}
    if isinstance(value, list):
        return [_unwrapped(inner, keep=keep) for inner in value]
    return value


def record(declare: Callable[[], dict[str, Any]]) -> Graph:
    """Run a program that returns its outputs, wait for every resource, and return what was registered."""
    graph = Graph()
    pulumi.runtime.set_mocks(_Recorder(), project="fashion-wallet", stack=STACK, monitor=_Monitor(graph))

    @pulumi.runtime.test
    def program() -> list[pulumi.Output[bool]]:
        return [_note(graph, key, value) for key, value in declare().items()]

    program()
    return graph


def _note(graph: Graph, key: str, value: object) -> pulumi.Output[bool]:
    output = pulumi.Output.from_input(value)

    async def secret() -> bool:
        graph.outputs[key] = await output.future()
        if await output.is_secret():
            graph.secret_outputs.add(key)
        return True

    return pulumi.Output.from_input(secret())


@functools.cache
def layer(settings_json: str = "{}") -> Graph:
    """Return the graph of the whole layer for settings as JSON (so that a graph is built once for each)."""
    settings = Settings.model_validate_json(settings_json)

    def declare() -> dict[str, Any]:
        made = LocalLayer("fashion-wallet", LocalLayerArgs(stack=STACK, directory=DIRECTORY, settings=settings))
        return made.outputs

    return record(declare)


def leaves(value: object) -> Iterator[object]:
    """Yield every value inside a value."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner)
    else:
        yield value
