"""The Pulumi engine: the one on PATH where it serves, else built from the pinned modules in `engine/`."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.setup import commands, files
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["ensure"]

OLDEST = (3, 200)
_RECIPE = b"1"  # raise it when the way the engine is built changes
_COMPLETE = ".complete"
_MODULE = "github.com/pulumi/pulumi"
_HOST = "pulumi-language-python"
_FREE_BYTES = 5 << 30  # modules and build cache take 3.5 GB, the binaries 0.2 GB
_OLDEST_GO_THAT_FETCHES_NEWER = (1, 21)


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
    name = f"engine-{_digest(layout)}"
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


def _digest(layout: Layout) -> str:
    pins = [layout.project / "engine" / part / name for part in ("cli", "language") for name in ("go.mod", "go.sum")]
    return files.digest(_RECIPE, *(pin.read_bytes() for pin in pins))


def _complete(folder: Path) -> bool:
    return (folder / _COMPLETE).exists() and os.access(folder / "bin" / "pulumi", os.X_OK)


def _pinned(layout: Layout) -> str:
    """The engine's version as engine/cli/go.mod pins it, with its leading v."""
    text = (layout.project / "engine" / "cli" / "go.mod").read_text(encoding="utf-8")
    found = re.search(rf"{_MODULE}/pkg/v3 (v\S+)", text)
    if found is None:
        raise SetupError("engine/cli/go.mod names no version of the engine", "take engine/cli/go.mod from git again")
    return found[1]


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


def _version_of(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _check_go(layout: Layout) -> str:
    """The path of a Go that can build the engine.

    Raises:
        SetupError: There is none.
    """
    mod = (layout.project / "engine" / "cli" / "go.mod").read_text(encoding="utf-8")
    line = re.search(r"^go (\S+)", mod, re.MULTILINE)
    needed = line[1] if line else "1.25"
    fix = (
        f"install Go {needed} or newer from https://go.dev/dl, or the Pulumi command line "
        "(https://www.pulumi.com/docs/install), so that it is on PATH, and run the same command again"
    )
    go = shutil.which("go")
    if go is None:
        raise SetupError("there is no pulumi on PATH, and no Go to build one with", fix)
    # In a folder without a go.mod, so that the installed version answers and not one that it would fetch.
    printed = commands.output([go, "env", "GOVERSION", "GOTOOLCHAIN"], cwd=Path("/")) or ""
    installed, _, toolchain = printed.strip().partition("\n")
    fetches = toolchain.strip() != "local" and _version_of(installed) >= _OLDEST_GO_THAT_FETCHES_NEWER
    if _version_of(installed) < _version_of(needed) and not fetches:
        raise SetupError(f"{go} is {installed or 'of an unknown version'}; the engine needs Go {needed} or newer", fix)
    return go


def _build(layout: Layout, step: Step, environ: Mapping[str, str], target: Path) -> None:
    go = _check_go(layout)
    layout.tools.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(layout.tools).free
    if free < _FREE_BYTES:
        raise SetupError(
            f"{layout.tools} has {free >> 20} MiB free; building the engine needs {_FREE_BYTES >> 20} MiB",
            "free some disk space, or put an installed pulumi on PATH",
        )
    for old in layout.tools.glob("engine-*.tmp"):
        files.remove(old)  # left by a run that was killed
    making = target.with_name(f"{target.name}.tmp")
    binaries = making / "bin"
    binaries.mkdir(parents=True)
    version = _pinned(layout)
    env = {**environ, "GOWORK": "off"}
    fix = (
        "put right what the log names (the network, a module proxy) and run the same command again; "
        "what was compiled is kept"
    )
    parts = {
        "language": (f"{_MODULE}/sdk/v3/python/cmd/{_HOST}", _HOST),
        "cli": (f"{_MODULE}/pkg/v3/cmd/pulumi", "pulumi"),
    }
    for part, (package, binary) in parts.items():
        # Without a version in it the engine prints none, and the Automation API refuses it.
        flags = f"-s -w -X {_MODULE}/sdk/v3/go/common/version.Version={version}"
        log = layout.logs / f"engine-{part}.log"

        def doing(log: Path = log, binary: str = binary) -> str:
            lines = log.read_bytes().count(b"\n")
            return f"compiling {binary} ({lines} packages so far; up to 5 minutes the first time)"

        commands.logged(
            step,
            [go, "build", "-v", "-ldflags", flags, "-o", str(binaries / binary), package],
            log,
            doing=doing,
            cwd=layout.project / "engine" / part,
            env=env,
            fix=fix,
        )
    _copy_scripts(layout, step, go, env, binaries)
    files.write(making / _COMPLETE, version + "\n")
    files.remove(target)
    making.rename(target)


def _copy_scripts(layout: Layout, step: Step, go: str, env: Mapping[str, str], binaries: Path) -> None:
    """Two programs that the engine's Python support needs lie as scripts in the SDK's module."""
    log = layout.logs / "engine-sdk.log"
    commands.logged(
        step,
        [go, "mod", "download", "-json", f"{_MODULE}/sdk/v3"],
        log,
        doing="fetching the language host's scripts",
        cwd=layout.project / "engine" / "cli",
        env=env,
    )
    text = log.read_text(encoding="utf-8")
    folder = Path(json.loads(text[text.index("{") : text.rindex("}") + 1])["Dir"])
    for script in (f"cmd/{_HOST}-exec", "dist/pulumi-resource-pulumi-python"):
        copy = binaries / Path(script).name
        shutil.copyfile(folder / "python" / script, copy)
        copy.chmod(0o755)
