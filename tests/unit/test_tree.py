"""The tests' own folder: nothing in it is forgotten."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]


def test_every_file_is_a_test_or_helps_one() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py")}
    imported = set()
    for text in sources.values():
        for package, names in re.findall(r"^from (tests[\w.]*) import ([^\n(]+|\([^)]+\))", text, re.MULTILINE):
            imported.add(package)
            imported.update(f"{package}.{name}" for name in re.findall(r"\w+", names))
    forgotten = []
    for path, text in sources.items():
        module = ".".join(["tests", *path.relative_to(TESTS).with_suffix("").parts])
        collected = path.name.startswith("test_") and re.search(r"^\s*(async )?def test_", text, re.MULTILINE)
        # Tables of cases are loaded by their folder, programs run by their path.
        by_path = any(f'"{path.parent.name}"' in other or f'"{path.name}"' in other for other in sources.values())
        if not (collected or path.name in {"conftest.py", "__init__.py"} or module in imported or by_path):
            forgotten.append(str(path.relative_to(TESTS)))
    assert forgotten == []
