"""What AWS Backup checks of single values and the emulator does not: schedules, lives, names, roles.

Sources: the service's own API description in botocore, and AWS's pages on cron expressions and on recovery points.
"""

import json
import re
from typing import Any, Final

from plugins.aws.clients import Aws, unless_gone
from plugins.base import CheckFailure, Props, ProviderError, contains_unknown

__all__ = ["cron", "lifecycle", "matches", "refuse_role", "refuse_vault", "rule"]

_SERVICE: Final = "backup.amazonaws.com"
_COLD_DAYS: Final = 90
_CONTINUOUS_DAYS: Final = 35
_FIRST_YEAR, _LAST_YEAR = 1970, 2199
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# The fields of an expression: name, smallest and largest number, names that stand for numbers, more signs.
_FIELDS: Final = (
    ("minutes", 0, 59, (), ""),
    ("hours", 0, 23, (), ""),
    ("day of month", 1, 31, (), r"\?|L|\d{1,2}W"),
    ("month", 1, 12, _MONTHS, ""),
    ("day of week", 1, 7, _DAYS, r"\?|L|[1-7]L|[1-7]#[1-5]"),
    ("year", _FIRST_YEAR, _LAST_YEAR, (), ""),
)
_ARN_PARTS: Final = 7


def cron(path: str, value: Any) -> list[CheckFailure]:
    """Return what is wrong with a schedule: `cron(minutes hours day-of-month month day-of-week year)`."""
    if contains_unknown(value) or value is None:
        return []
    example = "cron(0 3 ? * * *), every day at 3:00"
    match = re.fullmatch(r"cron\((.*)\)", value)
    parts = match.group(1).split() if match else []
    if len(parts) != len(_FIELDS):
        return [_failure(path, value, f"cron with {len(_FIELDS)} fields, say {example}", "Write all six")]
    if [parts[2], parts[4]].count("?") != 1:
        fix = "Write ? for the day that is left open"
        return [_failure(path, value, f"? as exactly one of day of month and day of week, say {example}", fix)]
    return [
        _failure(path, value, f"{low} to {high} in the field {name}", f"Correct {part!r}")
        for part, (name, low, high, names, more) in zip(parts, _FIELDS, strict=True)
        if not _fits(part, (low, high), names, more)
    ]


def _fits(part: str, bounds: tuple[int, int], names: tuple[str, ...], more: str) -> bool:
    if more and re.fullmatch(more, part):
        return True
    for item in part.split(","):
        span, _, step = item.partition("/")
        if step and not (step.isdigit() and int(step) > 0):
            return False
        if span == "*":
            continue
        ends = [_number(end, names) for end in span.split("-")]
        if len(ends) > 2 or not all(bounds[0] <= end <= bounds[1] for end in ends):  # noqa: PLR2004  (from - to)
            return False
    return True


def _number(text: str, names: tuple[str, ...]) -> int:
    """Return the number that a text stands for; -1 where it stands for none."""
    if text.upper() in names:
        return names.index(text.upper()) + 1
    return int(text) if text.isdigit() else -1


def lifecycle(path: str, value: Any, *, continuous: bool) -> list[CheckFailure]:
    """Return what is wrong with a life: cold storage is for 90 days at least, continuous backups for 35 at most."""
    if contains_unknown(value):
        return []
    given = value or {}
    cold, delete = given.get("coldStorageAfter"), given.get("deleteAfter")
    where = f"{path}.deleteAfter"
    if continuous and cold is not None:
        where = f"{path}.coldStorageAfter"
        return [_failure(where, cold, "none for continuous backups", "Remove it")]
    if continuous and (delete is None or delete > _CONTINUOUS_DAYS):
        return [_failure(where, delete, f"1 to {_CONTINUOUS_DAYS} for continuous backups", "Lower it")]
    if cold is not None and delete is not None and delete < cold + _COLD_DAYS:
        allowed = f"{cold + _COLD_DAYS} or more: what is moved to cold storage stays there for {_COLD_DAYS} days"
        return [_failure(where, delete, allowed, "Raise it")]
    return []


def rule(path: str, value: Props) -> list[CheckFailure]:
    """Return what is wrong with a rule of a plan."""
    failures = matches(f"{path}.ruleName", value["ruleName"], r"[A-Za-z0-9_.-]{1,50}", "1 to 50 letters, digits, -_.")
    failures += cron(f"{path}.schedule", value.get("schedule"))
    continuous = value.get("enableContinuousBackup", False)
    if contains_unknown(continuous):
        return failures
    failures += lifecycle(f"{path}.lifecycle", value.get("lifecycle"), continuous=continuous)
    actions = value.get("copyActions")
    for index, action in enumerate(actions if isinstance(actions, list) else []):
        if isinstance(action, dict):
            failures += lifecycle(f"{path}.copyActions[{index}].lifecycle", action.get("lifecycle"), continuous=False)
    return failures


def matches(path: str, value: Any, pattern: str, allowed: str) -> list[CheckFailure]:
    """Return what is wrong with a name."""
    if not isinstance(value, str) or re.fullmatch(pattern, value):
        return []
    return [_failure(path, value, allowed, "Choose another name")]


def refuse_vault(aws: Aws, path: str, name: str) -> str:
    """Return the ARN of a vault in this region. Raises ProviderError where there is none."""
    found = unless_gone(
        lambda: aws.client("backup").describe_backup_vault(BackupVaultName=name), "ResourceNotFoundException"
    )
    if found is None:
        raise ProviderError(f"{path}: there is no vault {name} in {aws.region}. Make it first")
    return str(found["BackupVaultArn"])


def refuse_role(aws: Aws, path: str, arn: str) -> None:
    """Refuse a role that is not there, or that AWS Backup may not take."""
    parts = arn.split(":")
    name = arn.rsplit("/", 1)[-1]
    if len(parts) < _ARN_PARTS - 1 or not parts[5].startswith("role/"):
        raise ProviderError(f"{path}: got {arn!r}, allowed is the ARN of a role")
    found = unless_gone(lambda: aws.client("iam").get_role(RoleName=name), "NoSuchEntity")
    if found is None:
        raise ProviderError(f"{path}: there is no role {name}. Make it first")
    trust = found["Role"]["AssumeRolePolicyDocument"]
    document = json.loads(trust) if isinstance(trust, str) else trust
    if not any(_lets_backup(statement) for statement in document["Statement"]):
        raise ProviderError(f"{path}: role {name} cannot be assumed by {_SERVICE}. Name that in its trust policy")


def _lets_backup(statement: Props) -> bool:
    principal = statement.get("Principal")
    services = principal.get("Service", []) if isinstance(principal, dict) else []
    return statement.get("Effect") == "Allow" and _SERVICE in ([services] if isinstance(services, str) else services)


def _failure(path: str, got: Any, allowed: str, fix: str) -> CheckFailure:
    return CheckFailure(path, f"{path}: got {got!r}, allowed is {allowed}. {fix}")
