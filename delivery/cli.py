"""The command line: `python -m delivery record | note | check | reviewed | count | comment | drift`."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from delivery import comment as comments
from delivery import drift as drifts
from delivery import plans, reviewed
from delivery.comment import Report
from delivery.errors import DeliveryError
from delivery.github import GitHub
from delivery.preview import Finding, Preview, read, read_findings
from delivery.recording import record

__all__ = ["main"]

LABEL: Final = "drift"
DRIFTED: Final = 3
_LOSES: Final = 4
_NOBODY_READS: Final = 141
_EXAMPLES: Final = """
examples:
  keep what a preview prints, without secrets
    python -m delivery record --to plans/dev/preview.jsonl -- bin/pulumi preview --json -s dev
  the comment, for both stacks
    python -m delivery comment --preview plans/dev/preview.jsonl plans/prod/preview.jsonl > comment.md
  the same from the plain document, with a policy report of its own
    bin/pulumi preview --json -s dev > dev.json
    python -m delivery comment --preview dev.json --policy policy-dev.json
  the issue about drift
    python -m delivery drift --preview plans/prod/drift.jsonl
  say what a saved plan is for, and find out later whether it still fits
    python -m delivery note --stack prod --plan plans/prod/plan.json
    python -m delivery check --stack prod --plan plans/prod/plan.json

exit codes:
  0  well
  1  something cannot be made, sent or trusted; the message says why and what to do
  2  wrong words on the command line
  3  drift: reality, state and program differ (only `drift`, without --issue)
  4  with --forbid-loss: data would be lost (only `comment`)
  else, of `record`, what the engine ended with
"""


def main(argv: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = _parser().parse_args(argv)
    run: Callable[[argparse.Namespace, Mapping[str, str]], int] = words.run
    try:
        return run(words, os.environ if environ is None else environ)
    except DeliveryError as error:
        print(f"delivery: {error.cause}\n  How to go on: {error.fix}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read this is gone; what Python still holds must not fail a second time.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _NOBODY_READS


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m delivery",
        description="Comments on pull requests, issues about drift and saved plans, out of what the engine prints.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="command")

    one = commands.add_parser("record", help="run the engine and keep its events, without secrets")
    one.add_argument("--to", type=Path, required=True, metavar="FILE", help="where the events go")
    one.add_argument("command", nargs="+", help="after --: the engine, with --json among its words")
    one.set_defaults(run=_record)

    one = commands.add_parser("comment", help="the comment on a pull request, as Markdown")
    one.add_argument("--preview", type=Path, nargs="+", required=True, metavar="FILE", help="a preview of each stack")
    one.add_argument("--policy", type=Path, nargs="+", default=[], metavar="FILE", help="policy reports, in that order")
    one.add_argument("--commit", default="", help="the commit that was previewed")
    one.add_argument("--pull-request", type=int, metavar="NUMBER", help="put it there; GITHUB_TOKEN must be set")
    one.add_argument("--forbid-loss", action="store_true", help="end with 4 where data would be lost")
    one.set_defaults(run=_comment)

    one = commands.add_parser("drift", help="the issue about drift: its title, then its body as Markdown")
    one.add_argument("--preview", type=Path, required=True, metavar="FILE", help="a preview that began with a refresh")
    one.add_argument("--stack", default="", help="the stack's name; else the name of the file's folder")
    one.add_argument("--issue", action="store_true", help="open, update or close it; GITHUB_TOKEN must be set")
    one.set_defaults(run=_drift)

    one = commands.add_parser("count", help="how many resources an update would change")
    one.add_argument("--preview", type=Path, required=True, metavar="FILE")
    one.set_defaults(run=_count)

    one = commands.add_parser("reviewed", help="take the plan that was reviewed with the pull request of a commit")
    one.add_argument("--commit", required=True, help="the commit on main")
    one.add_argument("--stack", required=True)
    one.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    one.add_argument("--project", type=Path, default=Path(), metavar="FOLDER", help="else the current folder")
    one.set_defaults(run=_reviewed)

    for name, text in (("note", "say beside a plan what it is for"), ("check", "whether a plan is for what is here")):
        one = commands.add_parser(name, help=text)
        one.add_argument("--plan", type=Path, required=True, metavar="FILE")
        one.add_argument("--stack", required=True)
        one.add_argument("--project", type=Path, default=Path(), metavar="FOLDER", help="else the current folder")
        one.set_defaults(run=_note if name == "note" else _check)
    return parser


def _record(words: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    return record(words.command, words.to, lambda line: print(line, flush=True))


def _comment(words: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if words.policy and len(words.policy) != len(words.preview):
        raise DeliveryError(
            f"{len(words.policy)} policy reports for {len(words.preview)} previews",
            "give --policy one file for each file of --preview, in the same order, or none",
        )
    reports = [_report(path, words.policy[index] if words.policy else None) for index, path in enumerate(words.preview)]
    text = comments.comment(reports, commit=words.commit, run_url=_run_url(environ))
    if words.pull_request is None:
        sys.stdout.write(text)
    else:
        print(_github(environ).put_comment(words.pull_request, comments.MARKER, text))
    loses = any(report.preview and (comments.losses(report.preview) or report.preview.lost) for report in reports)
    return _LOSES if words.forbid_loss and loses else 0


def _report(path: Path, policy: Path | None) -> Report:
    """One stack's report; a preview that cannot be read is said in the comment, not passed over."""
    stack = _stack_of(path)
    try:
        preview = read(path, stack)
        findings: tuple[Finding, ...] = read_findings(policy, preview.stack) if policy else ()
    except DeliveryError as error:
        return Report(stack=stack, preview=None, missing=error.cause)
    return Report(stack=preview.stack or stack, preview=preview, findings=findings)


def _drift(words: argparse.Namespace, environ: Mapping[str, str]) -> int:
    stack = words.stack or _stack_of(words.preview)
    preview: Preview | None
    try:
        preview = read(words.preview, stack)
    except DeliveryError as error:
        print(f"delivery: {error.cause}", file=sys.stderr)
        preview = None
    made = drifts.issue(preview, stack, run_url=_run_url(environ))
    print(f"{made.title}\n\n{made.body}")
    if words.issue:
        print(_github(environ).put_issue(made, drifts.marker(stack), LABEL), file=sys.stderr)
        return 0
    return {"clean": 0, "unknown": 1}.get(made.verdict, DRIFTED)


def _count(words: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    print(len(read(words.preview).changes))
    return 0


def _reviewed(words: argparse.Namespace, environ: Mapping[str, str]) -> int:
    print(reviewed.take(_github(environ), words.commit, words.to, words.project, words.stack))
    return 0


def _note(words: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    made = plans.note(words.plan, words.project, words.stack)
    print(f"{words.plan} is for stack {made.stack}, files {made.tree[:12]} (commit {made.commit[:12]}), {made.engine}")
    return 0


def _check(words: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    made = plans.check(words.plan, words.project, words.stack)
    print(f"{words.plan} fits: stack {made.stack}, files {made.tree[:12]}, made from commit {made.commit[:12]}")
    return 0


def _stack_of(path: Path) -> str:
    """plans/prod/preview.jsonl is of stack prod; prod.json too."""
    return path.parent.name or path.stem.partition(".")[0]


def _run_url(environ: Mapping[str, str]) -> str:
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")
    server, repository, run = (environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}" if server and repository and run else ""


def _github(environ: Mapping[str, str]) -> GitHub:
    found = GitHub.of(environ)
    if found is None:
        raise DeliveryError("GITHUB_TOKEN is not set, so nothing can be written to GitHub", "leave out the option")
    return found
