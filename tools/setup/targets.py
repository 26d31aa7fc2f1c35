"""One function for each target of the Makefile."""

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.setup import (
    actionlint,
    commands,
    delivery,
    engine,
    environment,
    files,
    kubernetes,
    packages,
    policy_report,
    stack,
    state,
)
from tools.setup.errors import SetupError
from tools.setup.layout import STACKS, Layout
from tools.setup.screen import Screen

__all__ = ["TARGETS", "Run"]

_CACHES = ("plans", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache", ".benchmarks")


class Run:
    """One run of a target: where things lie, what shows them, and the words after the target's name."""

    def __init__(self, layout: Layout, screen: Screen, environ: Mapping[str, str], more: Sequence[str]) -> None:
        self.layout = layout
        self.screen = screen
        self.environ = environ
        self.more = list(more)

    def take(self, flag: str) -> bool:
        """Whether a flag was given; it is not handed on."""
        given = flag in self.more
        self.more = [word for word in self.more if word != flag]
        return given


def setup(run: Run, *, development: bool = False, rehearsal: bool = False) -> int:
    """System packages, virtual environment, engine; with the API server of the rehearsal where that is wanted."""
    state.make_home(run.layout)
    run.layout.tools.mkdir(exist_ok=True)

    def waiting(pid: str) -> None:
        run.screen.line(f"  another set-up is at work{f' (pid {pid})' if pid else ''}; waiting for it")

    with files.locked(run.layout.tools / ".lock", waiting):
        with run.screen.step("system packages") as step:
            packages.ensure(run.layout, step, run.environ)
        with run.screen.step("virtual environment") as step:
            environment.ensure(run.layout, step, development=development)
        with run.screen.step("engine") as step:
            engine.ensure(run.layout, step, run.environ)
        if rehearsal:
            with run.screen.step("kubernetes") as step:
                kubernetes.ensure(run.layout, step, run.environ)
    return 0


def up(run: Run) -> int:
    """Everything from nothing, then the stack."""
    setup(run)
    return stack.up(run.layout, run.screen, run.more)


def preview(run: Run) -> int:
    """What an update of the stack would do."""
    setup(run)
    stack.look(run.layout, run.screen)
    code = commands.foreground(
        [_pulumi(run), "preview", "-s", run.layout.stack, "--suppress-progress", *run.more], cwd=run.layout.project
    )
    state.tidy_settings(run.layout)
    return code


def policy(run: Run) -> int:
    """The policy report: what the pack says of every stack of the project, or of the one that STACK names."""
    if run.more:
        raise SetupError(
            f"make policy takes no words, got {' '.join(run.more)}",
            "make policy STACK=dev for one stack; plans/ gets the report as JSON, JUnit and SARIF each time",
        )
    stacks = (run.layout.stack,) if run.environ.get("STACK") else STACKS
    emulated = policy_report.EMULATED in stacks
    setup(run, development=emulated, rehearsal=emulated)
    return policy_report.report(run.layout, run.screen, stacks)


def down(run: Run) -> int:
    """Destroy the stack and remove its data, after consent."""
    agreed = run.take("--yes") or run.environ.get("YES") == "1"
    force = run.take("--force")
    directory = stack.stack_directory(run.layout)
    gone = run.layout.state is not None and not state.stack_exists(run.layout)
    if gone and not directory.exists():
        run.screen.line(f"there is no stack {run.layout.stack}: no state in {run.layout.state}, and no {directory}")
        return 0
    stack.check_directory(run.layout, directory)
    if gone:
        run.screen.line(
            f"the engine's state of stack {run.layout.stack} is gone, its servers and data are still there: they are "
            "removed without the engine"
        )
    question = f"Stack {run.layout.stack} and all its data in {directory} will be removed. Type its name to agree: "
    if not agreed and not _asked(question, run.layout.stack):
        raise SetupError("nothing was removed: no consent was given", "make down YES=1 where nobody can be asked")
    setup(run)
    stack.down(run.layout, run.screen, directory, force=force)
    run.screen.line("engine and environment are kept for the next make up; make clean removes them")
    return 0


def _asked(question: str, answer: str) -> bool:
    if not sys.stdin.isatty():
        return False
    try:
        return input(question).strip() == answer
    except EOFError:
        return False


def stop(run: Run) -> int:
    """End the stack's processes; data stays."""
    stack.stop(run.layout, run.screen)
    return 0


def lint(run: Run) -> int:
    """All static checks; each runs, also after one that failed."""
    setup(run, development=True)
    return _checks(run)


def _checks(run: Run) -> int:
    with run.screen.step("actionlint") as step:
        workflows = actionlint.ensure(run.layout, step, run.environ)
    binaries = run.layout.environment_link / "bin"
    checks = [
        ["ruff", "check"],
        ["ruff", "format", "--check"],
        ["mypy"],
        ["lint-imports", "--no-logo"],
        [str(workflows), "-shellcheck=", "-pyflakes="],  # the same everywhere, whatever else is installed
        ["zizmor", "--offline", "--no-progress", "--persona=pedantic", ".github"],
    ]
    failed = []
    for program, *words in checks:
        title = " ".join([Path(program).name, *words])
        run.screen.line(run.screen.bold(title))
        # A path of its own stays as it is.
        if commands.foreground([str(binaries / program), *words], cwd=run.layout.project):
            failed.append(title)
    if failed:
        run.screen.line(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


def test(run: Run) -> int:
    """Static checks, then every test in one pytest run; the tests run also where a check failed."""
    setup(run, development=True, rehearsal=True)
    unclean = _checks(run)
    # Two at a time: most of the time of a live test is waiting for servers. Who runs what is in tests/conftest.py.
    # Folders of servers may not have long names, and each worker's is one folder deeper than pytest's own.
    with tempfile.TemporaryDirectory(prefix="fw-") as scratch:
        spread = ["-n", "2", "--dist", "loadgroup", "--no-loadscope-reorder"]
        argv = [str(run.layout.python), "-m", "pytest", *spread, "--basetemp", f"{scratch}/t"]
        return commands.foreground([*argv, *run.more], cwd=run.layout.project) or unclean


def bench(run: Run) -> int:
    """The benchmarks."""
    setup(run, development=True)
    return commands.foreground([str(run.layout.python), "-m", "bench", *run.more], cwd=run.layout.project)


def rehearse(run: Run) -> int:
    """Stack prod from nothing to destroy, over emulators and real local servers."""
    setup(run, development=True, rehearsal=True)
    return commands.foreground([str(run.layout.python), "-m", "rehearsal", *run.more], cwd=run.layout.project)


def plan(run: Run) -> int:
    """What an update would do, saved for make deploy and make comment."""
    setup(run)
    return delivery.plan(run.layout, run.screen, run.environ, run.more)


def deploy(run: Run) -> int:
    """The update that make plan saved, and nothing else."""
    if code := delivery.fits(run.layout):
        return code
    setup(run)
    return delivery.deploy(run.layout, run.screen, run.environ, run.more)


def drift(run: Run) -> int:
    """What differs from what is declared, by looking at the real things."""
    setup(run)
    return delivery.drift(run.layout, run.screen, run.environ, run.more)


def comment(run: Run) -> int:
    """The comment on a pull request; it needs no set-up."""
    return delivery.comment(run.layout, run.environ, run.more)


def issue(run: Run) -> int:
    """The issue about drift; it needs no set-up."""
    return delivery.issue(run.layout, run.environ, run.more)


def clean(run: Run) -> int:
    """Remove engine, environments and caches, unless a stack still needs them."""
    left = state.stacks(run.layout)
    running = run.layout.home / "stacks"
    left += [path.name for path in running.glob("*") if path.name not in left] if running.is_dir() else []
    if left:
        raise SetupError(
            f"these stacks are still there: {', '.join(sorted(left))}; nothing was removed",
            "remove them first, each with: make down STACK=<name>",
        )
    with run.screen.step("clean"):
        tools = run.layout.tools.resolve()
        for path in (run.layout.environment_link, run.layout.engine_link, run.layout.kubernetes_link):
            # A link into another data folder or to an installed engine goes too: set-up makes it again.
            if path.is_symlink():
                path.unlink()
        for path in (tools, *(run.layout.project / name for name in _CACHES)):
            files.remove(path)
        if run.layout.home.is_dir() and not any(run.layout.home.iterdir()):
            run.layout.home.rmdir()
    return 0


def lock(run: Run) -> int:
    """Resolve requirements*.in anew into requirements*.txt, with hashes, for every platform."""
    setup(run)
    with tempfile.TemporaryDirectory() as scratch, run.screen.step("lock") as step:
        python = Path(scratch) / "bin" / "python"
        logs = run.layout.logs
        commands.logged(
            step,
            [str(run.layout.python), "-m", "venv", scratch],
            logs / "lock.log",
            doing="making a scratch environment",
        )
        commands.logged(step, [str(python), "-m", "pip", "install", "uv"], logs / "lock.log", doing="installing uv")
        for name in ("requirements", "requirements-dev"):
            commands.logged(
                step,
                [
                    *[str(Path(scratch) / "bin" / "uv"), "pip", "compile", "--universal", "--python-version", "3.11"],
                    *["--generate-hashes", "--no-emit-index-url", *run.more, f"{name}.in", "-o", f"{name}.txt"],
                ],
                logs / "lock.log",
                doing=f"resolving {name}.in",
                cwd=run.layout.project,
            )
    return 0


def _pulumi(run: Run) -> str:
    return str(run.layout.project / "bin" / "pulumi")


TARGETS: Mapping[str, Callable[[Run], int]] = {
    function.__name__: function
    for function in (
        *(setup, up, preview, policy, plan, deploy, drift, comment, issue),
        *(test, lint, bench, rehearse, stop, down, clean, lock),
    )
}
