"""What is kept of the engine's output, what is not, and what the command line makes of it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from delivery.cli import main
from delivery.recording import kept, record
from tests.fixtures.engine_previews import PREVIEWS

ROOT = Path(__file__).resolve().parents[2]
NEEDLE = "hunter2-needle"


def event(kind: str, **content: Any) -> dict[str, Any]:
    return {"sequence": 1, "timestamp": 2, kind: content}


def step(kind: str, operation: str, **metadata: Any) -> dict[str, Any]:
    urn = "urn:pulumi:dev::project::a:b:C::name"
    state = {"inputs": {"a": NEEDLE}, "outputs": {}, "parent": "up"}
    return event(kind, metadata={"op": operation, "urn": urn, "old": state, "new": state, **metadata})


def engine(tmp_path: Path, *lines: object, code: int = 0) -> list[str]:
    """A command that prints these lines as the engine would."""
    script = tmp_path / "engine.py"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    script.write_text(
        f"import os, sys\nassert os.environ['PULUMI_ENABLE_STREAMING_JSON_PREVIEW'] == 'true'\n"
        f"print({chr(10).join(texts)!r})\nsys.exit({code})\n"
    )
    return [sys.executable, str(script)]


def test_debug_messages_which_hold_secrets_are_dropped(tmp_path: Path) -> None:
    target, said = tmp_path / "kept" / "preview.jsonl", list[str]()
    lines = [
        event("diagnosticEvent", severity="debug", message=f"string_value: {NEEDLE}"),
        event("diagnosticEvent", severity="warning", message=f"at postgresql://user:{NEEDLE}@host/db"),
        event("stdoutEvent", message=NEEDLE),
        f"plain postgresql://user:{NEEDLE}@host",
        step("resourcePreEvent", "same"),
        step("resOutputsEvent", "update"),
        step("resOutputsEvent", "refresh"),
        event("summaryEvent", resourceChanges={"same": 1}, result="succeeded", PolicyPacks={NEEDLE: "x"}),
    ]
    assert record(engine(tmp_path, *lines), target, said.append) == 0
    assert NEEDLE not in target.read_text()
    assert NEEDLE not in "\n".join(said)
    assert [next(iter({*json.loads(line)} - {"sequence"})) for line in target.read_text().splitlines()] == [
        *("diagnosticEvent", "resourcePreEvent", "resOutputsEvent", "summaryEvent")
    ]
    assert target.stat().st_mode & 0o777 == 0o600
    assert "warning: at postgresql://[secret]@host/db" in said
    assert "resources: 1 same" in said


def test_what_changes_is_kept_whole() -> None:
    begun = step("resourcePreEvent", "update")
    assert kept(begun) == {"sequence": 1, "resourcePreEvent": {"metadata": begun["resourcePreEvent"]["metadata"]}}
    found = step("resOutputsEvent", "refresh", diffs=["a"])
    reduced = kept(found)
    assert reduced is not None
    assert reduced["resOutputsEvent"]["metadata"]["new"]["inputs"] == {"a": NEEDLE}


def test_recordings_have_no_debug_messages() -> None:
    for path in PREVIEWS.glob("*.jsonl"):
        assert '"severity":"debug"' not in path.read_text()
        assert "string_value" not in path.read_text()


def test_the_engine_s_exit_code_is_the_recorder_s(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "preview.jsonl"
    line = event(
        "policyEvent",
        policyName="rule",
        enforcementLevel="mandatory",
        message="found\n",
        resourceUrn="",
        severity="low",
    )
    command = engine(tmp_path, line, step("resourcePreEvent", "update", diffs=["a"]), code=7)
    assert main(["record", "--to", str(target), "--", *command], {}) == 7
    shown = capsys.readouterr().out
    assert "policy rule [mandatory]: found" in shown
    assert "a:b:C name [a]" in shown
    assert main(["record", "--to", str(target), "--", "/nowhere/pulumi"], {}) == 1
    assert not target.exists(), "what is left from before is not taken for this run's"


def test_a_signal_is_handed_on_and_the_engine_waited_for(tmp_path: Path) -> None:
    script = tmp_path / "engine.py"
    script.write_text(
        "import signal, sys, time\n"
        'def end(*_): print(\'{"sequence": 1, "summaryEvent": {"result": "failed"}}\', flush=True); sys.exit(9)\n'
        "signal.signal(signal.SIGTERM, end)\nprint('ready', flush=True)\ntime.sleep(60)\n"
    )
    target = tmp_path / "preview.jsonl"
    words = [sys.executable, "-m", "delivery", "record", "--to", str(target), "--", sys.executable, str(script)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        assert recorder.stdout.readline() == "ready\n"
        time.sleep(0.1)
        os.kill(recorder.pid, signal.SIGTERM)
        assert recorder.wait(20) == 9
    assert "summaryEvent" in target.read_text()


def test_the_commands_exit_codes_mean_something(capsys: pytest.CaptureFixture[str]) -> None:
    previews = {path.stem: str(path) for path in PREVIEWS.glob("*.jsonl")}
    assert main(["comment", "--preview", previews["change"]], {}) == 0
    assert main(["comment", "--forbid-loss", "--preview", previews["change"]], {}) == 4
    assert main(["comment", "--forbid-loss", "--preview", previews["same"]], {}) == 0
    assert main(["comment", "--preview", previews["same"], "--policy", "a", "b"], {}) == 1
    assert "2 policy reports for 1 previews" in capsys.readouterr().err
    assert [main(["drift", "--preview", previews[name]], {}) for name in ("same", "drift", "broken")] == [0, 3, 1]
    capsys.readouterr()
    assert main(["count", "--preview", previews["change"]], {}) == 0
    assert capsys.readouterr().out == "8\n"
    with pytest.raises(SystemExit) as caught:
        main([], {})
    assert caught.value.code == 2


def test_help_has_examples_that_are_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"], {})
    shown = capsys.readouterr().out
    assert shown.count("python -m delivery ") >= 6
    assert "exit codes:" in shown


def test_it_runs_without_any_environment() -> None:
    """The job that comments has a bare Python and a checkout."""
    command = [
        "-I",
        "-S",
        "-c",
        (
            f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom delivery.cli import main\n"
            "sys.exit(main(sys.argv[1:], {}))"
        ),
    ]
    words = [sys.executable, *command, "comment", "--preview", str(PREVIEWS / "change.jsonl")]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PYTHONIOENCODING": "utf-8"})
    assert done.returncode == 0, done.stderr
    assert "this would lose data" in done.stdout
