"""What RDS refuses of a PostgreSQL instance, told from its arguments alone; moto takes nearly anything.

Sources: the API reference of CreateDBInstance, CreateDBInstanceReadReplica and ModifyDBInstance, and the user guide's
pages on gp3 storage, instance classes and final snapshots.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from plugins.base import CheckFailure, Props, contains_unknown

__all__ = ["CLASSES", "LATEST", "check_instance", "major_of", "minor_of", "resolved"]

LATEST: Final = {"13": 22, "14": 19, "15": 14, "16": 10, "17": 6}
"""The newest minor version of each major one that the stand-in offers."""

_BURSTABLE: Final = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
_LARGE: Final = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
CLASSES: Final = frozenset(
    f"db.{family}.{size}"
    for families, sizes in (
        (("t3", "t4g"), _BURSTABLE),
        (("m5", "r5"), (*_LARGE, "24xlarge")),
        (("m6g", "m7g", "r6g", "r7g"), _LARGE),
        (("m6i", "r6i"), (*_LARGE, "24xlarge", "32xlarge")),
    )
    for family in families
    for size in sizes
)
"""Classes that run PostgreSQL of today; a test compares them with the settings' and the SDK's."""

_VERSION: Final = re.compile(r"(\d+)(?:\.(\d+))?")
_IDENTIFIER: Final = re.compile(r"[a-z](?:-?[a-z0-9])*")
_LONGEST: Final = 63
_USERNAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_RESERVED: Final = ("admin", "postgres_admin", "rdsadmin", "rds_superuser", "rdsrepladmin")
_DAILY: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY: Final = "|".join(_DAYS)
_WEEKLY: Final = re.compile(rf"({_DAY}):([01]\d|2[0-3]):([0-5]\d)-({_DAY}):([01]\d|2[0-3]):([0-5]\d)")
_DAY_MIN: Final = 1440
_SHORTEST_MIN: Final = 30
_PASSWORD: Final = re.compile(r"[!-~]{8,128}")
_NOT_IN_PASSWORDS: Final = frozenset('/"@')
_GP3_PROVISIONED_GIB: Final = 400
_OF_THE_SOURCE: Final = ("username", "password", "manageMasterUserPassword", "allocatedStorage", "snapshotIdentifier")
_INSIGHTS_DAYS: Final = frozenset({7, 731, *(31 * months for months in range(1, 24))})


def major_of(version: str) -> str:
    """Return the major version of "17" or "17.5"."""
    return version.partition(".")[0]


def minor_of(version: str) -> int | None:
    """Return the minor version, None where it is left to RDS."""
    minor = version.partition(".")[2]
    return int(minor) if minor else None


def resolved(version: str) -> str:
    """Return the whole version that RDS would run: a major one means its newest minor."""
    minor = minor_of(version)
    return f"{major_of(version)}.{LATEST[major_of(version)] if minor is None else minor}"


def check_instance(inputs: Props, region: str) -> list[CheckFailure]:
    """Return what is wrong; what holds an unknown value is left for later."""
    given = _Given(inputs)
    rules = (_names, _version, _storage, _windows, _login, _end, _insight, _replica(region))
    return [CheckFailure(name, f"{name}: {reason}") for rule in rules for name, reason in rule(given)]


class _Given:
    """Inputs of which some are not known yet: `get` returns only known ones, `in` is true of all that have a value."""

    def __init__(self, inputs: Props) -> None:
        self._inputs = inputs

    def get(self, name: str, otherwise: Any = None) -> Any:
        value = self._inputs.get(name)
        return otherwise if value is None or contains_unknown(value) else value

    def __contains__(self, name: object) -> bool:
        return name in self._inputs and self._inputs[str(name)] is not None


Reasons = Iterator[tuple[str, str]]


def _names(known: _Given) -> Reasons:
    identifier = known.get("identifier")
    if identifier is not None and (len(identifier) > _LONGEST or not _IDENTIFIER.fullmatch(identifier)):
        yield (
            "identifier",
            f"got {identifier!r}, allowed are 1 to 63 small letters, digits and single hyphens, a letter first",
        )
    kind = known.get("instanceClass")
    if kind is not None and kind not in CLASSES:
        yield "instanceClass", f"got {kind!r}, which runs no PostgreSQL of today. Choose another, say db.r6g.large"
    if known.get("multiAz") and "availabilityZone" in known:
        yield "availabilityZone", f"got {known.get('availabilityZone')!r}, allowed is none with multiAz. Remove one"
    if known.get("publiclyAccessible"):
        yield "publiclyAccessible", "got true: the stand-in has no public addresses. Set it to false"


def _version(known: _Given) -> Reasons:
    if known.get("engine", "postgres") != "postgres":
        yield "engine", f"got {known.get('engine')!r}, allowed with the stand-in is postgres"
    version = known.get("engineVersion")
    if version is None:
        return
    match = _VERSION.fullmatch(version)
    newest = LATEST.get(match[1]) if match else None
    if match is None or newest is None or (match[2] is not None and int(match[2]) > newest):
        offered = ", ".join(f"{major}.{minor}" for major, minor in LATEST.items())
        yield "engineVersion", f"got {version!r}, which RDS does not offer. Allowed are {offered}, and older minors"


def _storage(known: _Given) -> Reasons:
    size, limit = known.get("allocatedStorage"), known.get("maxAllocatedStorage")
    if size is not None and limit and limit * 10 < size * 11:
        yield "maxAllocatedStorage", f"got {limit} GiB, allowed is a tenth more than allocatedStorage, {size} GiB"
    kind = known.get("storageType")
    if kind == "gp3":
        yield from _gp3(known, size)
    elif known.get("storageThroughput") is not None and kind is not None:
        yield (
            "storageThroughput",
            f"got {known.get('storageThroughput')}, allowed only with gp3, and storageType is {kind}",
        )
    if "kmsKeyId" in known and known.get("storageEncrypted") is False:
        yield "storageEncrypted", "got false with a kmsKeyId, allowed is true"


def _gp3(known: _Given, size: int | None) -> Reasons:
    for name, least, most in (("iops", 12_000, 64_000), ("storageThroughput", 500, 4_000)):
        value = known.get(name)
        if value is None:
            continue
        if size is not None and size < _GP3_PROVISIONED_GIB:
            yield name, f"got {value}, allowed is none below {_GP3_PROVISIONED_GIB} GiB of gp3, and there are {size}"
        elif not least <= value <= most:
            yield name, f"got {value}, allowed are {least} to {most}"
    iops, throughput = known.get("iops") or 12_000, known.get("storageThroughput") or 0
    if throughput * 4 > iops:
        yield "storageThroughput", f"got {throughput}, allowed is a quarter of the iops, {iops}"


def _windows(known: _Given) -> Reasons:
    daily, weekly = known.get("backupWindow"), known.get("maintenanceWindow")
    first = _DAILY.fullmatch(daily) if daily else None
    second = _WEEKLY.fullmatch(weekly.lower()) if weekly else None
    if daily and first is None:
        yield "backupWindow", f"got {daily!r}, allowed is a window such as 02:00-03:00"
    if weekly and second is None:
        yield "maintenanceWindow", f"got {weekly!r}, allowed is a window such as sun:03:30-sun:04:30"
    backup = _minutes(first) if first else range(0)
    maintenance = _minutes_of_week(second) if second else range(0)
    if first and len(backup) < _SHORTEST_MIN:
        yield "backupWindow", f"got {len(backup)} minutes, allowed are {_SHORTEST_MIN} or more"
    if second and len(maintenance) < _SHORTEST_MIN:
        yield "maintenanceWindow", f"got {len(maintenance)} minutes, allowed are {_SHORTEST_MIN} or more"
    if {one % _DAY_MIN for one in backup} & {one % _DAY_MIN for one in maintenance}:
        yield "maintenanceWindow", f"got {weekly}, which overlaps with backupWindow, {daily}"


def _minutes(match: re.Match[str]) -> range:
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    return range(start, start + (end - start) % _DAY_MIN)


def _minutes_of_week(match: re.Match[str]) -> range:
    start = _DAYS.index(match[1]) * _DAY_MIN + int(match[2]) * 60 + int(match[3])
    end = _DAYS.index(match[4]) * _DAY_MIN + int(match[5]) * 60 + int(match[6])
    return range(start, start + (end - start) % (7 * _DAY_MIN))


def _login(known: _Given) -> Reasons:
    name, password = known.get("username"), known.get("password")
    if name is not None and (not _USERNAME.fullmatch(name) or name in _RESERVED or name.startswith("pg_")):
        yield "username", f"got {name!r}, allowed are 1 to 63 letters, digits and _, and no name of RDS's own"
    if password is not None and (not _PASSWORD.fullmatch(password) or set(password) & _NOT_IN_PASSWORDS):
        yield "password", 'got a secret, allowed are 8 to 128 printable characters without / " @ and spaces'
    if "password" in known and known.get("manageMasterUserPassword"):
        yield "manageMasterUserPassword", "got true with a password. Remove one"
    if "masterUserSecretKmsKeyId" in known and not known.get("manageMasterUserPassword"):
        yield "masterUserSecretKmsKeyId", "allowed only with manageMasterUserPassword"


def _end(known: _Given) -> Reasons:
    """A missing name of the final snapshot is refused here: the real service asks for it only when it is too late."""
    skip, name = known.get("skipFinalSnapshot"), known.get("finalSnapshotIdentifier")
    if "replicateSourceDb" in known:
        if "finalSnapshotIdentifier" in known or skip is False:
            yield "skipFinalSnapshot", "RDS takes no final snapshot of a replica. Set it to true, without a name"
    elif skip is False and "finalSnapshotIdentifier" not in known:
        yield "finalSnapshotIdentifier", "missing, and without skipFinalSnapshot it could never be deleted. Set one"
    if name is not None and (name.endswith("-") or "--" in name or not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*", name)):
        yield "finalSnapshotIdentifier", f"got {name!r}, allowed are letters, digits and single hyphens"


def _insight(known: _Given) -> Reasons:
    if bool(known.get("monitoringInterval")) != ("monitoringRoleArn" in known):
        yield "monitoringInterval", "goes with monitoringRoleArn: set both or neither"
    days = known.get("performanceInsightsRetentionPeriod")
    if days is not None and days not in _INSIGHTS_DAYS:
        yield "performanceInsightsRetentionPeriod", f"got {days}, allowed are 7, 731 and multiples of 31 up to 713"
    small = str(known.get("instanceClass", "")).endswith((".micro", ".small"))
    if known.get("performanceInsightsEnabled") and small:
        yield "performanceInsightsEnabled", f"got true, allowed is false on {known.get('instanceClass')}"


def _replica(region: str) -> Any:
    def rule(known: _Given) -> Reasons:
        if "replicateSourceDb" not in known:
            return
        source = known.get("replicateSourceDb", "")
        for name in _OF_THE_SOURCE:
            if name in known:
                yield name, "a replica has it from its source. Remove it"
        if source.startswith("arn:") and source.split(":")[3] != region:
            if "kmsKeyId" not in known:
                yield "kmsKeyId", f"missing: a replica in another region needs a key of {region}"
            if "dbSubnetGroupName" not in known:
                yield "dbSubnetGroupName", f"missing: without one the replica lies in the default network of {region}"

    return rule
