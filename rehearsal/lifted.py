"""The policy pack with the exceptions by which a whole stack is taken down, as the how-to has them: for a day."""

import datetime as dt
import shutil
from pathlib import Path

__all__ = ["LIFTED", "lifted_pack"]

LIFTED = (
    "stateful-resource-require-protect",
    "rds-instance-protect-deletion",
    "rds-instance-keep-automated-backups",
    "atlas-cluster-protect-termination",
    "s3-bucket-forbid-forced-destroy",
)
"""Rules that demand what `fashion-wallet:protect: false` turns off."""
_ENTRY = """
[[exemption]]
rule = "{rule}"
resource = "*"
stacks = "prod"
reason = "the rehearsal takes the whole stack down"
who = "rehearsal"
expires = {expires}
"""


def lifted_pack(project: Path, folder: Path) -> Path:
    """Copy the pack, add the exceptions, and return the program that the engine is given."""
    copy = folder / "policies"
    if not copy.exists():
        shutil.copytree(project / "policies", copy, ignore=shutil.ignore_patterns("__pycache__"))
        expires = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        entries = "".join(_ENTRY.format(rule=rule, expires=expires) for rule in LIFTED)
        with (copy / "exemptions.toml").open("a", encoding="utf-8") as stream:
            stream.write(entries)
    return copy / "pack"
