"""The steps of set-up against programs that only pretend: packages, environment, engine."""

import dataclasses
import io
import os
from pathlib import Path

import pytest

from tools.setup import engine, environment, files, kubernetes, packages
from tools.setup.errors import SetupError
from tools.setup.layout import PROJECT, Layout
from tools.setup.screen import Screen, Step


class Quiet(Step):
    """A step whose lines a test can read."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        super().__init__(Screen(self.stream, {}), "step")


def program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    project = tmp_path / "project"
    project.mkdir()
    for name in ("requirements.txt", "requirements-dev.txt"):
        (project / name).write_text("a==1\n")
    for part in ("cli", "language"):
        (project / "engine" / part).mkdir(parents=True)
        for name in ("go.mod", "go.sum"):
            (project / "engine" / part / name).write_bytes((PROJECT / "engine" / part / name).read_bytes())
    # Root's servers could not look into pytest's folders, so every test plays an ordinary user.
    made = Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "home")}, project=project)
    return dataclasses.replace(made, root=False)


def test_an_engine_on_path_is_taken_with_its_real_folder(layout: Layout, tmp_path: Path) -> None:
    real = program(tmp_path / "opt", "pulumi", "echo v3.250.1").parent
    program(real, "pulumi-language-python", "")
    program(real, "pulumi-language-python-exec", "")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "pulumi").symlink_to(real / "pulumi")
    step = Quiet()
    engine.ensure(layout, step, {"PATH": str(tmp_path / "bin")})
    assert layout.engine_link.readlink() == real
    assert step.note == "pulumi v3.250.1 on PATH"


def test_engines_that_do_not_serve_are_passed_over_aloud(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = program(tmp_path / "old", "pulumi", "echo v3.199.0").parent
    bare = program(tmp_path / "bare", "pulumi", "echo v3.259.0").parent
    ours = program(tmp_path / "ours", "pulumi", "exec python -m tools.setup.pulumi").parent
    monkeypatch.setattr(engine.shutil, "which", lambda _name: None)
    step = Quiet()
    path = os.pathsep.join(map(str, [ours, old, bare, "/nowhere"]))
    with pytest.raises(SetupError, match="no Go to build the engine with") as caught:
        engine.ensure(layout, step, {"PATH": path})
    shown = step.stream.getvalue()
    assert "version v3.199.0, wanted 3.200" in shown
    assert "it has no pulumi-language-python and no pulumi-language-python-exec beside it" in shown
    assert str(ours) not in shown
    assert "go.dev" in caught.value.fix


def test_an_old_go_is_refused_with_both_versions(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = program(tmp_path / "go", "go", "printf 'go1.24.2\\nlocal\\n'")
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SetupError, match=r"go1\.24\.2.*needs Go 1\.25"):
        engine.ensure(layout, Quiet(), {"PATH": str(go.parent)})


def test_a_failed_build_leaves_no_engine(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "case $1 in env) printf 'go1.26.0\\nlocal\\n';; *) echo no route to host; exit 1;; esac"
    go = program(tmp_path / "go", "go", script)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(SetupError, match="no route to host"):
        engine.ensure(layout, Quiet(), {"PATH": str(go.parent)})
    assert not layout.engine_link.exists()
    assert not [path for path in layout.tools.glob("engine-*") if path.suffix != ".tmp"]


def test_the_api_server_is_built_with_its_definitions(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend_go(layout, tmp_path, monkeypatch)
    step = Quiet()
    kubernetes.ensure(layout, step, dict(os.environ))
    assert step.note == "built kube-apiserver v1.36.3"
    made = layout.kubernetes_link.resolve()
    assert "gitVersion=v1.36.3" in (made / "bin" / "kube-apiserver").read_text()
    assert sorted(path.name for path in (made / "definitions").iterdir()) == [
        "c.yaml",
        "x_podmonitors.yaml",
        "x_prometheusrules.yaml",
        "x_scrapeconfigs.yaml",
    ]
    again = Quiet()
    kubernetes.ensure(layout, again, {"PATH": "/nowhere"})
    assert again.note == "already there", "a second run needs no Go"


def test_a_build_that_lacks_a_definition_gets_it_and_keeps_its_server(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend_go(layout, tmp_path, monkeypatch)
    kubernetes.ensure(layout, Quiet(), dict(os.environ))
    made = layout.kubernetes_link.resolve()
    server = made / "bin" / "kube-apiserver"
    server.write_text("as it was built before")
    (made / "definitions" / "x_scrapeconfigs.yaml").unlink()
    step = Quiet()
    kubernetes.ensure(layout, step, dict(os.environ))
    assert step.note == "added resource definitions"
    assert layout.kubernetes_link.resolve() == made
    assert server.read_text() == "as it was built before"
    assert sorted(path.name for path in (made / "definitions").iterdir()) == [
        "c.yaml",
        "x_podmonitors.yaml",
        "x_prometheusrules.yaml",
        "x_scrapeconfigs.yaml",
    ]


def test_a_module_without_its_definitions_is_named(
    layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = _pretend_go(layout, tmp_path, monkeypatch)
    (module / "example" / "prometheus-operator-crd" / "x_podmonitors.yaml").unlink()
    with pytest.raises(SetupError, match=r"prometheus-operator v0\.85\.0 has no example/prometheus-operator-crd"):
        kubernetes.ensure(layout, Quiet(), dict(os.environ))
    assert not layout.kubernetes_link.exists()


def _pretend_go(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Go that writes its flags as the program; all modules lie in one folder, which is returned."""
    for part in ("kubernetes", "definitions"):
        (layout.project / "engine" / part).mkdir()
        for name in ("go.mod", "go.sum"):
            (layout.project / "engine" / part / name).write_bytes((PROJECT / "engine" / part / name).read_bytes())
    module = tmp_path / "module"
    for path in (
        "config/crd/bases/c",
        "example/prometheus-operator-crd/x_podmonitors",
        "example/prometheus-operator-crd/x_prometheusrules",
        "example/prometheus-operator-crd/x_scrapeconfigs",
    ):
        (module / path).parent.mkdir(parents=True, exist_ok=True)
        (module / f"{path}.yaml").write_text("kind: CustomResourceDefinition\n")
    script = f"""case $1 in
    env) printf 'go1.26.0\\nlocal\\n';;
    mod) printf '{{"Dir": "{module}"}}\\n';;
    build) printf '%s' "$4" > "$6"; chmod 755 "$6";;
    esac"""
    go = program(tmp_path / "go", "go", script)
    monkeypatch.setenv("PATH", f"{go.parent}{os.pathsep}{os.environ['PATH']}")
    return module


def test_an_environment_that_is_complete_is_kept(layout: Layout) -> None:
    names = _environments(layout)
    step = Quiet()
    environment.ensure(layout, step, development=False)
    assert step.note == "already there"
    assert layout.environment_link.resolve().name == names[0]


def test_test_tools_are_added_to_the_same_environment_once(layout: Layout) -> None:
    names = _environments(layout)
    folder = layout.tools / names[0]
    program(folder / "bin", "python", f'case "$*" in *install*) echo "$*" >> "{folder}/pip";; *) echo 3 11;; esac')
    for development in (False, True, True, False):
        environment.ensure(layout, Quiet(), development=development)
    assert layout.environment_link.resolve() == folder, "servers run by this path"
    assert (folder / "pip").read_text().count("requirements-dev.txt") == 1


def _environments(layout: Layout) -> list[str]:
    """Two environments that look complete, one of another lock; `.venv` points to the right one."""
    plain = (layout.project / "requirements.txt").read_bytes()
    names = [f"venv-{files.digest(plain)}-py3.11", f"venv-{files.digest(b'other')}-py3.11"]
    for name in names:
        program(layout.tools / name / "bin", "python", "echo 3 11")
        (layout.tools / name / ".complete").write_text("")
    files.link(layout.environment_link, layout.tools / names[0])
    return names


def test_everything_there_needs_no_package(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    monkeypatch.setattr(packages, "missing", lambda _environ: [])
    step = Quiet()
    packages.ensure(layout, step, {})
    assert step.note == "already there"


def test_missing_programs_are_listed_by_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_program", lambda name, _environ: None if name in {"etcd", "haproxy"} else "/x")
    monkeypatch.setattr(packages, "installed_postgresql", lambda _environ: None)
    monkeypatch.setattr(packages, "system_python_without_pip", lambda: True)
    assert packages.missing({}) == ["etcd-server", "haproxy", "postgresql", "pgaudit", "python3-venv"]


def test_an_extension_is_installed_for_the_server_that_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_program", lambda _name, _environ: "/x")
    server = packages.PostgreSQL(16, pgaudit=False, contrib=True)
    monkeypatch.setattr(packages, "installed_postgresql", lambda _environ: server)
    monkeypatch.setattr(packages, "system_python_without_pip", lambda: False)
    assert packages.missing({}) == ["postgresql-16-pgaudit"]


APT = """
postgresql-13 - x
postgresql-15 - x
postgresql-15-pgaudit - x
postgresql-16 - x
"""


def test_the_newest_server_with_pgaudit_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.commands, "output", lambda *_words, **_named: APT)
    chosen = packages._resolve(["haproxy", "postgresql", "pgaudit"])
    assert chosen == ["haproxy", "postgresql-15", "postgresql-15-pgaudit"]
    assert packages._services(chosen) == ["haproxy", "postgresql"]


def test_sources_with_old_servers_only_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.commands, "output", lambda *_words, **_named: "postgresql-13 - x\n")
    with pytest.raises(SetupError, match="offer PostgreSQL 13; 15 or newer"):
        packages._resolve(["postgresql", "pgaudit"])


def test_without_root_the_command_is_shown(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    monkeypatch.setattr(packages, "missing", lambda _environ: ["haproxy"])
    monkeypatch.setattr(packages.shutil, "which", lambda name: None if name == "sudo" else "/x")
    with pytest.raises(SetupError, match="needs root: haproxy") as caught:
        packages.ensure(layout, Quiet(), {})
    assert "apt-get install --no-install-recommends haproxy" in caught.value.fix
    assert "systemctl disable --now haproxy" in caught.value.fix


def test_without_apt_the_names_are_shown(monkeypatch: pytest.MonkeyPatch, layout: Layout) -> None:
    monkeypatch.setattr(packages, "missing", lambda _environ: ["haproxy"])
    monkeypatch.setattr(packages.shutil, "which", lambda _name: None)
    with pytest.raises(SetupError, match="haproxy, and there is no apt-get"):
        packages.ensure(layout, Quiet(), {})
