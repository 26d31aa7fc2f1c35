"""The rehearsal's engine: its words, its event log, and how it is interrupted; with a program that only pretends."""

import contextlib
import json
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from rehearsal.engine import Engine, copy_events, read_events
from rehearsal.errors import RehearsalError

URN = "urn:pulumi:prod::fashion-wallet::fashionwallet:a:B$aws:s3/bucket:Bucket::logs"
FIND_LOG = 'log=; while [ $# -gt 0 ]; do [ "$1" = --event-log ] && log=$2; shift; done'


def event(kind: str, **content: object) -> str:
    return json.dumps({"sequence": 1, "timestamp": 1, kind: content})


def step(operation: str, kind: str = "resOutputsEvent") -> str:
    return event(kind, metadata={"op": operation, "urn": URN, "type": "aws:s3/bucket:Bucket"})


def engine(tmp_path: Path, script: str) -> Engine:
    """An engine whose `bin/pulumi` is a shell script."""
    program = tmp_path / "pulumi"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    (tmp_path / "logs").mkdir()
    settings = tmp_path / "settings" / "Pulumi.prod.yaml"
    settings.parent.mkdir()
    return Engine(program, tmp_path / "logs", settings, {"PATH": os.environ["PATH"]})


def test_an_event_log_is_read_to_its_broken_end(tmp_path: Path) -> None:
    log = tmp_path / "events"
    lines = [
        step("create", "resourcePreEvent"),
        step("create"),
        step("same"),
        event("diagnosticEvent", severity="error", message="no room"),
        '{"sequence":1,"diagnosticEvent":{"message":"secret","severity":"debug"}}',
        event("policyEvent", policyName="dataguard-forbid-data-loss", message="lost", enforcementLevel="mandatory"),
        event("policyEvent", policyName="advice", message="well", enforcementLevel="advisory"),
        event("summaryEvent", resourceChanges={"create": 1, "same": 1}),
        '{"sequence": 2, "resOutp',
    ]
    log.write_text("\n".join(lines))
    changes, counts, errors, policies = read_events(log)
    assert [(change.operation, change.done) for change in changes] == [
        ("create", False),
        ("create", True),
        ("same", True),
    ]
    assert (changes[0].type, changes[0].name) == ("aws:s3/bucket:Bucket", "logs")
    assert counts == {"create": 1, "same": 1}
    assert errors == ("no room",)
    assert policies == {"dataguard-forbid-data-loss": "lost"}
    assert read_events(tmp_path / "none") == ((), {}, (), {})


@pytest.mark.parametrize(
    "words,there,absent",
    [
        (["up"], ["--config-file", "--event-log", "--skip-preview", "--yes", "--suppress-progress"], ["--cwd"]),
        (["preview", "--json"], ["--config-file", "--json"], ["--yes", "--suppress-progress", "--cwd"]),
        (["stack", "export"], ["--cwd"], ["--config-file", "--event-log", "--yes"]),
    ],
)
def test_each_command_gets_its_options(tmp_path: Path, words: list[str], there: list[str], absent: list[str]) -> None:
    outcome = engine(tmp_path, 'printf "%s\\n" "$@"').run(*words)
    said = outcome.succeeded().text.splitlines()
    assert said[: len(words)] == words
    assert said[said.index("--stack") + 1] == "prod"
    assert set(there) <= set(said)
    assert not set(absent) & set(said)


def test_a_failure_says_what_the_engine_said(tmp_path: Path) -> None:
    failing = engine(
        tmp_path, f"{FIND_LOG}; echo '{event('diagnosticEvent', severity='error', message='boom')}' > $log; exit 255"
    )
    outcome = failing.run("up")
    with pytest.raises(RehearsalError, match="bin/pulumi up: ended with code 255\n    boom") as caught:
        outcome.succeeded()
    assert caught.value.log == outcome.log


def test_a_failure_before_the_log_shows_standard_error(tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match="no such stack"):
        engine(tmp_path, "echo no such stack >&2; exit 1").run("stack", "export").succeeded()


def test_changes_leave_out_what_only_is_foreseen_or_same(tmp_path: Path) -> None:
    lines = "\n".join([step("update", "resourcePreEvent"), step("update"), step("same"), step("refresh")])
    outcome = engine(tmp_path, f"{FIND_LOG}; cat > $log <<'E'\n{lines}\nE").run("up")
    assert [change.operation for change in outcome.changed] == ["update"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_engine_is_interrupted_when_so_much_is_done(
    tmp_path: Path, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rehearsal.ending.PLUGINS_S", 0.2)
    # The shell waits for its child before it handles a signal, so it waits in the background.
    script = (
        f"{FIND_LOG}; trap 'exit 9' INT; echo '{step('create')}' > $log; sleep 0.2; echo '{step('create')}' >> $log; "
        "sleep 60 & wait $!"
    )
    started = time.monotonic()
    outcome = engine(tmp_path, script).interrupt(number, 2, "up")
    assert outcome.code == (9 if number == signal.SIGINT else -signal.SIGKILL)
    assert len(outcome.changed) == 2
    assert time.monotonic() - started < 30, "what the engine left in its group is ended too"


def test_an_engine_is_killed_at_a_moment_that_suits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rehearsal.ending.PLUGINS_S", 0.2)
    answers = iter([False, True, False, True, True])
    failed = step("create", "resOpFailedEvent")
    script = f"{FIND_LOG}; printf '{step('create')}\\n{failed}\\n' > $log; exec sleep 60"
    outcome = engine(tmp_path, script).interrupt(signal.SIGKILL, 1, "up", when=lambda: next(answers))
    assert outcome.code == -signal.SIGKILL
    assert list(answers) == [], "it is asked again while the engine is stopped, which goes on where it does not suit"
    assert len(outcome.changed) == 1, "what failed is no change"


def test_what_a_killed_engine_leaves_in_another_group_is_ended(tmp_path: Path) -> None:
    script = f"{FIND_LOG}; setsid sleep 60 & echo '{step('create')}' > $log; exec sleep 60"
    running = engine(tmp_path, script)
    home = str(tmp_path / "home")
    running._variables["PULUMI_HOME"] = home
    running.interrupt(signal.SIGKILL, 1, "up")
    left = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            left += [process] if process.environ().get("PULUMI_HOME") == home else []
    assert left == []


def test_an_engine_that_ends_too_early_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RehearsalError, match="ended before 2 of its operations were done"):
        engine(tmp_path, "exit 0").interrupt(signal.SIGINT, 2, "up")


def test_outputs_and_state_are_parsed(tmp_path: Path) -> None:
    running = engine(tmp_path, 'case "$2" in output) echo \'{"a": 1}\';; *) echo \'{"deployment": {"b": 2}}\';; esac')
    assert running.outputs() == {"a": 1}
    assert running.state() == {"b": 2}


def test_the_screen_is_told_what_goes_on(tmp_path: Path) -> None:
    running = engine(tmp_path, "sleep 0.1")
    said: list[str] = []
    running.tick = said.append
    running.run("destroy")
    assert said[0] == "destroy, 0 changes so far"


def test_events_of_the_first_preview_are_copied_without_debug_messages(tmp_path: Path) -> None:
    logs, target = tmp_path / "logs", tmp_path / "copy"
    logs.mkdir()
    copy_events(logs, "preview", target)
    assert not target.exists()
    secret = event("diagnosticEvent", severity="debug", message="a secret")
    (logs / "engine-02-preview.events").write_text(f"{step('create')}\n{secret}\n{{half")
    (logs / "engine-03-preview.events").write_text(step("delete"))
    copy_events(logs, "preview", target)
    assert [json.loads(line) for line in target.read_text().splitlines()] == [json.loads(step("create"))]
    assert target.stat().st_mode & 0o077 == 0
