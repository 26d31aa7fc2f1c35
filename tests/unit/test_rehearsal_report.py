"""The rehearsal as a command: which steps run, what is shown, what the report says, how it ends."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from rehearsal import __main__ as command
from rehearsal.environment import CREDENTIALS, clean, forget_clouds, stand_in_variables
from rehearsal.errors import RehearsalError
from rehearsal.rehearsing import Found, by_type, types_of
from rehearsal.report import Report, StepResult, unverified
from rehearsal.steps import STEPS, Step, chosen
from rehearsal.verification import NOBODY, lax, verifiers


def test_a_step_brings_what_it_needs_in_order() -> None:
    assert [step.name for step in chosen(["drift"])] == ["stack", "up", "drift"]
    assert [step.name for step in chosen([])] == [step.name for step in STEPS]
    with pytest.raises(RehearsalError, match="no such step: nonsense; steps are stack, preview"):
        chosen(["nonsense"])


def test_a_wrong_step_ends_the_command_with_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command.parse(["--only", "nonsense"])
    assert ended.value.code == 2
    assert "databases" in capsys.readouterr().err


def test_the_environment_leads_to_no_cloud(tmp_path: Path) -> None:
    caller = {
        "PATH": "/bin",
        "AWS_PROFILE": "prod",
        "AWS_ENDPOINT_URL_S3": "https://example.org",
        "MONGODB_ATLAS_PUBLIC_KEY": "real",
        "KUBECONFIG": "/real",
        "PULUMI_ACCESS_TOKEN": "real",
        "https_proxy": "http://proxy",
        "PGHOST": "real",
        "HOME": "/root",
    }
    assert clean(caller) == {"PATH": "/bin", "HOME": "/root"}
    own = dict(caller)
    forget_clouds(own)
    assert own == {"PATH": "/bin", "HOME": "/root", **CREDENTIALS}
    told = stand_in_variables(tmp_path, aws="http://127.0.0.1:1", kms="https://127.0.0.1:3", atlas="http://127.0.0.1:2")
    assert told["AWS_CONFIG_FILE"] == "/dev/null"
    assert told["KUBECONFIG"] == str(tmp_path / "kubeconfig")
    assert told["FASHION_WALLET_REHEARSAL"] == str(tmp_path)


def test_types_are_counted_without_components_and_providers() -> None:
    deployment = {
        "resources": [
            {"type": "pulumi:pulumi:Stack"},
            {"type": "pulumi:providers:aws", "custom": True},
            {"type": "aws:s3/bucket:Bucket", "custom": True},
            {"type": "aws:s3/bucket:Bucket", "custom": True},
            {"type": "kubernetes:core/v1:Secret", "custom": True},
        ]
    }
    assert types_of(deployment) == {"aws:s3/bucket:Bucket": 2, "kubernetes:core/v1:Secret": 1}
    assert by_type(types_of(deployment)) == "aws 2, kubernetes 1"


def test_what_nobody_else_takes_is_named() -> None:
    types = {"aws:iam/role:Role": 3, "mongodbatlas:index/project:Project": 1, "kubernetes:core/v1:Secret": 2}
    known = verifiers(types)
    assert known["aws:iam/role:Role"] == "moto"
    assert known["kubernetes:core/v1:Secret"] == "kube-apiserver"
    assert verifiers(["unheard:of:Type"]) == {"unheard:of:Type": NOBODY}
    assert unverified(types, known) == {"mongodbatlas:index/project:Project": 1}


def test_another_major_and_a_missing_extension_are_said() -> None:
    servers = SimpleNamespace(postgres_version="15.18", timescaledb=False)
    settings = SimpleNamespace(get=lambda *_path, **_named: "17.5")
    lines = lax(servers, settings)  # type: ignore[arg-type]
    assert "PostgreSQL: this machine has 15.18, production is to have 17.5" in lines
    assert any(line.startswith("TimescaleDB") for line in lines)


def test_a_report_without_steps_has_not_passed() -> None:
    assert not Report().passed
    good = StepResult(name="a", proves="b", passed=True, seconds=1.234, resources=4, found=("c",))
    report = Report(steps=[good], not_verified={"x:y:Z": 2}, lax=["d"], machine={"moto": "5"})
    document = report.document()
    assert document["passed"] is True
    assert document["steps"][0] == {
        "name": "a",
        "proves": "b",
        "passed": True,
        "seconds": 1.23,
        "resources": 4,
        "found": ("c",),
        "error": "",
    }
    assert document["not_verified_by_anyone_elses_code"] == {"x:y:Z": 2}
    assert "  x:y:Z  2" in report.lines()
    assert "  d" in report.lines()


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Step]:
    """A rehearsal whose servers and settings are pretended; its steps are the returned list's."""
    steps: list[Step] = []
    servers = SimpleNamespace(postgres_version="17.1", timescaledb=True)
    up = SimpleNamespace(servers=servers, processes=SimpleNamespace(dead=list))

    @contextlib.contextmanager
    def world(folder: Path, _context: str, _environ: object) -> Iterator[object]:
        (folder / "logs" / "x.log").write_text("text")
        (folder / "data").mkdir()
        (folder / "kept" / "operator.json").write_text('{"not_verified": ["no pod runs"]}')
        yield up

    settings = SimpleNamespace(context="prod", get=lambda *_path, default: default)
    monkeypatch.setattr(command, "world", world)
    monkeypatch.setattr(command, "_machine", lambda _up: {"PostgreSQL": "17.1"})
    monkeypatch.setattr(command.ProdSettings, "copy", lambda _project, _folder: settings)
    rehearsing = SimpleNamespace(engine=SimpleNamespace(), types={"mongodbatlas:index/project:Project": 1})
    monkeypatch.setattr(command, "_prepare", lambda *_arguments: rehearsing)
    monkeypatch.setattr(command, "chosen", lambda _only: steps)
    monkeypatch.setattr(command.signal, "signal", lambda *_arguments: None)
    return steps


def test_a_good_run_shows_each_step_and_leaves_nothing(
    pretended: list[Step], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pretended.append(Step(name="one", proves="that it runs", run=lambda _: Found(lines=("seen",), resources=7)))
    code = command.main(["--directory", str(tmp_path / "d"), "--json", str(tmp_path / "report.json")], {})
    shown = capsys.readouterr().out
    assert code == 0
    assert "one 0.0 s (7 resources)" in shown
    assert "    that it runs\n    - seen\n" in shown
    assert "mongodbatlas:index/project:Project  1" in shown
    assert "  no pod runs" in shown
    assert not (tmp_path / "d").exists()
    assert json.loads((tmp_path / "report.json").read_text())["passed"] is True


def test_a_failed_step_keeps_the_logs_and_says_where(
    pretended: list[Step], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_rehearsing: object) -> Found:
        raise RehearsalError("bin/pulumi up: ended with code 255\n    no room")

    pretended.append(Step(name="one", proves="it", run=fail))
    pretended.append(Step(name="two", proves="never", run=fail))
    code = command.main(["--directory", str(tmp_path / "d"), "--json", str(tmp_path / "report.json")], {})
    shown = capsys.readouterr().out
    assert code == 1
    assert "one 0.0 s" in shown
    assert "two" not in shown
    assert "no room" in shown
    assert f"logs are kept in {tmp_path / 'd' / 'logs'}" in shown
    assert [path.name for path in (tmp_path / "d").iterdir()] == ["logs"]
    report = json.loads((tmp_path / "report.json").read_text())
    assert (report["passed"], report["steps"][-1]["error"][:13]) == (False, "bin/pulumi up")


def test_an_interrupted_run_says_so(pretended: list[Step], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt(_rehearsing: object) -> Found:
        raise KeyboardInterrupt

    pretended.append(Step(name="one", proves="it", run=interrupt))
    assert command.main(["--directory", str(tmp_path / "d")], {}) == 130
    assert "was interrupted" in capsys.readouterr().out
    assert not (tmp_path / "d").exists()


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("")
    assert command.main(["--directory", str(tmp_path)], {}) == 1
    assert "is not empty" in capsys.readouterr().out
    assert (tmp_path / "mine").exists()
