"""The settings of MongoDB Atlas: the project, the size of its cluster, who may connect, and what is told to whom.

Owns: what only Atlas has. Does not own: the database, members, pool and oplog window, which are the same everywhere
(`settings/mongodb.py`); the lives and times of backups (`backups.py`); the TLS minimum (`settings/model.py`).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from settings.base import Model
from settings.checks import Allowed
from settings.cloud.atlas_checks import access_cidrs, audit_filter, email, instance_size, mongodb_major
from settings.cloud.atlas_tiers import MAJORS, SMALLEST_DISK_GB, TIERS

__all__ = ["AtlasSettings", "BackupComplianceSettings"]

OrganizationId = Annotated[
    str,
    Allowed("24 hexadecimal digits: the organization's id in Atlas's settings"),
    StringConstraints(pattern=r"^[0-9a-f]{24}$"),
]
ProjectName = Annotated[
    str, Allowed("1 to 64 letters, digits and -"), StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,63}$")
]
InstanceSize = Annotated[str, Allowed(f"one of {', '.join(TIERS)}"), BeforeValidator(instance_size)]
MongodbMajor = Annotated[str, Allowed(f"one of {', '.join(MAJORS)}, in quotes"), BeforeValidator(mongodb_major)]
AccessCidrs = Annotated[
    tuple[str, ...],
    Field(strict=False),
    Allowed("a list of IPv4 networks that do not overlap, public ones of /16 or smaller"),
    AfterValidator(access_cidrs),
]
Email = Annotated[str, Allowed("an e-mail address"), BeforeValidator(email)]
Emails = Annotated[tuple[Email, ...], Field(strict=False), Allowed("a list of e-mail addresses")]
AuditFilter = Annotated[str, Allowed("the text of a JSON object"), BeforeValidator(audit_filter)]
Weekday = Literal["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

# Failed logins and refused commands; every change of users, roles, structure and of the server itself.
_AUDITED = (
    '{"$or":[{"atype":{"$in":["authenticate","authCheck"]},"result":{"$ne":0}},'
    '{"atype":{"$in":["createUser","dropUser","dropAllUsersFromDatabase","updateUser","grantRolesToUser",'
    '"revokeRolesFromUser","createRole","dropRole","updateRole","dropAllRolesFromDatabase","grantRolesToRole",'
    '"revokeRolesFromRole","grantPrivilegesToRole","revokePrivilegesFromRole","createCollection","dropCollection",'
    '"renameCollection","createDatabase","dropDatabase","createIndex","dropIndex","replSetReconfig","shutdown"]}}]}'
)


class BackupComplianceSettings(Model):
    """A policy that keeps everybody from deleting backups. Only MongoDB's support can take it back.

    While it is active the project and its cluster cannot be deleted with their backups, by nobody and for years.
    """

    authorized_email: Email = Field(description="Whom MongoDB's support asks before it takes the policy back.")
    authorized_first_name: Annotated[str, StringConstraints(min_length=1)] = Field(description="Of that person.")
    authorized_last_name: Annotated[str, StringConstraints(min_length=1)] = Field(description="Of that person.")
    copy_protection: bool = Field(
        default=True, description="Keep the copies in the recovery region from deletion, too."
    )


class AtlasSettings(Model):
    """MongoDB Atlas on AWS (spec 4, 5.2.1, 6.2, 7.1.2): one replica set over the zones of the region.

    The keys of Atlas's API come from the environment: MONGODB_ATLAS_PUBLIC_KEY and MONGODB_ATLAS_PRIVATE_KEY.
    """

    organization_id: OrganizationId = Field(description="The organization that the project belongs to.")
    project_name: ProjectName = Field(default="fashion-wallet", description="The project; it holds this cluster only.")
    instance_size: InstanceSize = Field(default="M30", description="Size of each node. M10 and M20 have shared CPUs.")
    minimum_instance_size: InstanceSize | None = Field(
        default=None,
        description="With `maximumInstanceSize`: the smallest size that Atlas may go down to. Omitted: never down.",
    )
    maximum_instance_size: InstanceSize | None = Field(
        default=None,
        description="The largest size that Atlas may go up to by itself. Omitted: it never changes the size. "
        "While it is set, a change of `instanceSize` has no effect.",
    )
    disk_size_gb: int = Field(
        default=40,
        ge=SMALLEST_DISK_GB,
        le=4096,
        description="Disk of each node; with `storageAutoscaling` its size at the start.",
    )
    storage_autoscaling: bool = Field(
        default=True,
        description="Atlas grows disks that are nearly full. While it is on, a change of `diskSizeGb` has no effect: "
        "Atlas refuses to shrink a disk that it has grown.",
    )
    mongodb_major: MongodbMajor = Field(
        default="8.0", description="Major version of MongoDB. It is raised by one at a time, and never lowered."
    )
    access_cidrs: AccessCidrs = Field(
        default=(),
        description="Networks that may connect beside the private endpoint; the address by which Prometheus's traffic "
        "leaves, say, for metrics do not come through the endpoint. Omitted: none. 0.0.0.0/0 is refused.",
    )
    maintenance_day: Weekday = Field(default="SUN", description="Day of Atlas's maintenance.")
    maintenance_hour: int = Field(
        default=2, ge=0, le=23, description="Hour at which it begins, in the project's time zone."
    )
    alert_emails: Emails = Field(default=(), description="Who is told of alerts. Omitted: the project's owners.")
    audit_filter: AuditFilter = Field(
        default=_AUDITED,
        description="What is audited (spec 6.3), as a filter of MongoDB's audit log. Omitted: failed logins, refused "
        "commands, changes of users, roles and structure.",
    )
    audit_authorization_success: bool = Field(
        default=False, description="Audit commands that were allowed, too: complete, and slow on a busy server."
    )
    backup_compliance: BackupComplianceSettings | None = Field(
        default=None, description="A backup compliance policy. Omitted: none. Read first what it cannot undo."
    )
