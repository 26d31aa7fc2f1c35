"""System packages: found by their programs, installed with apt-get only where one is missing.

What is installed here never starts by itself: not while it is installed, not at the next boot. Packages that were
there before are left as they are. An installation that was cut off, even by a power cut, is taken up by the next run.
"""

import contextlib
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.setup import commands, files
from tools.setup.environment import system_python_without_pip
from tools.setup.errors import SetupError
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["ensure", "missing"]

OLDEST_POSTGRESQL = 15
_PROGRAMS = {
    "etcd": "etcd-server",
    "etcdctl": "etcd-client",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "openssl": "openssl",
    "setpriv": "util-linux",
}
# Services that the packages would run on their own.
_SERVICES = {
    "etcd-server": "etcd",
    "haproxy": "haproxy",
    "pgbouncer": "pgbouncer",
    "postgresql": "postgresql",
}
_SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not on every user's PATH
_POLICY = Path("/usr/sbin/policy-rc.d")
_POLICY_OWNER = "Fashion Wallet"  # in the text of a policy of ours
_POLICY_TEXT = (
    f"#!/bin/sh\n# {_POLICY_OWNER}: no service starts while packages install. Removed right after.\nexit 101\n"
)
_DPKG_LOCK = Path("/var/lib/dpkg/lock-frontend")
_LOCKS = Path("/proc/locks")
_CREATECLUSTER = Path("/etc/postgresql-common/createcluster.d/fashion-wallet.conf")
_CREATECLUSTER_TEXT = (
    "# Fashion Wallet makes its own clusters; a package must not add one.\ncreate_main_cluster = false\n"
)


@dataclass(frozen=True, slots=True)
class PostgreSQL:
    """An installed server: its major version and whether pgaudit and the contrib extensions are beside it."""

    major: int
    pgaudit: bool
    contrib: bool


def _program(name: str, environ: Mapping[str, str]) -> str | None:
    path = os.pathsep.join([environ.get("PATH", os.defpath), *_SYSTEM_FOLDERS])
    return shutil.which(name, path=path)


def installed_postgresql(environ: Mapping[str, str]) -> PostgreSQL | None:
    """The newest installed server of a major that serves, None where there is none."""
    binaries = [*Path("/usr/lib/postgresql").glob("*/bin/pg_config"), *Path("/usr").glob("pgsql-*/bin/pg_config")]
    if on_path := _program("pg_config", environ):
        binaries.append(Path(on_path))
    # Debian has pg_config in a development package, so its servers are looked for by their own program too.
    binaries += Path("/usr/lib/postgresql").glob("*/bin/postgres")
    if on_path := _program("postgres", environ):
        binaries.append(Path(on_path))
    found = []
    for binary in binaries:
        if not os.access(binary.with_name("postgres"), os.X_OK):
            continue
        version = re.search(r"(\d+)", commands.output([str(binary.with_name("postgres")), "--version"]) or "")
        if version is None or int(version[1]) < OLDEST_POSTGRESQL:
            continue
        major = int(version[1])
        extensions = _extension_folder(binary, major)
        found.append(
            PostgreSQL(
                major,
                pgaudit=(extensions / "pgaudit.control").exists(),
                contrib=(extensions / "pg_stat_statements.control").exists(),
            )
        )
    return max(found, key=lambda server: (server.major, server.pgaudit), default=None)


def _extension_folder(binary: Path, major: int) -> Path:
    debian = Path(f"/usr/share/postgresql/{major}/extension")
    if debian.is_dir():
        return debian
    shared = commands.output([str(binary.with_name("pg_config")), "--sharedir"])
    return Path((shared or "/nonexistent").strip()) / "extension"


def missing(environ: Mapping[str, str]) -> list[str]:
    """Packages whose files are not there, by Debian's names.

    `postgresql` and `pgaudit` stand for those of the newest major.
    """
    wanted = [package for program, package in _PROGRAMS.items() if _program(program, environ) is None]
    server = installed_postgresql(environ)
    if server is None:
        wanted += ["postgresql", "pgaudit"]
    else:
        wanted += [f"postgresql-{server.major}-pgaudit"] if not server.pgaudit else []
        wanted += ["postgresql-contrib"] if not server.contrib else []
    if not Path("/etc/ssl/certs/ca-certificates.crt").exists() and not Path("/etc/pki/tls/certs").is_dir():
        wanted.append("ca-certificates")
    if system_python_without_pip():
        wanted.append("python3-venv")
    return wanted


def _half_installed() -> list[str]:
    """Packages of this project that dpkg has begun and not ended: their files may all be there, their users not."""
    listed = commands.output(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"]) or ""
    states = [line.partition(" ") for line in listed.splitlines()]
    ours = re.compile("|".join([*_PROGRAMS.values(), "ca-certificates", r"postgresql(-common|-\d+(-pgaudit)?)?"]))
    ended = {"installed", "config-files", "not-installed"}
    return [name for name, _, state in states if state not in ended and ours.fullmatch(name)]


def _marker(layout: Layout) -> Path:
    """Names the packages of an installation from before apt-get begins until nothing of it is left to do."""
    return layout.tools / "packages-begun"


def ensure(layout: Layout, step: Step, environ: Mapping[str, str]) -> None:
    """Install what is missing, and end what an earlier run or another program left half installed.

    Raises:
        SetupError: Something is missing and cannot be installed by this user or on this system.
    """
    marker = _marker(layout)
    begun = marker.read_text(encoding="utf-8").split() if marker.exists() else []
    wanted = [*dict.fromkeys([*missing(environ), *begun])]
    half = [] if _installer_at_work() else _half_installed()  # while one is at work, ending it is that one's business
    needed = [*dict.fromkeys([*wanted, *half])]
    if not needed:
        step.note = "already there"
        _remove_stale_policy(layout, step)
        return
    if shutil.which("apt-get") is None:
        raise SetupError(
            f"these are missing: {', '.join(needed)}, and there is no apt-get here to install them",
            "install them with this system's package manager (the names are Debian's) and run the same command again",
        )
    prefix = _privilege(layout)
    if prefix is None:
        raise _for_an_administrator(wanted, half)
    layout.logs.mkdir(parents=True, exist_ok=True)
    fix = "put right what the log names (the network, a package source), then run the same command again"
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"]
    commands.logged(step, [*apt, "update"], layout.logs / "apt-update.log", doing="reading package lists", fix=fix)
    packages = _resolve(wanted)
    named = [*dict.fromkeys([*packages, *half])]
    step.say(f"installing {', '.join(named)}")
    files.write(marker, "\n".join(packages))
    with _no_services(prefix):
        # An installation that was cut off keeps apt-get from every other one.
        mend = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--configure", "-a"]
        commands.logged(step, mend, layout.logs / "dpkg.log", doing="mending what was cut off", fix=fix)
        commands.logged(
            step,
            [*apt, "install", "--yes", "--no-install-recommends", *named],
            layout.logs / "apt-install.log",
            doing=f"installing {len(named)} packages",
            fix=fix,
        )
        # What only dpkg calls half installed may be somebody's own service in the middle of an upgrade.
        _disable(prefix, packages)
    marker.unlink()
    if left := missing(environ):
        raise SetupError(f"still missing after the installation: {', '.join(left)}", f"see {layout.logs}")
    step.note = f"installed {len(named)} packages"


def _privilege(layout: Layout) -> list[str] | None:
    """The words before a command that needs root: none for root, else sudo, asked for its password now.

    None where this user cannot become root.
    """
    if layout.root:
        return []
    if shutil.which("sudo") and (
        commands.output(["sudo", "-n", "true"]) is not None
        or (sys.stdin.isatty() and commands.foreground(["sudo", "-v"], cwd=layout.project) == 0)
    ):
        return ["sudo", "-n"]
    return None


def _for_an_administrator(wanted: Sequence[str], half: Sequence[str]) -> SetupError:
    """The same installation as commands to type, which keep services from starting as set-up itself does."""
    try:
        packages = _resolve(wanted)
    except SetupError:
        packages = list(wanted)  # no package lists yet: apt-get update comes first
    names = " ".join(dict.fromkeys([*packages, *half]))
    services = _services(packages)
    lines = [
        f"mkdir -p {_CREATECLUSTER.parent}",
        f"echo 'create_main_cluster = false' > {_CREATECLUSTER}",
        f"dpkg --configure -a; apt-get update && apt-get install --no-install-recommends {names}",
    ]
    if _policy_is_ours():
        text = _POLICY_TEXT.replace("\n", "\\n")
        lines.insert(2, f"printf '{text}' > {_POLICY}; chmod 755 {_POLICY}")
        lines.append(f"rm {_POLICY}")
    if services:
        lines.append(f"systemctl disable --now {' '.join(services)}")
    return SetupError(
        f"these packages are missing or half installed, and installing them needs root: {names}",
        "in a shell of root's (su -, or sudo -s), type\n"
        + "".join(f"    {line}\n" for line in lines)
        + "  then run the same command again",
    )


def _resolve(wanted: Sequence[str]) -> list[str]:
    """Real package names: the newest server that has pgaudit beside it, else the newest.

    Raises:
        SetupError: The package sources have no server that is new enough.
    """
    if "postgresql" not in wanted:
        return list(wanted)
    listed = commands.output(["apt-cache", "search", "--names-only", "^postgresql-[0-9]+(-pgaudit)?$"]) or ""
    names = {line.split()[0] for line in listed.splitlines() if line.strip()}
    majors = sorted(
        (int(match[1]) for name in names if (match := re.fullmatch(r"postgresql-(\d+)", name))), reverse=True
    )
    usable = [major for major in majors if major >= OLDEST_POSTGRESQL]
    if not usable:
        raise SetupError(
            f"the package sources offer PostgreSQL {', '.join(map(str, majors)) or 'in no version'}; "
            f"{OLDEST_POSTGRESQL} or newer is needed",
            "use Debian 12, Ubuntu 24.04 or newer, or add the package source of postgresql.org",
        )
    major = next((major for major in usable if f"postgresql-{major}-pgaudit" in names), usable[0])
    real = {"postgresql": [f"postgresql-{major}"], "pgaudit": [f"postgresql-{major}-pgaudit"]}
    return [name for package in wanted for name in real.get(package, [package])]


@contextlib.contextmanager
def _no_services(prefix: Sequence[str]) -> Iterator[None]:
    """Keep packages from starting services and from making a cluster while they install."""
    _as_root(prefix, "mkdir", "-p", str(_CREATECLUSTER.parent))
    if not _CREATECLUSTER.exists():
        _as_root(prefix, "sh", "-c", 'printf %s "$1" > "$2"', "sh", _CREATECLUSTER_TEXT, str(_CREATECLUSTER))
    # A policy of ours may lie there already: a run that was killed left it, or another data folder's set-up is at work.
    ours = _policy_is_ours()
    if ours:
        _as_root(prefix, "sh", "-c", 'printf %s "$1" > "$2" && chmod 755 "$2"', "sh", _POLICY_TEXT, str(_POLICY))
    try:
        yield
    finally:
        if ours and not _installer_at_work():
            _as_root(prefix, "rm", "-f", str(_POLICY))


def _policy_is_ours() -> bool:
    """Whether the machine's policy for services is free for set-up: absent, or of its own making."""
    return not _POLICY.exists() or _POLICY_OWNER in _POLICY.read_text(encoding="utf-8", errors="replace")


def _installer_at_work() -> bool:
    """Whether a program holds dpkg's lock: one that a killed run left behind, or another's."""
    try:
        inode = str(_DPKG_LOCK.stat().st_ino)
        held = _LOCKS.read_text(encoding="utf-8")
    except OSError:
        return False
    return re.search(rf":{inode} ", held) is not None


def _remove_stale_policy(layout: Layout, step: Step) -> None:
    """Take away a policy that a killed run left behind: it keeps every service of this machine from starting."""
    if not _POLICY.exists() or not _policy_is_ours() or _installer_at_work():
        return
    prefix = _privilege(layout)
    if prefix is None:
        step.say(f"{_POLICY}, left by a set-up that was killed, keeps services from starting; as root: rm {_POLICY}")
        return
    _as_root(prefix, "rm", "-f", str(_POLICY))
    step.note += f"; removed {_POLICY}, which a killed set-up had left"


def _services(packages: Sequence[str]) -> list[str]:
    return sorted(
        service
        for start, service in _SERVICES.items()
        if any(re.fullmatch(rf"{start}(-\d+)?", package) for package in packages)
    )


def _disable(prefix: Sequence[str], packages: Sequence[str]) -> None:
    """Keep the services of packages that were installed just now from starting at the next boot."""
    for service in _services(packages):
        if shutil.which("systemctl"):
            _as_root(prefix, "systemctl", "disable", service)
        elif _program("update-rc.d", os.environ):
            _as_root(prefix, "update-rc.d", service, "disable")


def _as_root(prefix: Sequence[str], *argv: str) -> None:
    if commands.output([*prefix, *argv]) is None and argv[0] not in {"systemctl", "update-rc.d"}:
        raise SetupError(f"as root, this failed: {' '.join(argv[:3])} …", "see whether the disk is full or read-only")
