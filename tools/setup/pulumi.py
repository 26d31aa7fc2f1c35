"""What `bin/pulumi` does: turn into the engine, with the project's environment around it.

The engine replaces this process, so that its pid, its signals and its exit code are the caller's.
"""

import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.setup import files, state
from tools.setup.errors import SetupError
from tools.setup.layout import Layout

__all__ = ["arguments", "environment", "main"]

# Options that may stand before the command's name and take a value of their own.
_VALUED = frozenset(
    ("-C", "--cwd", "--color", "-v", "--verbose", "--memprofilerate", "--profiling", "--tracing", "--otel-traces")
) | {"-s", "--stack"}
_CHECKED_BY_POLICIES = frozenset(("preview", "pre", "up", "update", "watch"))


def _command_index(argv: Sequence[str]) -> int | None:
    """Where the command's name stands, None when there is none."""
    takes_value = False
    for index, word in enumerate(argv):
        if takes_value:
            takes_value = False
        elif word in _VALUED:
            takes_value = True
        elif not word.startswith("-"):
            return index
    return None


def arguments(argv: Sequence[str], project: Path) -> list[str]:
    """The engine's arguments: the project's folder, and the policy pack where the caller names none."""
    words = ["-C", str(project), *argv]
    index = _command_index(words)
    named = any(word == "--policy-pack" or word.startswith("--policy-pack=") for word in words)
    if index is not None and words[index] in _CHECKED_BY_POLICIES and not named:
        words[index + 1 : index + 1] = ["--policy-pack", str(project / "policies" / "pack")]
    return words


def environment(layout: Layout, environ: Mapping[str, str]) -> dict[str, str]:
    """The engine's environment variables. What the caller set about backend and secrets stays as it is."""
    env = dict(environ)
    # The caller's Python settings must not leak into the program, the plugins and the policy pack.
    for name in ("PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH"):
        env.pop(name, None)
    folders = [
        layout.environment_link / "bin",
        layout.engine_link.resolve(),
        layout.project / "plugins" / "walletdb",
    ]
    official = official_plugin(layout, "postgresql")
    if official is not None or "PULUMI_HOME" in environ:
        # In an engine's home of the caller's own nothing is installed: there the stand-in comes by PATH.
        folders.append(official or layout.project / "plugins" / "postgresql")
    env["PATH"] = os.pathsep.join([*map(str, folders), environ.get("PATH", os.defpath)])
    env["VIRTUAL_ENV"] = str(layout.environment_link)
    env["FASHION_WALLET_HOME"] = str(layout.home)
    env["PULUMI_HOME"] = str(layout.pulumi_home)
    env["PULUMI_BACKEND_URL"] = layout.backend_url
    if "PULUMI_CONFIG_PASSPHRASE" not in environ and not environ.get("PULUMI_CONFIG_PASSPHRASE_FILE"):
        env["PULUMI_CONFIG_PASSPHRASE_FILE"] = str(layout.passphrase)
    if "PULUMI_BACKEND_URL" not in environ:
        # The salt of a local stack's secrets lives in its state alone: see state.tidy_settings.
        env["PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER"] = "true"
    env.setdefault("PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION", "true")
    env.setdefault("PULUMI_SKIP_UPDATE_CHECK", "true")
    return env


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


def install_stand_in(layout: Layout, name: str) -> None:
    """Have the engine find the stand-in where it looks for the vendor's plugin, unless that one is installed."""
    version = _sdk_version(layout, name)
    if version and official_plugin(layout, name) is None:
        folder = layout.pulumi_home / "plugins" / f"resource-{name}-v{version}"
        folder.mkdir(parents=True, exist_ok=True)
        files.link(folder / f"pulumi-resource-{name}", layout.project / "plugins" / name / f"pulumi-resource-{name}")


def prepare(layout: Layout, environ: Mapping[str, str]) -> None:
    """Make what the engine needs on disk: its home, the local backend's folder and the passphrase.

    Raises:
        SetupError: The passphrase of existing stacks is gone, or a folder cannot be written.
    """
    state.make_home(layout)
    if "PULUMI_HOME" not in environ:
        install_stand_in(layout, "postgresql")
    own_backend = "PULUMI_BACKEND_URL" not in environ
    if "PULUMI_CONFIG_PASSPHRASE" not in environ and not environ.get("PULUMI_CONFIG_PASSPHRASE_FILE") and own_backend:
        state.ensure_passphrase(layout)
    if own_backend:
        state.tidy_settings(layout)


def main() -> int:
    """Run the engine in place of this process; returns only when it cannot be started."""
    try:
        layout = Layout.from_environment(os.environ)
        prepare(layout, os.environ)
        engine = str(layout.engine_link.resolve() / "pulumi")
        env = environment(layout, os.environ)
        os.execve(engine, ["pulumi", *arguments(sys.argv[1:], layout.project)], env)  # noqa: S606 - a list, no shell
    except SetupError as error:
        print(f"bin/pulumi: {error.cause}\n  How to go on: {error.fix}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"bin/pulumi: {error}\n  How to go on: run make setup in {layout.project}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
