"""What `bin/pulumi` does: turn into the engine, with the project's environment around it.

The engine replaces this process, so that its pid, its signals and its exit code are the caller's.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.setup import plugins, state
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
        *plugins.folders(layout, environ),
    ]
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


def prepare(layout: Layout, environ: Mapping[str, str]) -> None:
    """Make what the engine needs on disk: its home, the local backend's folder and the passphrase.

    Raises:
        SetupError: The passphrase of existing stacks is gone, or a folder cannot be written.
    """
    state.make_home(layout)
    if "PULUMI_HOME" not in environ:
        plugins.install_stand_in(layout)
    own_backend = "PULUMI_BACKEND_URL" not in environ
    if "PULUMI_CONFIG_PASSPHRASE" not in environ and not environ.get("PULUMI_CONFIG_PASSPHRASE_FILE") and own_backend:
        state.ensure_passphrase(layout)
    if own_backend:
        state.tidy_settings(layout)


def main() -> int:
    """Run the engine in place of this process; returns only when it cannot be started."""
    try:
        layout = Layout.from_environment(os.environ)
        words = sys.argv[1:]
        index = _command_index(words)
        plugins.check(layout, words, None if index is None else words[index], os.environ)
        prepare(layout, os.environ)
        engine = str(layout.engine_link.resolve() / "pulumi")
        env = environment(layout, os.environ)
        os.execve(engine, ["pulumi", *arguments(words, layout.project)], env)  # noqa: S606 - a list, no shell
    except SetupError as error:
        print(f"bin/pulumi: {error.cause}\n  How to go on: {error.fix}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"bin/pulumi: {error}\n  How to go on: run make setup in {layout.project}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
