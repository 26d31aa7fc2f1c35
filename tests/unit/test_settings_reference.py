"""The reference page of the settings is generated and up to date."""

from pathlib import Path

from settings.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


def test_the_page_is_what_the_models_say() -> None:
    assert PAGE.read_text() == page(), "run: python -m settings.reference > docs/reference/settings.md"
