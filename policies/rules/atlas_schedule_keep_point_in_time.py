"""Any point in time of the last seven days can be restored on Atlas."""

from pulumi_policy import Severity

from policies.checks import at_least
from policies.cloud import ATLAS_SCHEDULE
from policies.limits import least
from policies.rule import Example, ResourceRule

__all__ = ["RULE"]


RULE = ResourceRule(
    id="atlas-schedule-keep-point-in-time",
    title="Any point in time of the last seven days can be restored on Atlas.",
    severity=Severity.HIGH,
    reason="the oplog of a shorter time is what the recovery of a mistake of last week lacks",
    fix="set fashion-wallet:cloud backups.continuousRetentionDays",
    spec=("5.2.1",),
    link="https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/",
    topic="backups",
    limits=(least("minimumDays", 7, "The fewest days to go back.", minimum=1, maximum=365),),
    example=Example(refused="restore_window_days=1", taken="restore_window_days=7"),
    types=(ATLAS_SCHEDULE,),
    check=at_least("restoreWindowDays", limit="minimumDays", unit="days"),
)
