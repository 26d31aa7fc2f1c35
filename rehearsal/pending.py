"""What an engine that was killed leaves: creates that it began and whose end it never saw.

The thing may be there or not. As docs/runbooks/prod-update-killed.md says: whatever has a name is looked for by it, and
imported where it is there; all else is dropped from the state and made anew. What the cloud has named by itself is
nobody's any more.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rehearsal.engine import STACK
from rehearsal.rehearsing import Rehearsing

__all__ = ["adopt_pending", "can_be_killed", "import_file", "known_id", "mend_state"]

_RETRIED = (
    *("aws:s3/", "aws:rds/instance:", "aws:rds/parameterGroup:", "aws:rds/subnetGroup:", "aws:iam/role:"),
    *("aws:iam/rolePolicy:", "aws:iam/rolePolicyAttachment:", "aws:cloudwatch/", "aws:kms/alias:", "aws:sns/topic:"),
    *("aws:secretsmanager/secretPolicy:", "kubernetes:", "walletdb:"),
)
"""Types that can be made again or found by name. What a cloud names by itself is lost with the engine that asked for
it: it stays until somebody looks for what has the stack's tags and is in no state."""
_UNDER_WAY = 2
_NAMING = ("identifier", "bucket", "name")
"""Inputs that are the resource's id in the cloud, where it has one of them."""


def can_be_killed(folder: Path) -> bool:
    """Whether several things are being made, and none that would be lost with the engine.

    The engine writes what it begins into the state before it begins.
    """
    try:
        checkpoint = json.loads(_state_file(folder).read_text(encoding="utf-8"))["checkpoint"]
    except ValueError:
        return False  # it is being written
    operations = checkpoint["latest"].get("pending_operations") or []
    types = [each["resource"]["type"] for each in operations]
    return len(types) >= _UNDER_WAY and all(name.startswith(_RETRIED) for name in types)


def mend_state(folder: Path) -> bool:
    """Put the engine's copy of the state back where a kill cut the file off while it was written; whether it did.

    Only a backend of files knows this: S3 has the one before or this one.
    """
    file = _state_file(folder)
    try:
        json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        shutil.copyfile(file.with_name(f"{file.name}.bak"), file)
        return True
    return False


def adopt_pending(rehearsing: Rehearsing) -> str:
    """Import what was carried out, drop the rest from the state; says what was done."""
    engine = rehearsing.engine
    state = engine.state()
    pending = [each["resource"] for each in state.get("pending_operations") or [] if each["type"] == "creating"]
    there = {each["urn"] for each in state.get("resources") or []}
    named = [each for each in pending if known_id(each) and each.get("parent") in there and each["urn"] not in there]
    if named:
        file = rehearsing.world.folder / "settings" / "pending.json"
        file.write_text(json.dumps(import_file(named), indent=1), encoding="utf-8")
        # Those that are not there are errors of it, and the others are imported all the same.
        engine.run("import", "--file", str(file), "--generate-code=false", "--protect=false")
    engine.run("refresh", "--clear-pending-creates").succeeded()
    there = {each["urn"] for each in engine.state().get("resources") or []}
    adopted = sum(resource["urn"] in there for resource in pending)
    return f"{len(pending)} creates were under way, {adopted} had been carried out and were imported"


def import_file(resources: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What `pulumi import --file` takes."""
    names: dict[str, str] = {}
    described = []
    for number, resource in enumerate(resources):
        provider = resource["provider"].rpartition("::")[0]
        names[f"parent{number}"], names[f"provider{number}"] = resource["parent"], provider
        described.append(
            {
                "type": resource["type"],
                "name": resource["urn"].rpartition("::")[2],
                "id": known_id(resource),
                "parent": f"parent{number}",
                "provider": f"provider{number}",
            }
        )
    return {"nameTable": names, "resources": described}


def known_id(resource: Mapping[str, Any]) -> str:
    """The id that a resource has in the cloud: as recorded, or by its name alone; empty where the cloud gives one."""
    if recorded := resource.get("id"):
        return str(recorded)
    inputs = resource.get("inputs") or {}
    if resource["type"].startswith("kubernetes:"):
        metadata = inputs.get("metadata") or {}
        return "/".join(filter(None, (metadata.get("namespace"), metadata.get("name"))))
    return next((inputs[name] for name in _NAMING if isinstance(inputs.get(name), str) and inputs[name]), "")


def _state_file(folder: Path) -> Path:
    return folder / "state" / ".pulumi" / "stacks" / "fashion-wallet" / f"{STACK}.json"
