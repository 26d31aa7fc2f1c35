"""The checker of workflows that is a Go program: built from the modules that `engine/actionlint` pins."""

import os
from collections.abc import Mapping
from pathlib import Path

from tools.setup.go_build import GoBuild, digest, is_complete, making, pinned
from tools.setup.layout import Layout
from tools.setup.screen import Step

__all__ = ["ensure"]

_RECIPE = b"1"  # raise it when the way it is built changes
_MODULE = "github.com/rhysd/actionlint"
_FREE_BYTES = 512 << 20  # modules and build cache take 0.2 GB


def ensure(layout: Layout, step: Step, environ: Mapping[str, str]) -> Path:
    """Have the program and return its path.

    Raises:
        SetupError: There is no Go, or the build failed.
    """
    target = layout.tools / f"actionlint-{digest(layout, _RECIPE, 'actionlint')}"
    binary = target / "bin" / "actionlint"
    if is_complete(target) and os.access(binary, os.X_OK):
        step.note = "already there"
        return binary
    purpose = "the checker of workflows"
    build = GoBuild.of(layout, step, environ, "actionlint", purpose=purpose)
    with making(target, needed_bytes=_FREE_BYTES, purpose=purpose) as scratch:
        build.build(f"{_MODULE}/cmd/actionlint", scratch / "bin" / "actionlint", "-s -w", minutes=1)
    step.note = f"built actionlint {pinned(layout, 'actionlint', _MODULE)}"
    return binary
