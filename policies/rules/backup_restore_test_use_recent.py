"""A restore test takes the latest backup of the last month."""

from collections.abc import Iterator

from pulumi_policy import Severity

from policies.checks import at_most, one_of
from policies.cloud import RESTORE_PLAN
from policies.limits import choice, most
from policies.rule import Example, Finding, Limits, Resource, ResourceRule

__all__ = ["RULE"]


_ALGORITHM = one_of("recoveryPointSelection", "algorithm", limit="algorithms")
_WINDOW = at_most("recoveryPointSelection", "selectionWindowDays", limit="maximumDays", unit="days", unset=True)


def check(resource: Resource, limits: Limits) -> Iterator[Finding]:
    """Judge how the recovery point is chosen."""
    yield from _ALGORITHM(resource, limits)
    yield from _WINDOW(resource, limits)


RULE = ResourceRule(
    id="backup-restore-test-use-recent",
    title="A restore test takes the latest backup of the last month.",
    severity=Severity.MEDIUM,
    reason="what has to be shown is that the backups of these weeks can be restored, with the versions of today",
    fix="set fashion-wallet:cloud backups.restoreTest.selectionWindowDays to 31 or less",
    spec=("5.2.2",),
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/restore-testing.html",
    topic="backups",
    limits=(
        choice("algorithms", ["LATEST_WITHIN_WINDOW"], "How the recovery point may be chosen."),
        most("maximumDays", 31, "The oldest recovery point that may be tested.", minimum=1, maximum=365),
    ),
    absent="An unset algorithm is a violation; an unset window is not: it is then 30 days.",
    example=Example(
        refused='algorithm="RANDOM_WITHIN_WINDOW", selection_window_days=365',
        taken='algorithm="LATEST_WITHIN_WINDOW", selection_window_days=30',
    ),
    types=(RESTORE_PLAN,),
    check=check,
)
