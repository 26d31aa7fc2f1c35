"""Everything that holds data is known to DataGuard, which remembers it from one deployment to the next."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pulumi_policy import Severity

from policies.cloud import BUCKET, BUCKET_LOGGING, RDS_INSTANCE, STATEFUL, is_near_replica
from policies.rule import Example, Finding, Limit, Limits, NotApplicableError, Resource, Stack, StackRule
from policies.values import UNKNOWN, at
from policies.wire import (
    DATA_GUARD,
    ETCD,
    MONGO_COLLECTION,
    MONGO_DATA_KEY,
    MONGO_REPLICA_SET,
    MONGOD_MEMBER,
    PATRONI_CLUSTER,
    PATRONI_MEMBER,
    POSTGRESQL_DATABASE,
    guard_id,
)

__all__ = ["RULE"]


def check(stack: Stack, limits: Limits) -> Iterator[Finding]:
    """Compare the stateful resources of the program with the keys of every DataGuard's `stateful`."""
    stateful = [one for one in stack.of(*limits["statefulTypes"]) if not _is_expendable(stack, one)]
    if not stateful:
        raise NotApplicableError("the stack has no resource that holds data")
    covered: set[str] = set()
    unknown: Any = None
    for guard in stack.of(DATA_GUARD):
        known = at(guard.properties, "stateful")
        if isinstance(known, dict):
            covered |= known.keys()
            # A resource that goes with this update is still seen by one that refreshes; whether it may go is the
            # question of dataguard-forbid-data-loss.
            lost = at(guard.properties, "lost")
            covered |= {one for one in lost if isinstance(one, str)} if isinstance(lost, list) else set()
        elif known is UNKNOWN:
            unknown = UNKNOWN
    ids = Counter(guard_id(resource.type, resource.name) for resource in stateful)
    for resource in stateful:
        one = guard_id(resource.type, resource.name)
        if one not in covered:
            yield Finding.judge(
                resource, "DataGuard.stateful", unknown, found=f"without {one}", allowed=f'a map that has "{one}"'
            )
        elif ids[one] > 1:
            yield Finding(
                resource=resource,
                where="its id in DataGuard.stateful",
                found=f"{one}, which {ids[one]} resources have",
                allowed="an id of its own, so another resource name",
            )


def _is_expendable(stack: Stack, resource: Resource) -> bool:
    """Whether it holds nothing of users: a replica on RDS beside others, or a bucket that access logs go to."""
    if resource.type == RDS_INSTANCE:
        return is_near_replica(resource) is True
    if resource.type != BUCKET:
        return False
    logs = stack.referring(BUCKET_LOGGING, ("targetBucket",), resource, "bucket", "id")
    return any(verdict is True for _, verdict in logs)


RULE = StackRule(
    id="dataguard-cover-stateful",
    title="DataGuard knows every resource that holds data.",
    severity=Severity.CRITICAL,
    reason="what DataGuard does not know can be replaced or deleted without the preview failing",
    fix="add the resource to `stateful` of the DataGuard, with its id and a fingerprint of what must not change",
    spec=("5.2", "7.1.1"),
    link="https://www.pulumi.com/docs/iac/concepts/resources/options/protect/",
    limits=(
        Limit(
            name="statefulTypes",
            schema={"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^[^:]+:[^:]*:[^:]+$"}},
            default=[
                ETCD,
                PATRONI_MEMBER,
                PATRONI_CLUSTER,
                POSTGRESQL_DATABASE,
                MONGOD_MEMBER,
                MONGO_REPLICA_SET,
                MONGO_COLLECTION,
                MONGO_DATA_KEY,
                *STATEFUL,
            ],
            meaning="The types that hold data. An id in `stateful` is the type's last part, a colon and the "
            "resource's name in the program: `PatroniMember:postgres-1`.",
        ),
    ),
    absent="No DataGuard, and one without `stateful`, are violations where the stack has stateful resources.",
    example=Example(
        refused="stateful={} # the program has PatroniMember postgres-1",
        taken='stateful={"PatroniMember:postgres-1": "…"}',
    ),
    check=check,
)
