"""Helper: a compliant stack, changed in one place, sent to the pack over its own protocol."""

import copy
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from google.protobuf import json_format, struct_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.environment import STRICTEST, Environment, environment_of
from policies.exemptions import Exemption
from policies.registry import RULES
from policies.resources import Resource
from policies.ruleset import RuleSet
from policies.servicer import Servicer, resource_of
from policies.values import UNKNOWN, UNSET
from policies.wire import guard_id
from tests.policies.cloud_world import ABSENT, CLOUD, OPTIONS, PROVIDERS

TODAY = dt.date(2026, 3, 1)
"""The day on which the tests' packs judge."""
_CLUSTER = {
    "scope": "postgres",
    "synchronousStandbys": 1,
    "minimumTlsVersion": "TLSv1.3",
    "parameters": {"work_mem": "8MB"},
}
_MEMBER = {"listenAddress": "127.0.0.1", "dataChecksums": True}
_ONE_NODE = {"scope": "timescale", "synchronousStandbys": 0}
_GRANT = {"database": "fashion_wallet", "schema": "avatar"}
_MONGOD = {
    "setName": "mongodb", "arbiter": False, "listenAddress": "127.0.0.1", "minimumTlsVersion": "TLSv1.3",
    "oplogRetentionH": 24, "parameters": {"ttlMonitorSleepSecs": "60"},
}  # fmt: skip
CLUSTERS: dict[str, dict[str, Any]] = {
    "postgres": {"members": ["postgres-1", "postgres-2", "postgres-3"], "synchronousStandbys": 1},
    "timescale": {"members": ["timescale-1"], "synchronousStandbys": 0},
}
"""What DataGuard says of the clusters."""

COMPLIANT: dict[str, dict[str, Any]] = {
    "pulumi:pulumi:Stack/fashion-wallet-dev": {},
    "walletdb:index:DataGuard/guard": {
        "stateful": {
            "Etcd:etcd-1": "a",
            **{f"PatroniMember:{name}": "b" for name in ("postgres-1", "postgres-2", "postgres-3", "timescale-1")},
            "PatroniCluster:postgres": "c", "PatroniCluster:timescale": "d",
            "Database:fashion-wallet": "e",
            **{f"MongodMember:mongodb-{n}": "f" for n in (1, 2, 3)}, "MongoReplicaSet:mongodb": "g",
            "MongoCollection:designs": "h", "MongoDataKey:personal": "i",
            **{guard_id(*key.rsplit("/", 1)): "j" for key in OPTIONS},
        },
        "clusters": CLUSTERS,
        "allow": [],
        "lost": [],
    },
    "pulumi:providers:postgresql/postgres": {"sslmode": "verify-full", "superuser": "true"},
    "walletdb:index:Etcd/etcd-1": {"listenAddress": "127.0.0.1"},
    **{f"walletdb:index:PatroniMember/postgres-{n}": {**_CLUSTER, **_MEMBER} for n in (1, 2, 3)},
    "walletdb:index:PatroniMember/timescale-1": {**_CLUSTER, **_MEMBER, **_ONE_NODE},
    "walletdb:index:PatroniCluster/postgres": {
        **_CLUSTER, "members": [{"name": f"postgres-{n}", "host": "127.0.0.1", "port": n} for n in (1, 2, 3)],
    },
    "walletdb:index:PatroniCluster/timescale": {**_CLUSTER, **_ONE_NODE, "members": [{"name": "timescale-1"}]},
    "walletdb:index:HAProxy/haproxy": {"listenAddress": "::1"},
    "walletdb:index:PgBouncer/pgbouncer": {"listenAddress": "127.0.0.1", "minimumTlsVersion": "TLSv1.3"},
    **{f"walletdb:index:MongodMember/mongodb-{n}": _MONGOD for n in (1, 2, 3)},
    "walletdb:index:MongoReplicaSet/mongodb": {
        "members": [{"name": f"mongodb-{n}", "arbiter": False, "priority": 1} for n in (1, 2, 3)],
        "oplogRetentionH": 24,
    },
    "walletdb:index:MongoCollection/designs": {
        "validationLevel": "moderate", "validationAction": "error", "allowDrop": False,
        "schema": {"bsonType": "object", "required": ["userId"], "properties": {"userId": {"bsonType": "string"}}},
    },
    "walletdb:index:MongoDataKey/personal": {"name": "personal", "kmsProvider": "local", "allowDrop": False},
    "walletdb:index:MongoRole/design-service": {
        "privileges": [
            {"database": "fashion-wallet-main", "collection": "", "actions": ["listCollections"]},
            {"database": "fashion-wallet-main", "collection": "designs", "actions": ["find", "insert"]},
        ],
        "roles": [{"role": "app_readwrite", "database": "admin"}],
    },
    "walletdb:index:MongoUser/design-service": {
        "name": "design_service", "roles": [{"role": "design_service", "database": "admin"}],
    },
    "walletdb:index:RandomPassword/password": {"length": 40},
    "postgresql:index/database:Database/fashion-wallet": {"name": "fashion_wallet", "owner": "postgres"},
    "postgresql:index/schema:Schema/avatar": {"name": "avatar", "owner": "postgres"},
    "postgresql:index/role:Role/avatar-service": {"name": "avatar_service", "login": True, "superuser": False},
    "postgresql:index/grantRole:GrantRole/avatar-service": {"role": "avatar_service", "grantRole": "app_user"},
    "postgresql:index/grant:Grant/avatar-usage": {
        **_GRANT, "role": "avatar_service", "objectType": "schema", "privileges": ["USAGE"],
    },
    "postgresql:index/grant:Grant/migrations": {
        **_GRANT, "role": "migration_runner", "objectType": "schema", "privileges": ["USAGE", "CREATE"],
    },
    "postgresql:index/grant:Grant/public": {**_GRANT, "role": "public", "objectType": "schema", "privileges": []},
    "postgresql:index/defaultPrivileges:DefaultPrivileges/avatar-tables": {
        **_GRANT, "role": "avatar_service", "objectType": "table", "privileges": ["SELECT", "INSERT"],
    },
    **CLOUD,
}  # fmt: skip


class Analyzer(Protocol):
    """What serves the engine: the pack in this process, or one that was started."""

    def Configure(self, request: Message, context: object = None) -> Message: ...  # noqa: N802 - gRPC's names

    def ConfigureStack(self, request: Message, context: object = None) -> Message: ...  # noqa: N802

    def Analyze(self, request: Message, context: object = None) -> Message: ...  # noqa: N802

    def AnalyzeStack(self, request: Message, context: object = None) -> Message: ...  # noqa: N802

    def Remediate(self, request: Message, context: object = None) -> Message: ...  # noqa: N802


def whole_pack(exemptions: Sequence[Exemption] = (), environment: Environment | None = None) -> Analyzer:
    """Return every rule, behind the protocol, in this process."""

    def make(stack: str) -> RuleSet:
        held_to = environment or (environment_of(stack, RULES) if stack else STRICTEST)
        return RuleSet(RULES, environment=held_to, exemptions=exemptions, today=TODAY)

    return Servicer(make)


@dataclass
class Verdict:
    """What the pack said: the ids of rules that fired, that could not tell or had nothing to judge, and the texts."""

    violations: set[str] = field(default_factory=set)
    cannot_tell: set[str] = field(default_factory=set)
    not_applicable: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)
    nowhere: set[str] = field(default_factory=set)
    """The ids of rules that named no resource."""

    def add(self, response: analyzer_pb2.AnalyzeResponse) -> None:
        for diagnostic in response.diagnostics:
            unknown = "cannot tell until" in diagnostic.message
            (self.cannot_tell if unknown else self.violations).add(diagnostic.policyName)
            self.messages.append(diagnostic.message)
            self.levels[diagnostic.policyName] = diagnostic.enforcementLevel
            if not diagnostic.urn:
                self.nowhere.add(diagnostic.policyName)
        self.not_applicable |= {one.policy_name for one in response.not_applicable}
        self.reasons |= {one.reason for one in response.not_applicable}


class World:
    """A stack of resources, keyed `<type>/<name>` or, shorter, by the id that DataGuard uses: `<Type>:<name>`."""

    def __init__(self, stack: str = "dev") -> None:
        self.stack = stack
        self.resources: dict[str, Any] = dict(COMPLIANT)
        self.options: dict[str, Any] = copy.deepcopy(OPTIONS)
        self.providers: dict[str, dict[str, Any]] = dict(PROVIDERS)
        self.depends: dict[str, dict[str, list[str]]] = {}
        self.changed: set[str] = set()

    def key(self, short: str) -> str:
        return next(key for key in self.resources if short in {key, guard_id(*key.rsplit("/", 1))})

    def put(self, short: str, path: str, value: object) -> "World":
        """Set a property, at a path with dots, to a value, `UNSET`, `UNKNOWN` or a secret.

        An empty path means the resource: `UNSET` removes it, a dict sets several properties. `@protect` and
        `@ignoreChanges` are options, `@region` and `@username` the provider's, `@depends.<property>` the ids of what a
        value is made of.
        """
        if short in ABSENT:
            self.resources.setdefault(ABSENT[short], {})
            self.changed.add(ABSENT[short])
        key = self.key(short)
        if key not in self.changed:
            self.changed.add(key)
            self.resources[key] = copy.deepcopy(self.resources[key])
        if path.startswith("@"):
            return self._put_option(key, path[1:], value)
        if not path:
            if value is UNSET:
                del self.resources[key]
            elif isinstance(value, dict):
                for name, one in value.items():
                    self.put(short, name, one)
            return self
        *steps, last = path.split(".")
        target = self.resources[key]
        for step in steps:
            target = target.setdefault(step, {})
        if value is UNSET:
            target.pop(last, None)
        else:
            target[last] = value
        return self

    def _put_option(self, key: str, option: str, value: object) -> "World":
        if option in {"region", "username"}:
            self.providers[key] = {option: value}
        elif option.startswith("depends."):
            assert isinstance(value, list)
            self.depends.setdefault(key, {})[option.removeprefix("depends.")] = [
                self.urn(self.key(one)) for one in value
            ]
        elif value is UNSET:
            self.options.get(key, {}).pop(option, None)
        else:
            self.options.setdefault(key, {})[option] = value
        return self

    def urn(self, key: str) -> str:
        resource_type, name = key.rsplit("/", 1)
        return f"urn:pulumi:{self.stack}::fashion-wallet::{resource_type}::{name}"

    def add(self, resource_type: str, name: str, **properties: object) -> "World":
        self.resources[f"{resource_type}/{name}"] = properties
        return self

    def judge(self, analyzer: Analyzer, only: str | None = None) -> Verdict:
        """Send every resource (or one) and then the stack, as the engine does, and collect what the pack says."""
        verdict = Verdict()
        chosen = None if only is None else self.key(only)
        for key in self.resources if chosen is None else [chosen]:
            resource = self._resource(key)
            request = {name: getattr(resource, name) for name in ("urn", "type", "name", "properties", "options")}
            if resource.HasField("provider"):
                request["provider"] = resource.provider
            verdict.add(analyzer.Analyze(analyzer_pb2.AnalyzeRequest(**request), None))
        if isinstance(analyzer, Servicer):  # what is unchanged need not be read again: there are many cases
            verdict.add(analyzer.judge_stack([self._decoded(key) for key in self.resources]))
        else:
            resources = [self._resource(key) for key in self.resources]
            verdict.add(analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=resources), None))
        return verdict

    def _decoded(self, key: str) -> Resource:
        if not self._unchanged(key):
            return resource_of(self._resource(key))
        if key not in _DECODED:
            _DECODED[key] = resource_of(self._resource(key))
        return _DECODED[key]

    def _unchanged(self, key: str) -> bool:
        same = self.resources[key] is COMPLIANT.get(key)
        return same and key not in self.changed and self.stack == "dev"

    def _resource(self, key: str) -> analyzer_pb2.AnalyzerResource:
        """Return a resource as the engine sends it; one that is as it was is made once, as there are many cases."""
        unchanged = self._unchanged(key)
        if unchanged and key in _WIRE:
            return _WIRE[key]
        resource_type, name = key.rsplit("/", 1)
        resource = analyzer_pb2.AnalyzerResource(
            urn=self.urn(key),
            type=resource_type,
            name=name,
            properties=_struct(self.resources[key]),
            options=analyzer_pb2.AnalyzerResourceOptions(**self.options.get(key, {})),
            provider=_provider(self.providers[key]) if key in self.providers else None,
            propertyDependencies={
                one: analyzer_pb2.AnalyzerPropertyDependencies(urns=urns)
                for one, urns in self.depends.get(key, {}).items()
            },
        )
        if unchanged:
            _WIRE[key] = resource
        return resource


_WIRE: dict[str, analyzer_pb2.AnalyzerResource] = {}
_DECODED: dict[str, Resource] = {}


def _struct(properties: object) -> struct_pb2.Struct:
    return json_format.ParseDict(_wire(properties), struct_pb2.Struct())


def _provider(properties: object) -> analyzer_pb2.AnalyzerProviderResource:
    return analyzer_pb2.AnalyzerProviderResource(
        type="pulumi:providers:aws",
        name="aws",
        urn="urn:pulumi:dev::p::pulumi:providers:aws::aws",
        properties=_struct(properties),
    )


def _wire(value: object) -> object:
    """Turn a value into what the engine puts on the wire; what is unset inside it is left out."""
    if value is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if isinstance(value, dict):
        return {key: _wire(one) for key, one in value.items() if one is not UNSET}
    if isinstance(value, list | tuple):
        return [_wire(one) for one in value]
    return value
