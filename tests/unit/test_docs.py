"""The documents are true: commands and files exist, links resolve, settings are spelt right, nothing is local."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlsplit

import pytest
import yaml  # type: ignore[import-untyped]
from pydantic import BaseModel
from typer.main import get_command

from settings import Settings
from settings.reader import parse
from tests.fixtures import documents
from tests.fixtures.documents import DOCUMENTS, PROJECT, Block
from tools.setup.targets import TARGETS
from walletdb.cli import app

BLOCKS = [block for document in DOCUMENTS for block in documents.blocks(document)]
SHELL = [block for block in BLOCKS if block.is_shell]
SHORTEST_REASON = 15
HOSTS = {
    "127.0.0.1",
    "cloudnative-pg.io",
    "docs.aws.amazon.com",
    "docs.python.org",
    "etcd.io",
    "github.com",
    "go.dev",
    "keepachangelog.com",
    "kubernetes-sigs.github.io",
    "kubernetes.io",
    "patroni.readthedocs.io",
    "semver.org",
    "supervisord.org",
    "truststore.pki.rds.amazonaws.com",
    "www.amazontrust.com",
    "www.mongodb.com",
    "www.postgresql.org",
    "www.pulumi.com",
}
# Folders of one machine; and hosts of package registries and mirrors, which are each machine's own configuration.
LOCAL = re.compile(
    r"(?<![\w.])/(?:work|root|opt|tmp|Users|home/(?!<))[/\s`]"
    r"|pypi|files\.pythonhosted|proxy\.golang|sum\.golang|(?<!/)registry\.\w|artifactory|nexus|deb\.debian|archive\.ubuntu",
)
SETTING = re.compile(r"(?<!:)fashion-wallet:([A-Za-z][A-Za-z0-9_.\[\]]*)")
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
MISSPELT_ON_PURPOSE = {"postgres.replica"}
PLACEHOLDER = re.compile(r"<[a-z -]+>|…")


def name_of(value: Path | Block) -> str:
    return str(value.relative_to(PROJECT)) if isinstance(value, Path) else str(value)


def anchors(document: Path) -> set[str]:
    """The anchors that a forge makes of headings."""
    text = re.sub(r"^ *```.*?^ *```$", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ +(.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_resolve(document: Path) -> None:
    for link in LINK.findall(re.sub(r"`[^`\n]*`", "", document.read_text())):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), f"{name_of(document)} links to {path}, which is not there"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{name_of(document)}: {link} names no heading of {name_of(target)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_nothing_is_of_one_machine(document: Path) -> None:
    text = document.read_text()
    assert not (found := LOCAL.findall(text)), f"{name_of(document)} names {found}"
    hosts = {urlsplit(url).hostname for url in re.findall(r"https?://[^\s)>`|\]\"]+", text)}
    assert hosts <= HOSTS, f"{name_of(document)} links to {hosts - HOSTS}: add good ones to HOSTS"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_page_is_reached_from_the_index(document: Path) -> None:
    index = PROJECT / "docs" / "README.md"
    if document.parent == PROJECT or document == index:
        return
    linked = {(index.parent / link.partition("#")[0]).resolve() for link in LINK.findall(index.read_text())}
    assert document in linked, f"docs/README.md does not list {name_of(document)}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_settings_exist(document: Path) -> None:
    named = {path.rstrip(".") for path in SETTING.findall(document.read_text())} - MISSPELT_ON_PURPOSE
    assert {path for path in named if not is_setting(Settings, path)} == set()


def is_setting(model: Any, path: str) -> bool:
    """Follow a path such as `postgres.pool.maxConnections` or `allowDataLoss[0]` through the models."""
    for part in re.sub(r"\[\d+\]", "", path).split("."):
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            return True  # inside a dictionary: any key
        fields = {field.alias: field for field in model.model_fields.values()}
        if part not in fields:
            return False
        annotation = fields[part].annotation
        nested = [kind for kind in get_args(annotation) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        model = nested[0] if nested else annotation
    return True


@pytest.mark.parametrize("block", [b for b in BLOCKS if b.language == "yaml" and "config:" in b.text], ids=name_of)
def test_examples_of_settings_are_accepted(block: Block) -> None:
    config = yaml.safe_load(block.text)["config"]
    passed = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    assert isinstance(parse(passed), Settings)


def test_blocks_of_commands_are_told_from_others() -> None:
    others = {block.language for block in BLOCKS} - set(documents.SHELL_LANGUAGES)
    assert others <= {"", "json", "mermaid", "python", "sql", "text", "toml", "yaml"}


@pytest.mark.parametrize("block", SHELL, ids=name_of)
def test_every_command_says_how_it_is_run(block: Block) -> None:
    assert block.way, f"{block}: the line above must be <!-- run: unit | live | own | engine | not: reason -->"
    assert (block.way == "not") == bool(block.reason), f"{block}: a reason belongs to `not`, and only there"
    if block.way == "not":
        assert len(block.reason) >= SHORTEST_REASON, f"{block}: {block.reason!r} explains nothing"
    assert block.commands.strip(), f"{block}: no command in it"


@pytest.mark.parametrize("block", SHELL, ids=name_of)
def test_what_commands_name_exists(block: Block) -> None:
    for kind, name in named(block.commands):
        assert exists(kind, name), f"{block}: there is no {kind} {name}"


def named(commands: str) -> Iterator[tuple[str, str]]:
    """What commands name: targets, programs, sub-commands, modules and files of the project."""
    patterns = {
        "target": r"\bmake ([a-z]+)",
        "program": r"(?<![\w/])bin/([a-z]+)",
        "sub-command": r"(?<!from )\bwalletdb ([a-z]+)",
        "module": r"-m ((?:components|delivery|localproc|policies|settings|tools|walletdb)[\w.]*)",
        "file": (
            r"(?<![\w/.-])"
            r"((?:\.ci|components|delivery|docs|localproc|plugins|policies|settings|tests|tools)/[\w./-]+)"
        ),
    }
    for kind, pattern in patterns.items():
        for name in re.findall(pattern, commands):
            if not PLACEHOLDER.search(name):
                yield kind, name


def exists(kind: str, name: str) -> bool:
    match kind:
        case "target":
            return name in {*TARGETS, "help"}
        case "program":
            return (PROJECT / "bin" / name).exists()
        case "sub-command":
            return name in getattr(get_command(app), "commands", {})
        case "module":
            return importlib.util.find_spec(name) is not None
        case _:
            return (PROJECT / name.rstrip(".")).exists()


@pytest.mark.parametrize("block", [block for block in SHELL if block.way == "unit"], ids=name_of)
def test_commands_without_a_stack(block: Block) -> None:
    done = documents.run(block.commands)
    assert done.returncode == block.exit_code, f"{block} ended with {done.returncode}:\n{done.stdout}"


def test_a_block_is_read_as_it_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "text\n\n<!-- run: live, exit 1 -->\n```console\n$ one \\\n    two\nprinted\n$ three\n```\n\n"
        "1. item\n\n   <!-- run: not: nobody may -->\n   ```sh\n   four\n   ```\n\n```yaml\nfive: 5\n```\n"
    )
    first, second, third = documents.blocks(page)
    assert (first.way, first.exit_code, first.commands) == ("live", 1, "one \\\n    two\nthree\n")
    assert (second.way, second.reason, second.commands) == ("not", "nobody may", "four\n")
    assert (third.language, third.way, third.is_shell) == ("yaml", "", False)


def test_plugins_are_named_in_the_versions_of_their_sdks() -> None:
    pins = dict(re.findall(r"^pulumi-([a-z]+)==(\S+)", (PROJECT / "requirements.txt").read_text(), re.MULTILINE))
    found = [
        (name_of(document), name, version)
        for document in DOCUMENTS
        for name, version in re.findall(r"plugin install resource ([a-z]+) v(\S+)", document.read_text())
    ]
    assert len(found) >= 3
    assert [one for one in found if pins[one[1]] != one[2]] == []


def test_commands_are_turned_to_another_stack() -> None:
    shown = "bin/pulumi up -s dev && psql -p 15410 && ls /var/lib/fashion-wallet/stacks/dev Pulumi.dev.yaml .venv-dev"
    there = documents.for_stack(shown, "test-1", Path("/d/stacks/test-1"), 20000)
    assert there == "bin/pulumi up -s test-1 && psql -p 20010 && ls /d/stacks/test-1 Pulumi.test-1.yaml .venv-dev"
