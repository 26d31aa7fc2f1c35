"""The plan that was reviewed with a pull request, for the deployment after the merge.

It is taken only where it was made from the very files that are here: whoever merges into a main that moved on, merges
something else than was previewed, and gets a new plan.
"""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from delivery import plans
from delivery.errors import DeliveryError
from delivery.github import GitHub

__all__ = ["take"]

_FILES: Final = ("plan.json", "made-for.json", "preview.jsonl")
_LARGEST_BYTES: Final = 256 << 20
_ANEW: Final = "make a new plan: make plan"


def take(github: GitHub, commit: str, folder: Path, project: Path, stack: str, workflow: str = "preview.yml") -> str:
    """Put the reviewed plan's files into a folder and say where they are from.

    Args:
        github: The API.
        commit: The commit on main.
        folder: Where the files go; they are there only where the plan fits.
        project: What the plan must fit.
        stack: The stack, which is the artifact's name too.
        workflow: The file of the workflow that made the plan.

    Raises:
        DeliveryError: There is none that fits; the message says why.
    """
    pull_request = _merged(github, commit)
    head = str(pull_request["head"]["sha"])
    runs = github.get(f"actions/workflows/{workflow}/runs?head_sha={head}&event=pull_request&per_page=20")
    for run in runs.get("workflow_runs", ()):
        found = github.get(f"actions/runs/{int(run['id'])}/artifacts?name={stack}&per_page=20").get("artifacts", ())
        usable = [one for one in found if one.get("name") == stack and not one.get("expired")]
        if usable:
            _unpack(github.artifact(int(usable[0]["id"])), folder)
            _fit(folder, project, stack)
            return f"the plan that was reviewed with pull request {pull_request['number']} ({run.get('html_url', '')})"
    raise DeliveryError(f"pull request {pull_request['number']} has no saved plan of stack {stack} at {head}", _ANEW)


def _merged(github: GitHub, commit: str) -> Mapping[str, Any]:
    """The pull request whose merge made the commit, if its branch is in the same repository."""
    for one in github.get(f"commits/{commit}/pulls?per_page=20"):
        own = ((one.get("head") or {}).get("repo") or {}).get("full_name") == github.repository
        if one.get("merged_at") and one.get("merge_commit_sha") == commit and own:
            found: Mapping[str, Any] = one
            return found
    raise DeliveryError(f"no pull request from this repository was merged as {commit}", _ANEW)


def _unpack(content: bytes, folder: Path) -> None:
    """Write the known files and no others: the names inside an archive are whatever its maker wanted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = {one.filename: one.file_size for one in archive.infolist()}
            if absent := [name for name in _FILES if name not in sizes]:
                raise DeliveryError(f"the saved plan has no {', '.join(absent)}: its preview failed", _ANEW)
            if sum(sizes[name] for name in _FILES) > _LARGEST_BYTES:
                raise DeliveryError(f"the saved plan is larger than {_LARGEST_BYTES} bytes", _ANEW)
            folder.mkdir(parents=True, exist_ok=True)
            for name in _FILES:
                (folder / name).write_bytes(archive.read(name))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DeliveryError(f"the saved plan is no archive: {error}", _ANEW) from error


def _fit(folder: Path, project: Path, stack: str) -> None:
    try:
        plans.check(folder / "plan.json", project, stack)
    except DeliveryError:
        for name in _FILES:
            (folder / name).unlink(missing_ok=True)
        raise
