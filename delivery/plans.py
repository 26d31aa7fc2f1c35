"""What a saved plan is for: which files, which settings. A plan for anything else is refused.

The engine itself refuses an update that does not fit the plan. This comes before: a plan that was made from other
files is not even tried.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from delivery.errors import DeliveryError

__all__ = ["PlannedFor", "check", "note", "tree_of"]

_AGAIN: Final = "make a new plan for what is here: make plan STACK={stack}; look at it, and deploy that"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedFor:
    """What a plan was made for.

    Attributes:
        stack: The stack's name.
        tree: Git's id of all files that were there, committed or not, beside those that git ignores.
        settings: Digest of the stack's settings, which may be a file that git ignores.
        engine: The version of the engine that made it; for people.
        plan: Digest of the plan.
        commit: The commit that was checked out; for people.
    """

    stack: str
    tree: str
    settings: str
    engine: str
    plan: str
    commit: str


def note(plan: Path, project: Path, stack: str) -> PlannedFor:
    """Say beside a plan what it was made for.

    Raises:
        DeliveryError: There is no plan, or the project is in no git repository.
    """
    here = _here(plan, project, stack)
    _beside(plan).write_text(json.dumps(asdict(here), indent=2) + "\n", encoding="utf-8")
    return here


def check(plan: Path, project: Path, stack: str) -> PlannedFor:
    """Find out whether a plan is for what is here.

    Raises:
        DeliveryError: It is for something else; the message says for what.
    """
    again = _AGAIN.format(stack=stack)
    try:
        made_for = PlannedFor(**json.loads(_beside(plan).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise DeliveryError(f"there is no plan for stack {stack}: {_beside(plan)} is missing", again) from error
    except (ValueError, TypeError) as error:
        raise DeliveryError(f"{_beside(plan)} does not say what the plan is for: {error}", again) from error
    here = _here(plan, project, stack)
    words = {
        "stack": "another stack",
        "plan": "another plan: the file was changed",
        "settings": "other settings of the stack",
        "tree": "other files",
    }
    for name, words_for in words.items():
        found, wanted = getattr(made_for, name), getattr(here, name)
        if found != wanted:
            raise DeliveryError(f"{plan} was made for {words_for} ({found[:12]}, here is {wanted[:12]})", again)
    return made_for


def tree_of(project: Path) -> str:
    """Git's id of the files as they lie there, as a commit of all of them would have it; nothing is written.

    Raises:
        DeliveryError: The project is in no git repository.
    """
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(_git(project, "rev-parse", "--path-format=absolute", "--git-path", "index"))
        objects = _git(project, "rev-parse", "--path-format=absolute", "--git-path", "objects")
        if index.exists():
            shutil.copyfile(index, Path(scratch) / "index")
        os.mkdir(f"{scratch}/objects")  # noqa: PTH102 - beside the two lines that name it
        environ = {
            "GIT_INDEX_FILE": f"{scratch}/index",
            "GIT_OBJECT_DIRECTORY": f"{scratch}/objects",
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
        }
        _git(project, "add", "--all", environ=environ)
        return _git(project, "write-tree", environ=environ)


def _here(plan: Path, project: Path, stack: str) -> PlannedFor:
    settings = project / f"Pulumi.{stack}.yaml"
    try:
        text = plan.read_bytes()
        engine = str(json.loads(text)["manifest"]["version"])
    except FileNotFoundError as error:
        raise DeliveryError(f"there is no plan: {plan} is missing", _AGAIN.format(stack=stack)) from error
    except (ValueError, KeyError, TypeError) as error:
        raise DeliveryError(f"{plan} is no plan of the engine: {error!r}", _AGAIN.format(stack=stack)) from error
    return PlannedFor(
        stack=stack,
        tree=tree_of(project),
        settings=_digest(settings.read_bytes() if settings.exists() else b""),
        engine=engine,
        plan=_digest(text),
        commit=_git(project, "rev-parse", "HEAD"),
    )


def _beside(plan: Path) -> Path:
    return plan.with_name("made-for.json")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _git(project: Path, *arguments: str, environ: dict[str, str] | None = None) -> str:
    command = ["git", "-C", str(project), *arguments]
    try:
        done = subprocess.run(
            command, env={**os.environ, **(environ or {})}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise DeliveryError("there is no git to tell which files a plan is for", "install git") from error
    if done.returncode:
        raise DeliveryError(
            f"git {arguments[0]} in {project} failed: {done.stderr.strip()}",
            "run this in a clone of the repository: a plan is for files that git knows",
        )
    return done.stdout.strip()
