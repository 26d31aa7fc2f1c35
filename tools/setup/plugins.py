"""Which resource plugins the engine gets: the vendors' own, or the project's stand-ins for them.

postgresql has a stand-in for every machine where the vendor's plugin is not installed: it works on any server. Those of
the clouds have stand-ins over emulators, which serve a rehearsal and nothing else; there the vendors' own are not used,
so that no rehearsal can reach a cloud.
"""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.setup import files
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT_NAME, Layout

__all__ = ["CLOUD", "check", "folders", "install_stand_in", "official_plugin"]

ANYWHERE = "postgresql"
CLOUD = ("aws", "kubernetes", "mongodbatlas")
_REHEARSAL = "FASHION_WALLET_REHEARSAL"
_RUNS_PROGRAM_OR_PLUGINS = frozenset(("preview", "pre", "up", "update", "watch", "refresh", "destroy", "import"))
_CLOUD_SUBSTRATE = re.compile(r"""^\s*["']?fashion-wallet:substrate["']?\s*:\s*["']?cloud\b""", re.MULTILINE)
# Folders and stacks that a caller names for the engine: -s prod, -s=prod, --stack=prod.
_STACK = ("-s", "--stack")
_ELSEWHERE = ("-C", "--cwd")


def folders(layout: Layout, environ: Mapping[str, str]) -> list[Path]:
    """The folders of plugins for the engine's PATH, where plugins go before those in the engine's home."""
    own = layout.project / "plugins"
    if environ.get(_REHEARSAL):
        return [own / name for name in (ANYWHERE, *CLOUD)]
    found = [official_plugin(layout, name) for name in (ANYWHERE, *CLOUD)]
    if found[0] is None and "PULUMI_HOME" in environ:
        # In an engine's home of the caller's own nothing is installed: there the stand-in comes by PATH.
        found[0] = own / ANYWHERE
    return [folder for folder in found if folder is not None]


def official_plugin(layout: Layout, name: str) -> Path | None:
    """The folder of the vendor's resource plugin in the very version of its SDK, None where it is not installed."""
    for home in (layout.pulumi_home, Path("~/.pulumi").expanduser()):
        folder = home / "plugins" / f"resource-{name}-v{_sdk_version(layout, name)}"
        program = folder / f"pulumi-resource-{name}"
        # A link is the stand-in's, of this checkout or of another one.
        if os.access(program, os.X_OK) and not program.is_symlink():
            return folder
    return None


def _sdk_version(layout: Layout, name: str) -> str:
    requirements = (layout.project / "requirements.txt").read_text(encoding="utf-8")
    pinned = re.search(rf"^pulumi-{name}==(\S+)", requirements, re.MULTILINE)
    return pinned[1] if pinned else ""


def install_stand_in(layout: Layout) -> None:
    """Have the engine find the stand-in where it looks for the vendor's plugin, unless that one is installed."""
    version = _sdk_version(layout, ANYWHERE)
    if version and official_plugin(layout, ANYWHERE) is None:
        program = f"pulumi-resource-{ANYWHERE}"
        folder = layout.pulumi_home / "plugins" / f"resource-{ANYWHERE}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        files.link(folder / program, layout.project / "plugins" / ANYWHERE / program)


def check(layout: Layout, argv: Sequence[str], command: str | None, environ: Mapping[str, str]) -> None:
    """Refuse a command on a cloud stack while the vendors' plugins are missing.

    The engine would say so too, but one plugin at a time and without a fix. A stack that cannot be told is left to it.

    Args:
        layout: Where everything lies.
        argv: The caller's words.
        command: The engine's command among them.
        environ: This run's environment.

    Raises:
        SetupError: Plugins are missing; the fix names the command for each.
    """
    if command not in _RUNS_PROGRAM_OR_PLUGINS or environ.get(_REHEARSAL) or _value(argv, _ELSEWHERE):
        return
    if environ.get("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true").lower() in ("false", "0"):
        return  # the engine fetches them by itself
    stack = _value(argv, _STACK) or environ.get("PULUMI_STACK") or _selected(layout)
    named = _value(argv, ("--config-file",))
    config = Path(named) if named else layout.project / f"Pulumi.{stack.rpartition('/')[2]}.yaml"
    if not config.is_file() or not _CLOUD_SUBSTRATE.search(config.read_text(encoding="utf-8", errors="replace")):
        return
    path = environ.get("PATH", os.defpath)
    absent = [
        f"{name} v{_sdk_version(layout, name)}"
        for name in CLOUD
        if official_plugin(layout, name) is None and shutil.which(f"pulumi-resource-{name}", path=path) is None
    ]
    if absent:
        raise SetupError(
            f"{config.name} is a stack in the cloud, and its providers' plugins are not installed: {', '.join(absent)}",
            "install them with\n"
            + "".join(f"    bin/pulumi plugin install resource {plugin}\n" for plugin in absent)
            + "  and run the same command again; make rehearse tries the stack without them and without any cloud",
        )


def _value(argv: Sequence[str], names: Sequence[str]) -> str:
    """The last value of an option, in whichever spelling; empty where it is not given."""
    value = ""
    for word, after in zip(argv, [*argv[1:], ""], strict=True):
        name, equals, joined = word.partition("=")
        if name in names:
            value = joined if equals else after
    return value


def _selected(layout: Layout) -> str:
    """The stack that `pulumi stack select` chose for this project and backend; empty where none is."""
    project = hashlib.sha1(os.fsencode(layout.project / "Pulumi.yaml"), usedforsecurity=False).hexdigest()
    file = layout.pulumi_home / "workspaces" / f"{PROJECT_NAME}-{project}-workspace.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        return str((content.get("stacks") or {}).get(layout.backend_url) or content.get("stack") or "")
    except (OSError, ValueError, AttributeError):
        return ""
