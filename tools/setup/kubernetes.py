"""A Kubernetes API server and the resource definitions of its operators, for the rehearsal: out of Go modules."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from tools.setup import files
from tools.setup.errors import SetupError
from tools.setup.go_build import GoBuild, digest, is_complete, making, pinned
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["ensure"]

_RECIPE = b"2"  # raise it when the way it is made changes
_MODULE = "k8s.io/kubernetes"
_SERVER = "kube-apiserver"
_PURPOSE = "the Kubernetes API server of the rehearsal"
_FREE_BYTES = 4 << 30  # modules and build cache take 3 GB, the server 0.1 GB
_DEFINITIONS = {
    "github.com/cloudnative-pg/cloudnative-pg": ("config/crd/bases/*.yaml",),
    "github.com/cloudnative-pg/plugin-barman-cloud": ("config/crd/bases/*.yaml",),
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/*_podmonitors.yaml",
        "example/prometheus-operator-crd/*_prometheusrules.yaml",
        "example/prometheus-operator-crd/*_scrapeconfigs.yaml",
    ),
}


def ensure(layout: Layout, step: Step, environ: Mapping[str, str]) -> None:
    """Have `.kubernetes` point to a folder with `bin/kube-apiserver` and `definitions/*.yaml`.

    Raises:
        SetupError: There is no Go, the build failed, or a module no longer has the definitions where they were.
    """
    name = f"kubernetes-{digest(layout, _RECIPE, 'kubernetes', 'definitions')}"
    current = layout.kubernetes_link.resolve()
    target = current if current.name == name else layout.tools / name
    if not _complete(target):
        _build(layout, step, environ, target)
        step.note = f"built {_SERVER} {pinned(layout, 'kubernetes', _MODULE)}"
    elif _lacks_definitions(target / "definitions"):
        _copy_definitions(_definitions(layout, step, environ), target / "definitions")
        step.note = "added resource definitions"
    else:
        step.note = "already there"
    if target != current:
        files.link(layout.kubernetes_link, target)


def _complete(folder: Path) -> bool:
    return is_complete(folder) and os.access(folder / "bin" / _SERVER, os.X_OK)


def _lacks_definitions(folder: Path) -> bool:
    """Whether it was made when fewer were wanted; other versions of them have a folder of their own."""
    names = {Path(pattern).name for patterns in _DEFINITIONS.values() for pattern in patterns}
    return any(next(folder.glob(name), None) is None for name in names)


def _definitions(layout: Layout, step: Step, environ: Mapping[str, str]) -> GoBuild:
    return GoBuild.of(layout, step, environ, "definitions", purpose=_PURPOSE)


def _build(layout: Layout, step: Step, environ: Mapping[str, str], target: Path) -> None:
    server = GoBuild.of(layout, step, environ, "kubernetes", purpose=_PURPOSE)
    definitions = _definitions(layout, step, environ)
    version = pinned(layout, "kubernetes", _MODULE)
    major, minor = version.removeprefix("v").split(".")[:2]
    # Without a version in it the server says v0.0.0, and clients find nothing that they know.
    stamps = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s -w", *(f"-X k8s.io/component-base/version.{name}={text}" for name, text in stamps.items())])
    with making(target, needed_bytes=_FREE_BYTES, purpose=_PURPOSE) as scratch:
        _copy_definitions(definitions, scratch / "definitions")
        server.build(f"{_MODULE}/cmd/{_SERVER}", scratch / "bin" / _SERVER, flags, minutes=8)


def _copy_definitions(build: GoBuild, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for module, patterns in _DEFINITIONS.items():
        source = build.module(module, "kubernetes-definitions")
        for pattern in patterns:
            found = sorted(source.glob(pattern))
            if not found:
                raise SetupError(
                    f"{module} {pinned(build.layout, 'definitions', module)} has no {pattern}",
                    "pin a version in engine/definitions/go.mod that has it, or correct the path in "
                    "tools/setup/kubernetes.py",
                )
            for path in found:
                new = folder / f"{path.name}.new"  # a kill leaves no half file that would pass for a whole one
                shutil.copyfile(path, new)
                new.replace(folder / path.name)
