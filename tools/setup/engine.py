"""The Pulumi engine: the one on PATH where it serves, else built from the pinned modules in `engine/`."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.setup import commands, files
from tools.setup.go_build import GoBuild, digest, is_complete, making, pinned
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["ensure"]

OLDEST = (3, 200)
_RECIPE = b"1"  # raise it when the way the engine is built changes
_MODULE = "github.com/pulumi/pulumi"
_HOST = "pulumi-language-python"
_FREE_BYTES = 5 << 30  # modules and build cache take 3.5 GB, the binaries 0.2 GB


def ensure(layout: Layout, step: Step, environ: Mapping[str, str]) -> None:
    """Have `.engine` point to a folder with `pulumi` and its Python language host.

    Raises:
        SetupError: There is no engine on PATH and none can be built.
    """
    if found := _on_path(layout, step, environ):
        folder, version = found
        step.note = f"pulumi {version} on PATH"
        files.link(layout.engine_link, folder)
        return
    name = f"engine-{digest(layout, _RECIPE, 'cli', 'language')}"
    current = layout.engine_link.resolve()
    if current.parent.name == name and _complete(current.parent):
        step.note = "already there"
        return
    target = layout.tools / name
    if _complete(target):
        step.note = "already there"
    else:
        _build(layout, step, environ, target)
        step.note = f"built pulumi {_pinned(layout)}"
    files.link(layout.engine_link, target / "bin")


def _complete(folder: Path) -> bool:
    return is_complete(folder) and os.access(folder / "bin" / "pulumi", os.X_OK)


def _pinned(layout: Layout) -> str:
    """The engine's version as engine/cli/go.mod pins it, with its leading v."""
    return pinned(layout, "cli", f"{_MODULE}/pkg/v3")


def _on_path(layout: Layout, step: Step, environ: Mapping[str, str]) -> tuple[Path, str] | None:
    """Folder and version of the first engine on PATH that serves; bin/pulumi of any clone is none."""
    for entry in environ.get("PATH", os.defpath).split(os.pathsep):
        candidate = Path(entry or ".") / "pulumi"
        if not os.access(candidate, os.X_OK) or candidate.is_dir():
            continue
        real = candidate.resolve()
        with real.open("rb") as stream:
            if b"tools.setup.pulumi" in stream.read(4096):
                continue
        if real.is_relative_to(layout.tools):
            continue  # built here, and already looked after
        printed = (commands.output(["env", "PULUMI_SKIP_UPDATE_CHECK=true", str(real), "version"]) or "").strip()
        version = re.match(r"v?(\d+)\.(\d+)", printed)
        if version is None or (int(version[1]), int(version[2])) < OLDEST:
            step.say(f"{candidate} is passed over: version {printed or 'unknown'}, wanted {'.'.join(map(str, OLDEST))}")
        elif absent := [name for name in (_HOST, f"{_HOST}-exec") if not (real.parent / name).exists()]:
            step.say(f"{candidate} is passed over: it has no {' and no '.join(absent)} beside it")
        else:
            return real.parent, printed
    return None


def _build(layout: Layout, step: Step, environ: Mapping[str, str], target: Path) -> None:
    instead = "the Pulumi command line (https://www.pulumi.com/docs/install)"
    cli = GoBuild.of(layout, step, environ, "cli", purpose="the engine", otherwise=instead)
    language = GoBuild.of(layout, step, environ, "language", purpose="the engine", otherwise=instead)
    # Without a version in it the engine prints none, and the Automation API refuses it.
    flags = f"-s -w -X {_MODULE}/sdk/v3/go/common/version.Version={_pinned(layout)}"
    with making(target, needed_bytes=_FREE_BYTES, purpose="the engine", otherwise=instead) as scratch:
        binaries = scratch / "bin"
        language.build(f"{_MODULE}/sdk/v3/python/cmd/{_HOST}", binaries / _HOST, flags, minutes=5)
        cli.build(f"{_MODULE}/pkg/v3/cmd/pulumi", binaries / "pulumi", flags, minutes=5)
        _copy_scripts(cli, binaries)


def _copy_scripts(build: GoBuild, binaries: Path) -> None:
    """Two programs that the engine's Python support needs lie as scripts in the SDK's module."""
    folder = build.module(f"{_MODULE}/sdk/v3", "engine-sdk")
    for script in (f"cmd/{_HOST}-exec", "dist/pulumi-resource-pulumi-python"):
        copy = binaries / Path(script).name
        shutil.copyfile(folder / "python" / script, copy)
        copy.chmod(0o755)
