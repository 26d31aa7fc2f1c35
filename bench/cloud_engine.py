"""The engine on programs of the benchmark: a project, a state and a home of its own, and plugins that make nothing.

The programs are told to the engine as they are: prod's is the project's `__main__.py` with prod's settings, where only
the key of the state is another one, since a cloud's key management is no part of what is measured.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from policies.registry import RULES

__all__ = ["PROJECT", "CloudEngine", "EngineError", "Ran", "changes", "cloud_engine"]

PROJECT = Path(__file__).resolve().parents[1]
STACK = "prod"
PACK = PROJECT / "policies" / "pack"
PATIENCE_S = 600.0
_ENDING_S = 20.0
_PREFIXES = ("PULUMI_", "FASHION_WALLET_", "AWS_", "MONGODB_ATLAS_", "PYTHON", "KUBE")
_SUM = re.compile(r"^ *(?:[-+~]+ ?)?(\d+) (?:to )?(created?|updated?|replaced?|deleted?|unchanged)", re.MULTILINE)
_PROGRAM = """import runpy
import sys

sys.path.insert(0, {project!r})
runpy.run_path({program!r}, run_name="__main__")
"""


class EngineError(RuntimeError):
    """The engine failed, or took too long."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ran:
    """One run of the engine.

    Attributes:
        seconds: Until it ended.
        processor_s: Processor time of engine, program and policies; the plugins' is not in it. Others' load changes it
            far less than the seconds.
        changes: Operation → how many resources, as the engine sums them up.
        said: What it printed.
    """

    seconds: float
    processor_s: float
    changes: Mapping[str, int]
    said: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class CloudEngine:
    """A project of the benchmark with one stack.

    Attributes:
        folder: Where project, state and home are.
        plugins: The value of `PULUMI_DEBUG_PROVIDERS`.
        variables: What the program reads beside its settings, and switches of the engine.
    """

    folder: Path
    plugins: str
    variables: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def with_variables(self, **variables: str) -> CloudEngine:
        """The same with more variables."""
        return dataclasses.replace(self, variables={**self.variables, **variables})

    def preview(self, *, policies: bool = False, patience_s: float = PATIENCE_S) -> Ran:
        """`pulumi preview`."""
        return self._timed(["preview", *self._policies(policies)], patience_s)

    def up(self, *, policies: bool = False, patience_s: float = PATIENCE_S) -> Ran:
        """`pulumi up` without a preview before it."""
        return self._timed(["up", "--yes", "--skip-preview", *self._policies(policies)], patience_s)

    def resources(self) -> list[dict[str, Any]]:
        """What the stack's state has, secrets in clear: they are made up."""
        said = self._run(["stack", "export", "--show-secrets"], PATIENCE_S)
        found: list[dict[str, Any]] = json.loads(said)["deployment"]["resources"]
        return found

    def _policies(self, wanted: bool) -> list[str]:  # noqa: FBT001 - passed on
        if not wanted:
            return []
        return ["--policy-pack", str(PACK), "--policy-pack-config", str(self.folder / "policies.json")]

    def _timed(self, words: Sequence[str], patience_s: float) -> Ran:
        started, before = time.monotonic(), _processor_s()
        said = self._run([*words, "--suppress-progress", "--suppress-outputs"], patience_s)
        seconds = time.monotonic() - started
        return Ran(seconds=seconds, processor_s=_processor_s() - before, changes=changes(said), said=said)

    def _run(self, words: Sequence[str], patience_s: float) -> str:
        """Run the engine and return what it printed.

        Raises:
            EngineError: it failed, or did not end in time.
        """
        command = [str(PROJECT / ".engine" / "pulumi"), *words, "--stack", STACK, "--non-interactive", "--color=never"]
        with subprocess.Popen(
            command,
            cwd=self.folder / "project",
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        ) as process:
            try:
                said, errors = process.communicate(timeout=patience_s)
            except subprocess.TimeoutExpired:
                _end(process)
                raise EngineError(f"pulumi {words[0]} did not end within {patience_s:g} s") from None
            except BaseException:
                _end(process)
                raise
        if process.returncode:
            raise EngineError(f"pulumi {' '.join(words)} ended with {process.returncode}:\n{(said + errors)[-4000:]}")
        return said

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_PREFIXES)}
        folders = [Path(sys.executable).parent, (PROJECT / ".engine").resolve()]
        return {
            **kept,
            "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]),
            "VIRTUAL_ENV": str(Path(sys.executable).parents[1]),
            "PULUMI_HOME": str(self.folder / "pulumi"),
            "PULUMI_BACKEND_URL": (self.folder / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "of no worth",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_PROVIDERS": self.plugins,
            "FASHION_WALLET_HOME": str(self.folder / "home"),
            "FASHION_WALLET_PYTHON": sys.executable,
            **self.variables,
        }


def cloud_engine(folder: Path, program: Path, plugins: str) -> CloudEngine:
    """A stack with prod's settings whose program is a file of the project.

    Args:
        folder: Where everything goes; must not be there.
        program: The file.
        plugins: What `bench.echo.process.serving` gave.

    Raises:
        EngineError: the engine cannot make the stack.
    """
    project, home = folder / "project", folder / "home"
    for path in (project, folder / "state", folder / "pulumi", home / "certificates"):
        path.mkdir(parents=True)
    description = {
        "name": "fashion-wallet",
        "runtime": {"name": "python", "options": {"virtualenv": str(Path(sys.executable).parents[1])}},
    }
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(description), encoding="utf-8")
    text = _PROGRAM.format(project=str(PROJECT), program=str(program))
    (project / "__main__.py").write_text(text, encoding="utf-8")
    settings = yaml.safe_load((PROJECT / f"Pulumi.{STACK}.yaml").read_text(encoding="utf-8"))
    kept = yaml.safe_dump({"config": settings["config"]}, sort_keys=False)
    levels = {rule.id: "advisory" for rule in RULES}
    (folder / "policies.json").write_text(json.dumps(levels), encoding="utf-8")
    (home / "certificates" / "rds-global-bundle.pem").write_text(
        "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", encoding="ascii"
    )
    engine = CloudEngine(folder=folder, plugins=plugins)
    engine._run(["stack", "init"], PATIENCE_S)  # noqa: SLF001 - the other half of this function
    with (project / f"Pulumi.{STACK}.yaml").open("a", encoding="utf-8") as stream:
        stream.write(kept)
    return engine


def _processor_s() -> float:
    """Processor time of all children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def changes(said: str) -> dict[str, int]:
    """The sums at the end of a preview or an update, such as `+ 398 to create` and `398 unchanged`."""
    _, _, sums = said.rpartition("Resources:")
    return {word: int(count) for count, word in _SUM.findall(sums)}


def _end(process: subprocess.Popen[str]) -> None:
    """End the engine and what it started."""
    for number in (signal.SIGINT, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=_ENDING_S)
            return
