"""System packages: an installation that was cut off is ended, and no package's own service starts."""

import dataclasses
import io
import subprocess
from pathlib import Path

import pytest

from tools.setup import commands, packages
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Screen, Step

FOREIGN = "#!/bin/sh\nexit 101\n"


@dataclasses.dataclass(frozen=True)
class Machine:
    """A machine whose system programs only note that they were called."""

    layout: Layout
    folder: Path
    shown: io.StringIO

    @property
    def policy(self) -> Path:
        return self.folder / "policy-rc.d"

    @property
    def marker(self) -> Path:
        return self.layout.tools / "packages-begun"

    @property
    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text().splitlines() if path.exists() else []

    def program(self, name: str, script: str) -> None:
        path = self.folder / "bin" / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def noted(self, name: str, script: str = "") -> None:
        self.program(name, f'echo "{name} $*" >> "{self.folder}/calls"\n{script}')

    def packages_are(self, states: str) -> None:
        self.program("dpkg-query", f"printf '{states}'")

    def set_up(self, *, root: bool = True) -> str:
        """Run the step and return what it noted."""
        step = Step(Screen(self.shown, {}), "system packages")
        packages.ensure(dataclasses.replace(self.layout, root=root), step, {})
        return step.note


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "bin").mkdir()
    layout = Layout.from_environment({"FASHION_WALLET_HOME": str(tmp_path / "home")}, project=project)
    layout.tools.mkdir(parents=True)
    made = Machine(layout, tmp_path, io.StringIO())
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    monkeypatch.setattr(packages, "_POLICY", made.policy)
    monkeypatch.setattr(packages, "_CREATECLUSTER", tmp_path / "createcluster.d" / "fashion-wallet.conf")
    monkeypatch.setattr(packages, "_LOCKS", tmp_path / "locks")
    monkeypatch.setattr(packages, "missing", lambda _environ: [])
    for name in ("dpkg", "systemctl"):
        made.noted(name)
    policy = f'echo "policy: $(tail -n 1 "{made.policy}")" >> "{tmp_path}/calls"'
    made.noted("apt-get", f'if [ -e "{made.policy}" ]; then {policy}; fi')
    made.program("sudo", "exit 1")
    made.packages_are("haproxy installed\\netcd-client installed\\n")
    return made


def test_an_installation_killed_before_it_configured_is_ended(machine: Machine) -> None:
    """All files are there, so that nothing looks missing."""
    machine.marker.write_text("haproxy\npostgresql-15")
    machine.policy.write_text(packages._POLICY_TEXT)
    machine.set_up()
    assert machine.calls == [
        "apt-get -o DPkg::Lock::Timeout=120 update",
        "policy: exit 101",
        "dpkg --configure -a",
        "apt-get -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends haproxy postgresql-15",
        "policy: exit 101",
        "systemctl disable haproxy",
        "systemctl disable postgresql",
    ]
    assert not machine.policy.exists()
    assert not machine.marker.exists()
    assert machine.set_up() == "already there"


def test_an_interrupted_installation_is_remembered(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_words: object, doing: str, **_named: object) -> None:
        if doing.startswith("installing"):
            raise KeyboardInterrupt

    monkeypatch.setattr(packages, "missing", lambda _environ: ["haproxy"])
    monkeypatch.setattr(commands, "logged", interrupted)
    with pytest.raises(KeyboardInterrupt):
        machine.set_up()
    assert machine.marker.read_text() == "haproxy"
    assert not machine.policy.exists()
    assert not [call for call in machine.calls if call.startswith("systemctl")]


@pytest.mark.parametrize("state", ["half-installed", "unpacked", "half-configured", "triggers-pending"])
def test_what_dpkg_calls_half_installed_is_ended(machine: Machine, state: str) -> None:
    machine.packages_are(f"haproxy {state}\\netcd-client installed\\nnginx half-configured\\n")
    machine.set_up()
    assert "dpkg --configure -a" in machine.calls
    installed = [call for call in machine.calls if " install " in call]
    assert [call.partition("--no-install-recommends ")[2] for call in installed] == ["haproxy"]
    # It may be somebody's own, in the middle of an upgrade.
    assert not [call for call in machine.calls if call.startswith("systemctl")]


def test_packages_of_others_are_left_to_them(machine: Machine) -> None:
    machine.packages_are("nginx half-configured\\nhaproxy config-files\\n")
    assert machine.set_up() == "already there"


def test_a_policy_that_a_killed_run_left_is_removed(machine: Machine) -> None:
    machine.policy.write_text(packages._POLICY_TEXT)
    assert "removed" in machine.set_up()
    assert not machine.policy.exists()


def test_all_is_left_to_an_installer_that_is_at_work(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = machine.folder / "lock-frontend"
    lock.touch()
    monkeypatch.setattr(packages, "_DPKG_LOCK", lock)
    inode = lock.stat().st_ino
    (machine.folder / "locks").write_text(f"1: POSIX  ADVISORY  WRITE 4711 fe:00:{inode} 0 EOF\n")
    machine.packages_are("haproxy half-configured\\n")
    machine.policy.write_text(packages._POLICY_TEXT)
    assert machine.set_up() == "already there"
    assert machine.policy.exists()


@pytest.mark.parametrize("begun", [True, False])
def test_a_machines_own_policy_is_left_alone(machine: Machine, *, begun: bool) -> None:
    machine.policy.write_text(FOREIGN)
    if begun:
        machine.marker.write_text("haproxy")
    machine.set_up()
    assert machine.policy.read_text() == FOREIGN


def test_without_root_a_stale_policy_is_named(machine: Machine) -> None:
    machine.policy.write_text(packages._POLICY_TEXT)
    assert machine.set_up(root=False) == "already there"
    assert f"as root: rm {machine.policy}" in machine.shown.getvalue()


@pytest.mark.parametrize("own", [False, True])
def test_the_commands_for_an_administrator_start_no_service(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, *, own: bool
) -> None:
    """They are run as they are printed; on a machine that has a policy of its `own`, that one serves and stays."""
    monkeypatch.setattr(packages, "missing", lambda _environ: ["haproxy", "pgbouncer"])
    if own:
        machine.policy.write_text(FOREIGN)
    with pytest.raises(SetupError, match="missing or half installed, and installing them needs root") as caught:
        machine.set_up(root=False)
    lines = [line.strip() for line in caught.value.fix.splitlines() if line.startswith("    ")]
    subprocess.run(["sh", "-e", "-c", "\n".join(lines)], check=True)
    assert machine.calls == [
        "dpkg --configure -a",
        "apt-get update",
        "policy: exit 101",
        "apt-get install --no-install-recommends haproxy pgbouncer",
        "policy: exit 101",
        "systemctl disable --now haproxy pgbouncer",
    ]
    assert (machine.folder / "createcluster.d" / "fashion-wallet.conf").read_text() == "create_main_cluster = false\n"
    assert machine.policy.exists() == own


def test_an_administrator_disables_no_service_of_somebody_elses_upgrade(machine: Machine) -> None:
    machine.packages_are("haproxy half-configured\\n")
    with pytest.raises(SetupError, match="needs root: haproxy") as caught:
        machine.set_up(root=False)
    assert "dpkg --configure -a" in caught.value.fix
    assert "systemctl" not in caught.value.fix


def test_a_policy_typed_by_an_administrator_is_known_as_ours(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda _environ: ["haproxy"])
    with pytest.raises(SetupError) as caught:
        machine.set_up(root=False)
    line = next(line for line in caught.value.fix.splitlines() if "printf" in line)
    subprocess.run(["sh", "-c", line], check=True)
    assert machine.policy.read_text() == packages._POLICY_TEXT
    assert machine.policy.stat().st_mode & 0o777 == 0o755
