"""Programs and files out of Go modules that a folder of `engine/` pins with checksums."""

import json
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, files
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["GoBuild", "digest", "is_complete", "making", "pinned"]

_COMPLETE = ".complete"  # written last: a folder without it is half-made
_OLDEST_GO_THAT_FETCHES_NEWER = (1, 21)
_FIX = (
    "put right what the log names (the network, a module proxy) and run the same command again; what was compiled is "
    "kept"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class GoBuild:
    """A Go that can build what the folder pins, and how to run it.

    Attributes:
        layout: Where everything lies.
        step: What shows the progress.
        folder: The folder with go.mod and go.sum.
        go: The path of Go.
        environ: The environment it runs in.
    """

    layout: Layout
    step: Step
    folder: Path
    go: str
    environ: Mapping[str, str]

    @classmethod
    def of(
        cls, layout: Layout, step: Step, environ: Mapping[str, str], part: str, *, purpose: str, otherwise: str = ""
    ) -> "GoBuild":
        """Find Go for `engine/<part>`.

        Args:
            layout: Where everything lies.
            step: What shows the progress.
            environ: This run's environment.
            part: The folder below `engine/`.
            purpose: What is built, with its article: it begins the error's text.
            otherwise: What to install instead of Go, empty where nothing else serves.

        Raises:
            SetupError: There is no Go, or one that is too old.
        """
        folder = layout.project / "engine" / part
        go = _check_go(folder, purpose, otherwise)
        return cls(layout=layout, step=step, folder=folder, go=go, environ={**environ, "GOWORK": "off"})

    def build(self, package: str, binary: Path, flags: str, *, minutes: int) -> None:
        """Compile a main package into `binary`, showing how far it is.

        Raises:
            SetupError: It failed; the message has the log's end.
        """
        log = self.layout.logs / f"{self.folder.parent.name}-{self.folder.name}.log"

        def doing() -> str:
            lines = log.read_bytes().count(b"\n")
            return f"compiling {binary.name} ({lines} packages so far; up to {minutes} minutes the first time)"

        commands.logged(
            self.step,
            [self.go, "build", "-v", "-ldflags", flags, "-o", str(binary), package],
            log,
            doing=doing,
            cwd=self.folder,
            env=self.environ,
            fix=_FIX,
        )

    def module(self, name: str, log_name: str) -> Path:
        """The folder of a pinned module's own files, checked against go.sum.

        Raises:
            SetupError: It cannot be fetched, or is not what go.sum says.
        """
        log = self.layout.logs / f"{log_name}.log"
        commands.logged(
            self.step,
            [self.go, "mod", "download", "-json", name],
            log,
            doing=f"fetching {name}",
            cwd=self.folder,
            env=self.environ,
            fix=_FIX,
        )
        text = log.read_text(encoding="utf-8")
        return Path(json.loads(text[text.index("{") : text.rindex("}") + 1])["Dir"])


def digest(layout: Layout, recipe: bytes, *parts: str) -> str:
    """A name for what is built of these folders of `engine/` in the way that `recipe` numbers."""
    pins = [layout.project / "engine" / part / name for part in parts for name in ("go.mod", "go.sum")]
    return files.digest(recipe, *(pin.read_bytes() for pin in pins))


def pinned(layout: Layout, part: str, module: str) -> str:
    """A module's version as `engine/<part>/go.mod` pins it, with its leading v.

    Raises:
        SetupError: It is not in there.
    """
    text = (layout.project / "engine" / part / "go.mod").read_text(encoding="utf-8")
    found = re.search(rf"^(?:require)?\s*{re.escape(module)} (v\S+)", text, re.MULTILINE)
    if found is None:
        raise SetupError(f"engine/{part}/go.mod names no version of {module}", f"take engine/{part}/go.mod from git")
    return found[1]


def is_complete(folder: Path) -> bool:
    """Whether a folder was made to its end."""
    return (folder / _COMPLETE).exists()


@contextmanager
def making(target: Path, *, needed_bytes: int, purpose: str, otherwise: str = "") -> Iterator[Path]:
    """Lend a scratch folder that becomes `target` when all went well; what killed runs left beside it goes first.

    Raises:
        SetupError: The disk has too little room.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < needed_bytes:
        raise SetupError(
            f"{target.parent} has {free >> 20} MiB free; building {purpose} needs {needed_bytes >> 20} MiB",
            f"free some disk space{otherwise and f', or install {otherwise}'}",
        )
    kind = target.name.partition("-")[0]
    for old in target.parent.glob(f"{kind}-*.tmp"):
        files.remove(old)
    scratch = target.with_name(f"{target.name}.tmp")
    (scratch / "bin").mkdir(parents=True)
    yield scratch
    files.write(scratch / _COMPLETE, "")
    files.remove(target)
    scratch.rename(target)


def _version_of(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def _check_go(folder: Path, purpose: str, otherwise: str) -> str:
    line = re.search(r"^go (\S+)", (folder / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    needed = line[1] if line else "1.25"
    fix = (
        f"install Go {needed} or newer from https://go.dev/dl{otherwise and f', or {otherwise},'} so that it is on "
        "PATH, and run the same command again"
    )
    go = shutil.which("go")
    if go is None:
        raise SetupError(f"there is no Go to build {purpose} with", fix)
    # In a folder without a go.mod, so that the installed version answers and not one that it would fetch.
    printed = commands.output([go, "env", "GOVERSION", "GOTOOLCHAIN"], cwd=Path("/")) or ""
    installed, _, toolchain = printed.strip().partition("\n")
    fetches = toolchain.strip() != "local" and _version_of(installed) >= _OLDEST_GO_THAT_FETCHES_NEWER
    if _version_of(installed) < _version_of(needed) and not fetches:
        raise SetupError(f"{go} is {installed or 'of an unknown version'}; {purpose} needs Go {needed} or newer", fix)
    return go
