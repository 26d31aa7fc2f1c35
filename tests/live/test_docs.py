"""Every command that the documents show works, typed as it stands, on a real stack."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.fixtures import documents
from tests.fixtures.documents import DOCUMENTS, PROJECT, Block
from tests.fixtures.live_stack import LiveStack, live_stack
from tests.fixtures.throwaway_project import engine_folder

pytestmark = pytest.mark.live


def shown(document: Path, way: str) -> list[Block]:
    return [block for block in documents.blocks(document) if block.is_shell and block.way == way]


def with_blocks(way: str) -> list[Path]:
    return [document for document in DOCUMENTS if shown(document, way)]


def name_of(document: Path) -> str:
    return str(document.relative_to(PROJECT))


def type_in(stack: LiveStack, blocks: Iterable[Block], **variables: str) -> None:
    """Run blocks in their order, each in a shell of its own as a reader might."""
    share_tools(stack)
    environment = {**stack.environment, "WALLETDB_CONFIG": str(stack.directory / "walletdb.json"), **variables}
    for block in blocks:
        commands = documents.for_stack(block.commands, stack.name, stack.directory, stack.port_base)
        done = documents.run(commands, environment)
        assert done.returncode == block.exit_code, f"{block} ended with {done.returncode}:\n{commands}\n{done.stdout}"


def share_tools(stack: LiveStack) -> None:
    """Have set-up find engine and environment of this run: it must never lead `.venv` into a folder that goes away."""
    tools = stack.home / "tools"
    if not tools.exists():
        tools.symlink_to((PROJECT / ".venv").resolve().parent)


def settings_of(stack: LiveStack) -> set[str]:
    """Names of what is set; removing the last key of a section leaves the section, empty."""
    return {key for key, value in stack.stack.get_all_config().items() if value.value != "{}"}


@pytest.mark.parametrize("document", with_blocks("live"), ids=name_of)
def test_commands_on_a_running_stack(stack: LiveStack, document: Path) -> None:
    before = settings_of(stack)
    type_in(stack, shown(document, "live"))
    assert settings_of(stack) == before, "the document leaves settings behind"
    stack.until_healthy()


@pytest.mark.parametrize("document", with_blocks("own"), ids=name_of)
def test_commands_from_nothing_to_the_end(document: Path) -> None:
    with live_stack("docs", {}) as own:
        type_in(own, shown(document, "own"))
        assert not own.directory.exists(), "what the document shows to the end leaves the stack's data"


@pytest.mark.engine
@pytest.mark.parametrize("document", with_blocks("engine"), ids=name_of)
def test_commands_with_the_reader_s_own_pulumi(document: Path) -> None:
    """Beside what the document sets there is only the engine on PATH, with a home in which no plugin is installed."""
    with live_stack("engine", {}) as stack:
        path = f"{engine_folder()}:{os.environ['PATH']}"
        type_in(stack, shown(document, "engine"), PATH=path, PULUMI_HOME=str(stack.home / "own"))
