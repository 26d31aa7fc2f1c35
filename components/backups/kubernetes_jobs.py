"""The shape of the jobs of dumps and restore tests: pure functions from what is dumped to the spec of a CronJob.

Owns: containers, their rights and limits. Does not own: what they run (`kubernetes_scripts.py`), where they run and as
whom (`kubernetes.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import pulumi

from components.backups import kubernetes_scripts as scripts
from components.timescale.kubernetes_identity import StoredSecret
from components.timescale.kubernetes_manifests import resources, restricted
from settings.cloud.kubernetes import JobSettings

__all__ = ["JobPlace", "MongodbSource", "PostgresSource", "cron_job_spec", "dump_pod", "restore_pod", "stored_password"]

_SCRATCH: Final = "/scratch"
_START_DEADLINE_S: Final = 3_600
_RETRIES: Final = 2
_POSTGRES_USER: Final = 26  # of CloudNativePG's images: initdb wants a user that has a name
_MONGODB_USER: Final = 999
_PORT: Final = 5432
_PASS_FILE: Final = "/password/pgpass"


@dataclass(frozen=True, kw_only=True, slots=True)
class PostgresSource:
    """A database of PostgreSQL, and the login that may read all of it."""

    name: Literal["postgres", "timescale"]
    image: str
    host: pulumi.Input[str]
    database: str
    user: str
    password: pulumi.Input[str] | StoredSecret
    """Stored: somebody else replaces it between two updates, so that each job reads it anew."""
    ca_pem: pulumi.Input[str]
    roles: Sequence[str]
    """Names that policies in the dump may mention."""
    preload: Sequence[str] = ()
    """Libraries that the server of the restore test needs."""

    @property
    def user_id(self) -> int:
        """As whom containers run."""
        return _POSTGRES_USER

    @property
    def texts(self) -> dict[str, pulumi.Input[str]]:
        """What the job needs as files and variables, and what of it is secret."""
        known = {"ca.crt": self.ca_pem}
        return known if isinstance(self.password, StoredSecret) else {**known, "password": self.password}

    @property
    def dump(self) -> str:
        """The script of the dump."""
        return scripts.DUMP_POSTGRES

    @property
    def restore(self) -> str:
        """The script of the restore test."""
        return scripts.RESTORE_POSTGRES

    def connection(self, secret: pulumi.Input[str]) -> list[dict[str, Any]]:
        """Return the variables of the dump: those of libpq, the password by reference or in a file."""
        known = {
            "PGHOST": self.host,
            "PGPORT": str(_PORT),
            "PGDATABASE": self.database,
            "PGUSER": self.user,
            "PGSSLMODE": "verify-full",
            "PGSSLROOTCERT": "/secrets/ca.crt",
            "PGAPPNAME": "fashion-wallet dump",
            # A dump reads for longer than any statement of a service may.
            "PGOPTIONS": "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0",
        }
        if isinstance(self.password, StoredSecret):
            return _variables({**known, "PGPASSFILE": _PASS_FILE})
        password = {"name": "PGPASSWORD", "valueFrom": {"secretKeyRef": {"name": secret, "key": "password"}}}
        return [*_variables(known), password]

    @property
    def test(self) -> dict[str, pulumi.Input[str]]:
        """The variables of the restore test."""
        return {"ROLES": " ".join(self.roles), "PRELOAD": ",".join(self.preload)}


@dataclass(frozen=True, kw_only=True, slots=True)
class MongodbSource:
    """A database of MongoDB, and a URI whose login may read all of it."""

    name: Literal["mongodb"] = "mongodb"
    image: str
    uri: pulumi.Input[str]
    database: str

    @property
    def user_id(self) -> int:
        """As whom containers run."""
        return _MONGODB_USER

    @property
    def texts(self) -> dict[str, pulumi.Input[str]]:
        """What is secret: the whole URI, in the file that mongodump reads it from."""
        return {"config.yaml": pulumi.Output.concat("uri: '", self.uri, "'\n")}

    @property
    def dump(self) -> str:
        """The script of the dump."""
        return scripts.DUMP_MONGODB

    @property
    def restore(self) -> str:
        """The script of the restore test."""
        return scripts.RESTORE_MONGODB

    def connection(self, secret: pulumi.Input[str]) -> list[dict[str, Any]]:  # noqa: ARG002  (PostgreSQL's needs it)
        """Return the variables of the dump."""
        return _variables(self.test)

    @property
    def test(self) -> dict[str, pulumi.Input[str]]:
        """The variables of the restore test."""
        return {"DATABASE": self.database}


Source = PostgresSource | MongodbSource


def stored_password(source: Source) -> StoredSecret | None:
    """Return where a source's password is, if jobs have to read it themselves."""
    if isinstance(source, PostgresSource) and isinstance(source.password, StoredSecret):
        return source.password
    return None


@dataclass(frozen=True, kw_only=True, slots=True)
class JobPlace:
    """Where dumps go, and what a job may use."""

    settings: JobSettings
    bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    scratch_class: pulumi.Input[str]


def dump_pod(source: Source, place: JobPlace, prefix: str, secret: pulumi.Input[str], account: str) -> dict[str, Any]:
    """Return the pod that reads a stored password, dumps, then uploads."""
    stored = stored_password(source)
    mounts = [*_DISK, _mount("secrets", read_only=True)]
    if stored is not None:
        mounts.append(_mount("password", read_only=True))
    to = {"BUCKET": place.bucket, "PREFIX": f"{prefix}{source.name}", "KEY_ARN": place.key_arn}
    return _pod(
        source,
        place,
        account,
        before=() if stored is None else (_password_container(stored, place),),
        first=_container("dump", source.image, source.dump, source.connection(secret), place, mounts),
        then=_container("upload", place.settings.transfer_image, scripts.UPLOAD, _variables(to), place),
        secret=secret,
    )


def restore_pod(source: Source, place: JobPlace, prefix: str, account: str) -> dict[str, Any]:
    """Return the pod that fetches the latest dump, then restores it into a server of its own."""
    of = {"BUCKET": place.bucket, "PREFIX": f"{prefix}{source.name}"}
    return _pod(
        source,
        place,
        account,
        first=_container("fetch", place.settings.transfer_image, scripts.FETCH, _variables(of), place),
        then=_container("restore", source.image, source.restore, _variables(source.test), place),
        secret=None,
    )


def cron_job_spec(
    schedule: str, pod: dict[str, Any], *, deadline_s: int, history: int, labels: Mapping[str, str]
) -> dict[str, Any]:
    """Return the spec of a CronJob: never two at a time, and none that runs for ever."""
    return {
        "schedule": schedule,
        "timeZone": "Etc/UTC",
        "concurrencyPolicy": "Forbid",
        "startingDeadlineSeconds": _START_DEADLINE_S,
        "successfulJobsHistoryLimit": history,
        "failedJobsHistoryLimit": history,
        "jobTemplate": {
            "metadata": {"labels": dict(labels)},
            "spec": {
                "backoffLimit": _RETRIES,
                "activeDeadlineSeconds": deadline_s,
                "template": {"metadata": {"labels": dict(labels)}, "spec": pod},
            },
        },
    }


def _variables(values: Mapping[str, pulumi.Input[str]]) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _mount(volume: str, *, read_only: bool = False) -> dict[str, Any]:
    """Return the mount of a volume, in the folder of its name."""
    mount = {"name": volume, "mountPath": f"/{volume}"}
    return {**mount, "readOnly": True} if read_only else mount


_DISK: Final = (_mount("scratch"), _mount("tmp"))
"""Volumes of the pod's own; all else is read-only."""


def _password_container(stored: StoredSecret, place: JobPlace) -> dict[str, Any]:
    """Return the container that reads the password. It has no disk: what it reads stays in memory."""
    variables = _variables({"SECRET_ARN": stored.arn, "PGPASSFILE": _PASS_FILE})
    mounts = (_mount("tmp"), _mount("password"))
    return _container("password", place.settings.transfer_image, scripts.READ_PASSWORD, variables, place, mounts)


def _container(
    name: str,
    image: str,
    script: str,
    variables: list[dict[str, Any]],
    place: JobPlace,
    mounts: Sequence[dict[str, Any]] = _DISK,
) -> dict[str, Any]:
    return {
        "name": name,
        "image": image,
        "command": ["/bin/sh", "-c", script],
        "env": [*_variables({"SCRATCH": f"{_SCRATCH}/work", "HOME": "/tmp"}), *variables],  # noqa: S108  (the volume)
        "securityContext": restricted(),
        "resources": resources(place.settings.cpu_millicores, place.settings.memory_mib),
        "volumeMounts": list(mounts),
    }


def _pod(
    source: Source,
    place: JobPlace,
    account: str,
    *,
    before: Sequence[dict[str, Any]] = (),
    first: dict[str, Any],
    then: dict[str, Any],
    secret: pulumi.Input[str] | None,
) -> dict[str, Any]:
    volumes = [_scratch(place), {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}}]
    if secret is not None:
        volumes.append({"name": "secrets", "secret": {"secretName": secret, "defaultMode": 0o440}})
    if before:
        volumes.append({"name": "password", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}})
    # A retried pod gets another disk, so this folder is never there yet.
    prepared = {**first, "command": [*first["command"][:2], f'mkdir "$SCRATCH"\n{first["command"][2]}']}
    return {
        "serviceAccountName": account,
        # AWS's token is a volume of its own; nothing here asks the API server.
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "restartPolicy": "Never",
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": source.user_id,
            "runAsGroup": source.user_id,
            "fsGroup": source.user_id,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "initContainers": [*before, prepared],
        "containers": [then],
        "volumes": volumes,
    }


def _scratch(place: JobPlace) -> dict[str, Any]:
    claim = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": place.scratch_class,
        "resources": {"requests": {"storage": f"{place.settings.scratch_gib}Gi"}},
    }
    return {"name": "scratch", "ephemeral": {"volumeClaimTemplate": {"spec": claim}}}
