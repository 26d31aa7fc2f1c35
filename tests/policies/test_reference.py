"""The reference page is what the rules say."""

from pathlib import Path

import pytest

from policies import reference
from policies.message import REFERENCE
from policies.registry import RULES


def test_the_page_is_up_to_date() -> None:
    assert reference.main(["--check"]) == 0, "run `python -m policies.reference`"


def test_the_page_has_every_rule_and_every_limit() -> None:
    page = reference.page()
    for rule in RULES:
        assert f"\n### {rule.id}\n" in page
        assert all(f"| `{limit.name}` |" in page for limit in rule.limits)


def test_a_stale_page_and_a_wrong_argument_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(reference, "_ROOT", tmp_path)
    assert reference.main(["--check"]) == 1
    assert "run `python -m policies.reference`" in capsys.readouterr().err
    assert reference.main([]) == 0
    assert f"wrote {REFERENCE}" in capsys.readouterr().out
    assert reference.main(["--check"]) == 0
    assert reference.main(["--chek"]) == 2
    assert "--chek; allowed: nothing, or --check" in capsys.readouterr().err
