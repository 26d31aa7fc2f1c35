"""Prod's settings as the rehearsal uses them: a copy that is the project's file, and variants of it for single steps.

The engine writes the stack's encrypted key into its settings file, so that it never gets the project's own.
"""

import copy
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from rehearsal.engine import STACK
from rehearsal.errors import RehearsalError

__all__ = ["ProdSettings"]

_NAMESPACE = "fashion-wallet:"
_KEY_LINE = re.compile(r"^encryptedkey:.*\n?", re.MULTILINE)
_DEFAULT_PROVIDER = "awskms://alias/fashion-wallet-prod-state?region=eu-central-1"
_ALIAS = re.compile(r"awskms://(?P<alias>alias/[\w/-]+)\?(?:.*&)?region=(?P<region>[\w-]+)")


@dataclass(frozen=True)
class ProdSettings:
    """The folder of the copy, beside which the engine finds the project's name."""

    folder: Path

    @classmethod
    def copy(cls, project: Path, folder: Path) -> "ProdSettings":
        """Copy the project's files.

        An encrypted key in them is of the real account's, which nobody here can use: the line is left out.

        Raises:
            RehearsalError: Values in the file are encrypted, which nobody here can read.
        """
        folder.mkdir()
        made = cls(folder)
        shutil.copyfile(project / "Pulumi.yaml", folder / "Pulumi.yaml")
        text = (project / made.file.name).read_text(encoding="utf-8")
        if re.search(r"^\s+secure:", text, re.MULTILINE):
            raise RehearsalError(
                f"{made.file.name} has encrypted values, which only the real account's key opens; secrets are made by "
                "the stack and kept in Secrets Manager, so take them out of the settings"
            )
        made.file.write_text(_KEY_LINE.sub("", text), encoding="utf-8")
        return made

    @property
    def file(self) -> Path:
        """The copy that the engine uses."""
        return self.folder / f"Pulumi.{STACK}.yaml"

    @property
    def secrets_provider(self) -> str:
        """The key that encrypts the stack's secrets, as the engine names it."""
        return str(self._document().get("secretsprovider") or _DEFAULT_PROVIDER)

    @property
    def state_key(self) -> tuple[str, str]:
        """Alias and region of that key.

        Raises:
            RehearsalError: The secrets provider is none of AWS KMS by alias.
        """
        found = _ALIAS.fullmatch(self.secrets_provider)
        if found is None:
            raise RehearsalError(
                f"secretsprovider: got {self.secrets_provider!r}, the rehearsal takes "
                "awskms://alias/<name>?region=<region>"
            )
        return found["alias"], found["region"]

    def get(self, *path: str, default: Any = None) -> Any:
        """A setting of the project's by its path, such as `cloud`, `kubernetes`, `context`."""
        node: Any = self._document().get("config", {}).get(f"{_NAMESPACE}{path[0]}")
        for name in path[1:]:
            node = node.get(name) if isinstance(node, Mapping) else None
        return default if node is None else node

    @property
    def context(self) -> str:
        """The context of the kubeconfig that the stack uses.

        Raises:
            RehearsalError: The settings name none.
        """
        found = self.get("cloud", "kubernetes", "context")
        if not found:
            raise RehearsalError(f"{self.file.name}: fashion-wallet:cloud.kubernetes.context is missing; set it")
        return str(found)

    @property
    def regions(self) -> tuple[str, str]:
        """The region of the databases, and the one for recovery.

        Raises:
            RehearsalError: The settings name none.
        """
        found = [self.get("cloud", "network", name) for name in ("region", "recoveryRegion")]
        if not all(found):
            raise RehearsalError(
                f"{self.file.name}: fashion-wallet:cloud.network needs region and recoveryRegion; set both"
            )
        return str(found[0]), str(found[1])

    def variant(self, name: str, changes: Mapping[tuple[str, ...], Any]) -> Path:
        """A settings file with some other values, beside the copy and with its encrypted key."""
        document = copy.deepcopy(self._document())
        for path, value in changes.items():
            node = document["config"]
            for part in (f"{_NAMESPACE}{path[0]}", *path[1:])[:-1]:
                node = node.setdefault(part, {})
            last = path[-1] if len(path) > 1 else f"{_NAMESPACE}{path[0]}"
            node[last] = value
        file = self.folder / f"{name}.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
        return file

    def _document(self) -> dict[str, Any]:
        document = yaml.safe_load(self.file.read_text(encoding="utf-8"))
        return document if isinstance(document, dict) else {}
