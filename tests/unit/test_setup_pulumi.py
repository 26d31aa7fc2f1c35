"""bin/pulumi: the words and variables that the engine gets."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.setup import plugins, pulumi
from tools.setup.layout import PROJECT, Layout

# A shebang cannot name a Python in a folder with a space.
ENGINE = f"""#!/bin/sh
'''''exec' "{sys.executable}" -S "$0" "$@"
''' #'
import json, os, sys
json.dump({{"argv": sys.argv[1:], "env": dict(os.environ), "pid": os.getpid()}}, open(os.environ["RECORD"], "w"))
sys.exit(7)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A clone in a folder with a space, whose engine writes down how it was called."""
    root = tmp_path / "a clone"
    for folder in ("bin", "tools"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "requirements.txt").write_text("pulumi-postgresql==3.18.2 \\\n")
    (root / ".engine").mkdir()
    (root / ".engine" / "pulumi").write_text(ENGINE)
    (root / ".engine" / "pulumi").chmod(0o755)
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(sys.executable)
    return root


def call(project: Path, *argv: str, cwd: Path, **environ: str) -> dict[str, object]:
    record = project / "record.json"
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "FASHION_"))}
    env = {**kept, "RECORD": str(record), "FASHION_WALLET_HOME": str(project / "ho me"), **environ}
    done = subprocess.run(
        [str(project / "bin" / "pulumi"), *argv], cwd=cwd, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 7, done.stderr
    seen: dict[str, object] = json.loads(record.read_text())
    return seen


def test_the_engine_gets_folder_pack_and_environment(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else where"
    (elsewhere / "tools").mkdir(parents=True)
    seen = call(project, "up", "--yes", cwd=elsewhere, PYTHONPATH="/evil")
    assert seen["argv"] == ["-C", str(project), "up", "--policy-pack", str(project / "policies" / "pack"), "--yes"]
    env = seen["env"]
    assert isinstance(env, dict)
    path = env["PATH"].split(os.pathsep)
    assert path[:3] == [
        str(project / ".venv" / "bin"),
        str(project / ".engine"),
        str(project / "plugins" / "walletdb"),
    ]
    home = project / "ho me"
    stand_in = home / "pulumi" / "plugins" / "resource-postgresql-v3.18.2" / "pulumi-resource-postgresql"
    assert stand_in.readlink() == project / "plugins" / "postgresql" / "pulumi-resource-postgresql"
    assert env["PULUMI_HOME"] == str(home / "pulumi")
    assert env["PULUMI_BACKEND_URL"] == f"file://{home}/pulumi/state"
    assert env["PULUMI_CONFIG_PASSPHRASE_FILE"] == str(home / "pulumi" / "passphrase")
    assert env["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert env["PULUMI_SKIP_UPDATE_CHECK"] == "true"
    assert "PYTHONPATH" not in env
    assert (home / "pulumi" / "passphrase").stat().st_mode & 0o777 == 0o600


def test_what_the_caller_set_stays(project: Path) -> None:
    salted = project / "Pulumi.dev.yaml"
    salted.write_text("encryptionsalt: v1:x\n")
    seen = call(
        project,
        "stack",
        cwd=project,
        PULUMI_BACKEND_URL="s3://b",
        PULUMI_CONFIG_PASSPHRASE="",
        PULUMI_HOME=str(project / "own"),
    )
    env = seen["env"]
    assert isinstance(env, dict)
    assert env["PULUMI_BACKEND_URL"] == "s3://b"
    assert env["PULUMI_HOME"] == str(project / "own")
    assert str(project / "plugins" / "postgresql") in env["PATH"].split(os.pathsep)
    assert not (project / "own" / "plugins").exists(), "nothing is installed in a home of the caller's own"
    assert "PULUMI_CONFIG_PASSPHRASE_FILE" not in env
    assert "PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER" not in env
    assert "encryptionsalt" in salted.read_text()


def test_the_official_plugin_goes_before_the_stand_in(project: Path) -> None:
    for version, executable in (("3.18.2", True), ("3.0.0", True)):
        folder = project / "ho me" / "pulumi" / "plugins" / f"resource-postgresql-v{version}"
        folder.mkdir(parents=True)
        (folder / "pulumi-resource-postgresql").write_text("")
        (folder / "pulumi-resource-postgresql").chmod(0o755 if executable else 0o644)
    env = call(project, "about", cwd=project)["env"]
    assert isinstance(env, dict)
    path = env["PATH"].split(os.pathsep)
    assert path[3].endswith("plugins/resource-postgresql-v3.18.2")
    assert str(project / "plugins" / "postgresql") not in path


@pytest.mark.parametrize("gone", [".venv", ".engine"])
def test_without_set_up_it_says_so(project: Path, gone: str) -> None:
    shutil.rmtree(project / gone)
    done = subprocess.run([str(project / "bin" / "pulumi"), "up"], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run make setup" in done.stderr


def test_through_a_link_it_finds_its_project(project: Path, tmp_path: Path) -> None:
    link = tmp_path / "pulumi"
    link.symlink_to(project / "bin" / "pulumi")
    done = subprocess.run(
        [str(link), "version"],
        env={**os.environ, "RECORD": str(tmp_path / "r"), "FASHION_WALLET_HOME": str(tmp_path / "h")},
        check=False,
    )
    assert done.returncode == 7


@pytest.mark.parametrize(
    "argv",
    [
        ["preview"],
        ["pre", "-s", "dev"],
        ["up"],
        ["update", "--yes"],
        ["-s", "dev", "up"],
        ["--color", "never", "--non-interactive", "up"],
        ["-v=3", "preview"],
    ],
)
def test_every_preview_and_update_gets_the_pack(argv: list[str]) -> None:
    words = pulumi.arguments(argv, Path("/p"))
    index = next(number for number, word in enumerate(words) if word in {"preview", "pre", "up", "update"})
    assert words[index + 1 : index + 3] == ["--policy-pack", "/p/policies/pack"]


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["stack", "output", "up"],
        ["-s", "up", "destroy"],
        ["refresh"],
        ["up", "--policy-pack", "mine"],
        ["up", "--policy-pack=mine"],
    ],
)
def test_nothing_else_gets_the_pack(argv: list[str]) -> None:
    assert pulumi.arguments(argv, Path("/p")) == ["-C", "/p", *argv]


def test_no_pinned_sdk_means_no_official_plugin(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("")
    layout = Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path)}, project=tmp_path)
    assert plugins.official_plugin(layout, "postgresql") is None


CLOUD_STACK = "config:\n  fashion-wallet:substrate: cloud\n"
PINS = "pulumi-aws==7.51.1\npulumi-kubernetes==4.34.2\npulumi-mongodbatlas==4.18.0\n"


@pytest.mark.parametrize(
    "argv",
    [
        ["preview", "-s", "prod"],
        ["up", "--stack=organization/fashion-wallet/prod", "--yes"],
        ["-s", "prod", "destroy"],
        ["refresh", "--config-file", "{}/Pulumi.prod.yaml"],
        ["up"],
    ],
)
def test_a_cloud_stack_without_its_plugins_is_refused_with_the_fix(project: Path, argv: list[str]) -> None:
    (project / "requirements.txt").write_text(PINS)
    (project / "Pulumi.prod.yaml").write_text(CLOUD_STACK)
    pulumi_home = project / "ho me" / "pulumi"
    (pulumi_home / "workspaces").mkdir(parents=True)
    name = hashlib.sha1(str(project / "Pulumi.yaml").encode()).hexdigest()  # noqa: S324 - the engine's own naming
    selected = {"stacks": {f"file://{pulumi_home}/state": "organization/fashion-wallet/prod"}}
    (pulumi_home / "workspaces" / f"fashion-wallet-{name}-workspace.json").write_text(json.dumps(selected))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PULUMI_", "FASHION_"))}
    done = subprocess.run(
        [str(project / "bin" / "pulumi"), *(word.format(project) for word in argv)],
        env={**kept, "HOME": str(project), "FASHION_WALLET_HOME": str(project / "ho me")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "not installed: aws v7.51.1, kubernetes v4.34.2, mongodbatlas v4.18.0" in done.stderr
    assert "bin/pulumi plugin install resource kubernetes v4.34.2\n" in done.stderr
    assert "make rehearse" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "argv",
    [
        ["preview", "-s", "dev"],
        ["up"],
        ["plugin", "install", "resource", "aws", "v7.51.1", "-s", "prod"],
        ["stack", "output", "-s", "prod"],
        ["up", "-s", "nowhere"],
    ],
)
def test_whatever_needs_no_cloud_plugin_is_let_through(project: Path, argv: list[str]) -> None:
    (project / "requirements.txt").write_text(PINS)
    (project / "Pulumi.prod.yaml").write_text(CLOUD_STACK)
    (project / "Pulumi.dev.yaml").write_text("config:\n  fashion-wallet:substrate: local\n")
    call(project, *argv, cwd=project, HOME=str(project))


def test_cloud_plugins_that_are_installed_are_used(project: Path) -> None:
    (project / "requirements.txt").write_text(PINS)
    (project / "Pulumi.prod.yaml").write_text(CLOUD_STACK)
    wanted = {"aws": "7.51.1", "kubernetes": "4.34.2", "mongodbatlas": "4.18.0"}
    for name, version in wanted.items():
        folder = project / ".pulumi" / "plugins" / f"resource-{name}-v{version}"
        folder.mkdir(parents=True)
        (folder / f"pulumi-resource-{name}").touch(0o755)
    env = call(project, "up", "-s", "prod", cwd=project, HOME=str(project))["env"]
    assert isinstance(env, dict)
    on_path = env["PATH"].split(os.pathsep)
    assert {f"resource-{name}-v{version}" for name, version in wanted.items()} <= {Path(each).name for each in on_path}
    assert str(project / "plugins" / "aws") not in on_path


def test_a_rehearsal_gets_the_stand_ins_and_never_the_vendors(project: Path) -> None:
    (project / "requirements.txt").write_text(PINS)
    (project / "Pulumi.prod.yaml").write_text(CLOUD_STACK)
    vendors = project / "ho me" / "pulumi" / "plugins" / "resource-aws-v7.51.1"
    vendors.mkdir(parents=True)
    (vendors / "pulumi-resource-aws").touch(0o755)
    env = call(project, "up", "-s", "prod", cwd=project, HOME=str(project), FASHION_WALLET_REHEARSAL="/r")["env"]
    assert isinstance(env, dict)
    on_path = env["PATH"].split(os.pathsep)
    stand_ins = [str(project / "plugins" / name) for name in ("postgresql", "aws", "kubernetes", "mongodbatlas")]
    assert on_path[3:7] == stand_ins
    assert str(vendors) not in on_path


def test_walletdb_without_set_up_says_so(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "bin", tmp_path / "bin")
    done = subprocess.run([str(tmp_path / "bin" / "walletdb")], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "run make setup" in done.stderr
