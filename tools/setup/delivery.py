"""Plans, comments, deployments and drift: what the workflows do, each a target, so that it runs everywhere alike.

The text of comments and issues is made by the room `delivery`, which needs no environment.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tools.setup import commands, files, stack, state
from tools.setup.errors import SetupError
from tools.setup.layout import STACKS, Layout
from tools.setup.screen import Screen

__all__ = ["comment", "deploy", "drift", "fits", "issue", "plan"]

_SUMMARY = "GITHUB_STEP_SUMMARY"


def plan(layout: Layout, screen: Screen, environ: Mapping[str, str], more: Sequence[str]) -> int:
    """Save what an update would do: a plan to deploy, and the preview that comments are made of.

    With FROM the stack is brought up first as that commit declares it, so that a stack of nothing but this machine
    shows what changes from there. With REVIEWED, a commit on main, the plan that was reviewed with its pull request is
    taken where it was made from the very files that are here.
    """
    folder = _folder(layout)
    saved, kept = folder / "plan.json", folder / "preview.jsonl"
    files.remove(folder)  # a plan from before must not be taken for this one
    if (commit := environ.get("REVIEWED")) and _take_reviewed(layout, screen, commit) == 0:
        _tell(layout, environ, kept)
        return 0
    if base := environ.get("FROM"):
        _bring_up(layout, screen, environ, base)
    _reach_kubernetes(layout, environ)
    stack.look(layout, screen)
    engine = [*_engine(layout, "preview"), "--json", "--refresh", "--save-plan", str(saved), *more]
    code = _delivery(layout, "record", "--to", str(kept), "--", *engine)
    state.tidy_settings(layout)
    if code == 0:
        code = _delivery(layout, "note", "--plan", str(saved), "--stack", layout.stack)
    else:
        files.remove(saved)
    _tell(layout, environ, kept)
    screen.line(f"plan: {folder}" if code == 0 else f"no plan: the preview {commands.ending(code)}; see {kept}")
    return code


def fits(layout: Layout) -> int:
    """Whether the saved plan is for what is here; the exit code of a deployment where it is not."""
    return _delivery(layout, "check", "--plan", str(_folder(layout) / "plan.json"), "--stack", layout.stack)


def deploy(layout: Layout, screen: Screen, environ: Mapping[str, str], more: Sequence[str]) -> int:
    """Bring about what the saved plan says, and nothing else.

    The engine previews under the plan before it touches anything, so a plan that does not fit any more changes nothing.

    Raises:
        SetupError: The engine refused or failed.
    """
    _reach_kubernetes(layout, environ)
    stack.make_ready(layout, screen)
    saved = _folder(layout) / "plan.json"
    words = [*_engine(layout, "up"), "--yes", "--refresh", "--plan", str(saved)]
    words += ["--suppress-outputs", "--suppress-progress", *more]
    code = commands.foreground(words, cwd=layout.project)
    state.tidy_settings(layout)
    if code:
        raise SetupError(
            f"the deployment {commands.ending(code)}; what it made so far is kept",
            "put right what its message above names. Where it says `violates plan`, state or program changed after the "
            f"plan was made: make plan STACK={layout.stack}, look at it, and deploy that",
            exit_code=code,
        )
    files.remove(saved)  # it is used up: a second update needs a plan of its own
    screen.line(f"deployed: stack {layout.stack} is as planned")
    return 0


def drift(layout: Layout, screen: Screen, environ: Mapping[str, str], more: Sequence[str]) -> int:
    """Compare reality, recorded state and program: 0 where they agree, 3 where not, 1 where nobody can tell."""
    _reach_kubernetes(layout, environ)
    stack.look(layout, screen)
    kept = _folder(layout) / "drift.jsonl"
    engine = [*_engine(layout, "preview"), "--json", "--refresh", "--expect-no-changes", *more]
    code = _delivery(layout, "record", "--to", str(kept), "--", *engine)
    state.tidy_settings(layout)
    words = ["drift", "--preview", str(kept), "--stack", layout.stack]
    _summarize(layout, environ, *words)
    return _delivery(layout, *words) or code


def comment(layout: Layout, environ: Mapping[str, str], more: Sequence[str]) -> int:
    """The comment out of all previews that were saved: printed, or put on PULL_REQUEST where that is given."""
    number = environ.get("PULL_REQUEST", "")
    folder = layout.project / "plans"
    there = [path.parent.name for path in sorted(folder.glob("*/preview.jsonl"))]
    # On a pull request a preview that is not there is worth saying; on a machine it is just not made.
    stacks = dict.fromkeys((*STACKS, *there) if number else there)
    if not stacks:
        raise SetupError(f"there is no preview in {folder}", "make plan STACK=dev, then make comment")
    words = ["comment", "--preview", *(str(folder / name / "preview.jsonl") for name in stacks)]
    if commit := environ.get("COMMIT"):
        words += ["--commit", commit]
    return _delivery(layout, *words, *(["--pull-request", number] if number else []), *more)


def issue(layout: Layout, environ: Mapping[str, str], more: Sequence[str]) -> int:
    """The issue about drift out of what make drift saved: opened, updated or closed where GITHUB_TOKEN is given."""
    words = ["drift", "--preview", str(_folder(layout) / "drift.jsonl"), "--stack", layout.stack]
    return _delivery(layout, *words, *(["--issue"] if environ.get("GITHUB_TOKEN") else []), *more)


def _folder(layout: Layout) -> Path:
    return layout.project / "plans" / layout.stack


def _engine(layout: Layout, command: str) -> list[str]:
    return [str(layout.project / "bin" / "pulumi"), command, "-s", layout.stack, "--non-interactive"]


def _delivery(layout: Layout, *words: str) -> int:
    return commands.foreground([sys.executable, "-m", "delivery", *words], cwd=layout.project)


def _take_reviewed(layout: Layout, screen: Screen, commit: str) -> int:
    words = ["--commit", commit, "--stack", layout.stack, "--to", str(_folder(layout))]
    code = _delivery(layout, "reviewed", *words)
    if code:
        screen.line("so a new plan is made")
    return code


def _reach_kubernetes(layout: Layout, environ: Mapping[str, str]) -> None:
    """Where KUBERNETES_CLUSTER names a cluster of EKS, make a kubeconfig for whoever this run is.

    Raises:
        SetupError: It cannot be made.
    """
    cluster = environ.get("KUBERNETES_CLUSTER")
    if not cluster or os.environ.get("KUBECONFIG"):
        return
    path = layout.home / "kubeconfig"
    words = ["--name", cluster, "--alias", environ.get("KUBERNETES_CONTEXT") or cluster, "--kubeconfig", str(path)]
    if commands.output(["aws", "eks", "update-kubeconfig", *words]) is None:
        raise SetupError(
            f"aws eks update-kubeconfig failed for cluster {cluster}",
            "install the AWS command line, and let this run's role describe the cluster; or set KUBECONFIG",
        )
    os.environ["KUBECONFIG"] = str(path)


def _tell(layout: Layout, environ: Mapping[str, str], kept: Path) -> None:
    """In a workflow: the preview on the page of the run, and how much would change for the jobs after this."""
    if not kept.exists():
        return
    _summarize(layout, environ, "comment", "--preview", str(kept))
    if output := environ.get("GITHUB_OUTPUT"):
        count = commands.output([sys.executable, "-m", "delivery", "count", "--preview", str(kept)], cwd=layout.project)
        with Path(output).open("a", encoding="utf-8") as stream:
            stream.write(f"changes={(count or 'unknown').strip()}\n")


def _summarize(layout: Layout, environ: Mapping[str, str], *words: str) -> None:
    """Add the text to the page of the workflow's run, where it runs in one."""
    if summary := environ.get(_SUMMARY):
        text = commands.output([sys.executable, "-m", "delivery", *words], cwd=layout.project, any_code=True)
        with Path(summary).open("a", encoding="utf-8") as stream:
            stream.write(text or "")


def _bring_up(layout: Layout, screen: Screen, environ: Mapping[str, str], base: str) -> None:
    """Bring the stack up as another commit declares it, out of a work tree of its own."""
    log = layout.logs / "base.log"
    with tempfile.TemporaryDirectory(prefix="fw-base-") as scratch, screen.step(f"stack as of {base}") as step:
        tree = Path(scratch) / "base"
        git = ["git", "-C", str(layout.project), "worktree"]
        commands.logged(step, [*git, "add", "--detach", str(tree), base], log, doing="checking it out")
        try:
            if layout.stack_file.exists() and not (tree / layout.stack_file.name).exists():
                shutil.copyfile(layout.stack_file, tree / layout.stack_file.name)
            # Its last lines are URLs with passwords: they go to the log, which is on this machine only.
            commands.logged(
                step,
                ["make", "up", f"STACK={layout.stack}"],
                log,
                doing="bringing it up",
                cwd=tree,
                env={**environ, "FASHION_WALLET_HOME": str(layout.home)},
            )
        finally:
            commands.output([*git, "remove", "--force", str(tree)])
