"""What MongoDB on Atlas cannot give, or cannot undo, as far as the settings say: a part of the output `warnings`."""

from collections.abc import Iterator
from datetime import date, timedelta

from components.mongodb.atlas_access import missing_actions
from settings.cloud.atlas import AtlasSettings
from settings.cloud.atlas_tiers import MAJORS
from settings.model import TlsSettings

__all__ = ["atlas_notices"]

_SHARED_CPU = ("M10", "M20")
_TELL_BEFORE = timedelta(days=180)
"""A new major version wants half a year of trying out."""


def atlas_notices(settings: AtlasSettings, tls: TlsSettings, *, today: date) -> list[str]:
    """Return a sentence for each shortcoming, and for what no update can take back."""
    return list(_notices(settings, tls, today))


def _notices(settings: AtlasSettings, tls: TlsSettings, today: date) -> Iterator[str]:
    yield _compliance(settings)
    if tls.minimum_version != "TLSv1.3":
        yield f"mongodb: Atlas accepts {tls.minimum_version}, and spec 6.2.1 wants TLSv1.3"
    if settings.instance_size in _SHARED_CPU:
        yield f"mongodb: {settings.instance_size} nodes share their CPUs with others; M30 is the least for production"
    end = MAJORS[settings.mongodb_major]
    if end - today < _TELL_BEFORE:
        yield (
            f"mongodb: the support of MongoDB {settings.mongodb_major} ends on {end}, and Atlas then upgrades by "
            "itself; raise fashion-wallet:cloud.atlas.mongodbMajor before"
        )
    if settings.maximum_instance_size:
        yield (
            "mongodb: Atlas chooses the size itself, so a change of cloud.atlas.instanceSize has no effect while "
            "cloud.atlas.maximumInstanceSize is set"
        )
    if not settings.access_cidrs:
        yield (
            "mongodb: nobody is told when connections are made all the time (spec 5.1.2): Atlas has no alert for that, "
            "and Prometheus cannot reach the members, whose metrics do not come through the private endpoint; put the "
            "address by which its traffic leaves into cloud.atlas.accessCidrs"
        )
    for cidr in settings.access_cidrs:
        yield f"mongodb: {cidr} may connect without the private endpoint (cloud.atlas.accessCidrs)"
    for role, actions in missing_actions().items():
        yield f"mongodb: on Atlas the role {role} lacks {', '.join(actions)}, which Atlas's own roles cannot have"


def _compliance(settings: AtlasSettings) -> str:
    if settings.backup_compliance is None:
        return (
            "mongodb: no backup compliance policy, so an owner of the Atlas project can delete every backup "
            "(cloud.atlas.backupCompliance)"
        )
    return (
        "mongodb: A BACKUP COMPLIANCE POLICY IS ON (cloud.atlas.backupCompliance). NO UPDATE CAN TAKE IT BACK: only "
        f"MongoDB's support can, when {settings.backup_compliance.authorized_email} asks. Until then nobody can delete "
        "a backup before its time, shorten a life, or destroy this stack"
    )
