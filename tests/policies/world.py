"""Helper: a compliant stack, changed in one place, sent to the pack over its own protocol."""

import copy
from dataclasses import dataclass, field
from typing import Any, Protocol

from google.protobuf import json_format, struct_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import analyzer_pb2
from pulumi_policy import EnforcementLevel
from pulumi_policy.policy import _PolicyAnalyzerServicer
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.crossguard import policy_of
from policies.registry import RULES
from policies.values import UNKNOWN, UNSET
from policies.wire import guard_id

_SIGNATURE, _SECRET = "4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"
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
}  # fmt: skip


class Analyzer(Protocol):
    """What serves the engine: the pack in this process, or one that was started."""

    def Configure(self, request: Message, context: object = None) -> Message: ...  # noqa: N802 - gRPC's names

    def Analyze(self, request: Message, context: object = None) -> Message: ...  # noqa: N802

    def AnalyzeStack(self, request: Message, context: object = None) -> Message: ...  # noqa: N802


def whole_pack() -> Analyzer:
    """Return every rule, behind the protocol, in this process."""
    policies = [policy_of(rule) for rule in RULES]
    return _PolicyAnalyzerServicer("fashion-wallet", "0.1.0", policies, EnforcementLevel.MANDATORY)


@dataclass
class Verdict:
    """What the pack said: the ids of rules that fired, that could not tell or had nothing to judge, and the texts."""

    violations: set[str] = field(default_factory=set)
    cannot_tell: set[str] = field(default_factory=set)
    not_applicable: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    messages: list[str] = field(default_factory=list)
    levels: dict[str, int] = field(default_factory=dict)

    def add(self, response: analyzer_pb2.AnalyzeResponse) -> None:
        for diagnostic in response.diagnostics:
            unknown = "cannot tell until" in diagnostic.message
            (self.cannot_tell if unknown else self.violations).add(diagnostic.policyName)
            self.messages.append(diagnostic.message)
            self.levels[diagnostic.policyName] = diagnostic.enforcementLevel
        self.not_applicable |= {one.policy_name for one in response.not_applicable}
        self.reasons |= {one.reason for one in response.not_applicable}


class World:
    """A stack of resources, keyed `<type>/<name>` or, shorter, by the id that DataGuard uses: `<Type>:<name>`."""

    def __init__(self, stack: str = "dev") -> None:
        self.stack = stack
        self.resources: dict[str, Any] = copy.deepcopy(COMPLIANT)

    def key(self, short: str) -> str:
        return next(key for key in self.resources if short in {key, guard_id(*key.rsplit("/", 1))})

    def put(self, short: str, path: str, value: object) -> "World":
        """Set a property, at a path with dots, to a value, `UNSET`, `UNKNOWN` or a secret.

        An empty path means the resource: `UNSET` removes it, a dict sets several properties.
        """
        if not path:
            if value is UNSET:
                del self.resources[self.key(short)]
            elif isinstance(value, dict):
                for name, one in value.items():
                    self.put(short, name, one)
            return self
        *steps, last = path.split(".")
        target = self.resources[self.key(short)]
        for step in steps:
            target = target.setdefault(step, {})
        if value is UNSET:
            target.pop(last, None)
        else:
            target[last] = value
        return self

    def add(self, resource_type: str, name: str, **properties: object) -> "World":
        self.resources[f"{resource_type}/{name}"] = properties
        return self

    def judge(self, analyzer: Analyzer, only: str | None = None) -> Verdict:
        """Send every resource (or one) and then the stack, as the engine does, and collect what the pack says."""
        verdict = Verdict()
        stack = analyzer_pb2.AnalyzeStackRequest()
        for key, properties in self.resources.items():
            resource_type, name = key.rsplit("/", 1)
            wire = json_format.ParseDict(_wire(properties), struct_pb2.Struct())
            urn = f"urn:pulumi:{self.stack}::fashion-wallet::{resource_type}::{name}"
            common = {"urn": urn, "type": resource_type, "name": name, "properties": wire}
            if only is None or key == self.key(only):
                verdict.add(analyzer.Analyze(analyzer_pb2.AnalyzeRequest(**common), None))
            stack.resources.append(analyzer_pb2.AnalyzerResource(**common))
        verdict.add(analyzer.AnalyzeStack(stack, None))
        return verdict


def secret(value: object) -> dict[str, Any]:
    """Mark a value as the engine marks a secret."""
    return {_SIGNATURE: _SECRET, "value": value}


def _wire(value: object) -> object:
    """Turn a value into what the engine puts on the wire; what is unset inside it is left out."""
    if value is UNKNOWN:
        return UNKNOWN_STRING_VALUE
    if isinstance(value, dict):
        return {key: _wire(one) for key, one in value.items() if one is not UNSET}
    if isinstance(value, list | tuple):
        return [_wire(one) for one in value]
    return value
