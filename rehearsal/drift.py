"""Changes behind the engine's back, as people in a hurry make them, and whether they were taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from rehearsal.errors import RehearsalError
from rehearsal.postgres_servers import PostgresServer
from rehearsal.rehearsing import Rehearsing

__all__ = ["Drift", "make"]

_SCHEMA, _ROLE = "avatar", "avatar_service"
_RAISED = 1000.0


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One change: which type of resource it is about, what was done, and whether it is mended."""

    type: str
    done: str
    mended: Callable[[], bool]


def make(rehearsing: Rehearsing, outputs: Any) -> list[Drift]:
    """Change something in each part of the stack.

    Raises:
        RehearsalError: There is nothing to change.
    """
    return [
        _alarm(rehearsing),
        _bucket(rehearsing),
        _grant(rehearsing.world.servers.primary, outputs["postgres"]["writer_url"]),
        _network_policy(rehearsing),
    ]


def _alarm(rehearsing: Rehearsing) -> Drift:
    """Somebody makes an alarm deaf."""
    cloudwatch = rehearsing.account.client("cloudwatch")

    def alarms() -> dict[str, Any]:
        found = cloudwatch.describe_alarms()["MetricAlarms"]
        return {alarm["AlarmName"]: alarm for alarm in found if alarm.get("MetricName") and "Threshold" in alarm}

    name, alarm = next(iter(sorted(alarms().items())), (None, None))
    if name is None or alarm is None:
        raise RehearsalError("there is no alarm with a metric and a threshold in CloudWatch")
    threshold = alarm["Threshold"]
    taken = {
        key: value
        for key, value in alarm.items()
        if key in cloudwatch.meta.service_model.operation_model("PutMetricAlarm").input_shape.members and value != []
    }
    cloudwatch.put_metric_alarm(**{**taken, "Threshold": threshold + _RAISED})
    return Drift(
        type="aws:cloudwatch/metricAlarm:MetricAlarm",
        done=f"threshold of alarm {name} from {threshold:g} to {threshold + _RAISED:g}",
        mended=lambda: alarms()[name]["Threshold"] == threshold,
    )


def _bucket(rehearsing: Rehearsing) -> Drift:
    """Somebody opens a bucket."""
    s3 = rehearsing.account.client("s3")
    for bucket in sorted(each["Name"] for each in s3.list_buckets()["Buckets"]):
        try:
            before = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        except s3.exceptions.ClientError:
            continue  # not one of ours
        opened = dict.fromkeys(before, False)
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=opened)

        def mended(bucket: str = bucket) -> bool:
            found = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
            return all(found.values())

        return Drift(
            type="aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
            done=f"public access to bucket {bucket} no longer blocked",
            mended=mended,
        )
    raise RehearsalError("no bucket blocks public access")


def _grant(primary: PostgresServer, url: str) -> Drift:
    """Somebody takes a privilege from a service."""
    database = unquote(urlsplit(url).path.removeprefix("/"))
    names = {"schema": sql.Identifier(_SCHEMA), "role": sql.Identifier(_ROLE)}

    def run(statement: str) -> Any:
        with primary.connect(database) as connection:
            cursor: psycopg.Cursor[Any] = connection.execute(sql.SQL(statement).format(**names))
            return cursor.fetchone() if cursor.description else None

    run("REVOKE USAGE ON SCHEMA {schema} FROM {role}")
    return Drift(
        type="postgresql:index/grant:Grant",
        done=f"USAGE on schema {_SCHEMA} revoked from {_ROLE}",
        mended=lambda: bool(run(f"SELECT has_schema_privilege('{_ROLE}', '{_SCHEMA}', 'USAGE')")[0]),
    )


def _network_policy(rehearsing: Rehearsing) -> Drift:
    """Somebody deletes a network policy to see whether that helps."""
    server = rehearsing.world.kubernetes
    policies = server.get("/apis/networking.k8s.io/v1/networkpolicies").get("items") or []
    if not policies:
        raise RehearsalError("Kubernetes has no network policy")
    metadata = policies[0]["metadata"]
    path = f"/apis/networking.k8s.io/v1/namespaces/{metadata['namespace']}/networkpolicies/{metadata['name']}"
    server.delete(path)
    return Drift(
        type="kubernetes:networking.k8s.io/v1:NetworkPolicy",
        done=f"network policy {metadata['namespace']}/{metadata['name']} deleted",
        mended=lambda: bool(server.get(path)),
    )
