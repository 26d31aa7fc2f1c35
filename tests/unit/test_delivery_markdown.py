"""Nobody breaks out of a comment: whatever text comes in, Markdown's own parser sees text only."""

import html
import re
from collections.abc import Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from delivery.fitting import Section, fitted
from delivery.markdown import block, code, details, row, table

PARSER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "|`*<b>@all ](https://example.com) #1",
    "</code><script>alert(1)</script>",
    "a\n\n# heading\n- item",
    "![x](https://example.com/track.png)",
    "&lt;&#60;b&#62;",
    "\u202egnitset\u202c\u200b\ufeff",
    "``` \n</details>\n</pre>",
    "_a_ __b__ ~~c~~ \\| \\",
    "www.example.com https://example.com <https://example.com>",
    "\ud800",
    "\u2028|\u2029|\v|\f|\r|\x85",
]
TEXTS = st.text() | st.text(st.sampled_from("|`*_~[]()<>#@!\\&;:/\"'\n\r\t -+=.w0ax$")) | st.sampled_from(HOSTILE)


def every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from every(token.children or [])


def visible(text: str) -> str:
    """What the text is after what `code` does on purpose."""
    return re.sub(r"[^ -~]|\s", "", text)


@given(TEXTS)
@example("|`*<b>@all ](https://example.com) #1")
@example("\ud800")
def test_code_is_one_cell_of_text(text: str) -> None:
    lines = table(["a", "b"], [row(["left", code(text)]), row(["next", "row"])])
    tokens = list(every(PARSER.parse("\n".join(lines))))
    kinds = [token.type for token in tokens]
    assert kinds.count("td_open") == 4
    assert kinds.count("table_open") == 1
    others = {*kinds} - {"text", "html_inline", "inline", "text_special"}
    assert others <= {
        f"{name}_{end}" for name in ("table", "thead", "tbody", "tr", "th", "td") for end in ("open", "close")
    }
    tags = [token.content for token in tokens if token.type == "html_inline"]
    assert tags in ([], ["<code>", "</code>"])
    cells = [token.content for token in tokens if token.type == "text"]
    assert "next" in cells


@given(TEXTS)
def test_code_shows_every_character_that_can_be_seen(text: str) -> None:
    shown = html.unescape(code(text).removeprefix("<code>").removesuffix("</code>"))
    assert visible(shown.replace("↵", "")) == visible(text) or not text.strip()


@given(TEXTS)
def test_a_block_is_nothing_but_text(text: str) -> None:
    tokens = list(every(PARSER.parse(f"before\n\n{block(text)}\n\nafter\n")))
    kinds = [token.type for token in tokens]
    assert kinds.count("html_block") == 1, "one block, and nothing behind it is read as part of it"
    assert kinds.count("paragraph_open") == 2
    content = next(token.content for token in tokens if token.type == "html_block")
    assert re.findall(r"<[^>]*>", content) == ["<pre>", "</pre>"]


@pytest.mark.parametrize("text", ["a\u202eb", "a\u200bb", "a\x00b", "a\x1b[31mb", "a\u2066b"])
def test_what_cannot_be_seen_is_marked(text: str) -> None:
    assert "\N{REPLACEMENT CHARACTER}" in html.unescape(code(text))
    assert "\N{REPLACEMENT CHARACTER}" in block(text)


@pytest.mark.parametrize("text", ["www.example.com", "https://example.com", "someone@example.com", "#12", "@team"])
def test_nothing_is_made_a_link_or_a_mention(text: str) -> None:
    assert not re.search(r"www\.|://|@|(?<!&)#\d", code(text))


def test_details_keep_a_table_apart() -> None:
    lines = details(code("x"), table(["a"], [row(["b"])]), opened=True)
    tokens = PARSER.parse("\n".join(lines))
    assert [token.type for token in tokens if token.type in {"html_block", "table_open"}] == [
        *("html_block", "table_open", "html_block")
    ]


def sections(counts: list[int], width: int) -> list[Section]:
    return [
        Section(
            around=lambda rows, index=index: [f"head {index}", *rows, ""],  # type: ignore[misc]
            rows=tuple(f"{index}.{number} {'x' * width}" for number in range(count)),
            cut=lambda left: f"{left} left out",
            priority=-index,
        )
        for index, count in enumerate(counts)
    ]


@given(st.lists(st.integers(0, 60), min_size=1, max_size=5), st.integers(0, 40), st.integers(400, 3000))
def test_it_fits_and_says_what_is_left_out(counts: list[int], width: int, limit: int) -> None:
    text = fitted(sections(counts, width), limit)
    assert len(text) <= limit
    for index, count in enumerate(counts):
        assert f"head {index}" in text
        kept = len(re.findall(rf"^{index}\.\d+ ", text, re.MULTILINE))
        assert 0 <= kept <= count
    missing = sum(int(left) for left in re.findall(r"^(\d+) left out$", text, re.MULTILINE))
    assert missing + len(re.findall(r"^\d+\.\d+ ", text, re.MULTILINE)) == sum(counts)


def test_who_has_the_lower_number_gets_room_first() -> None:
    text = fitted(sections([50, 50], 20), 1000)
    assert text.count("\n1.") > 20
    assert text.count("\n0.") < 5


def test_characters_beyond_the_basic_plane_count_twice() -> None:
    wide = Section(around=lambda rows: rows, rows=("\N{OCTAGONAL SIGN}" * 10,) * 10, cut=str)
    assert fitted([wide], 100).count("\N{OCTAGONAL SIGN}") == 40
