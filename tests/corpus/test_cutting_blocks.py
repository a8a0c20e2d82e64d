"""A text's blocks: exact offsets, each visible character in one block, and headings only where that is safe."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lab.corpus.cutting.blocks import parse_blocks
from lab.corpus.cutting.outline import make_sections, path_of_most

MANUAL = """Operators read this first.

# Brakes ##

The pads wear. Check them
every week.

- measure the pad
  with a gauge
- write it down

Torques
-------

| Part | Nm |
|------|----|
| pad  | 12 |

```python
# no heading
torque(12)
```
"""


def kinds(text: str) -> list[tuple[str, str]]:
    return [(block.kind, text[block.start : block.end]) for block in parse_blocks(text)]


def headings(text: str) -> list[tuple[int, str]]:
    return [(block.level, block.title) for block in parse_blocks(text) if block.kind == "heading"]


def test_a_manual_in_markdown() -> None:
    assert kinds(MANUAL) == [
        ("paragraph", "Operators read this first."),
        ("heading", "# Brakes ##"),
        ("paragraph", "The pads wear. Check them\nevery week."),
        ("item", "- measure the pad\n  with a gauge"),
        ("item", "- write it down"),
        ("heading", "Torques\n-------"),
        ("table", "| Part | Nm |\n|------|----|\n| pad  | 12 |"),
        ("code", "```python\n# no heading\ntorque(12)\n```"),
    ]
    assert headings(MANUAL) == [(1, "Brakes"), (2, "Torques")]


TEXTS = st.lists(
    st.sampled_from(
        ["# A", "## b #", "===", "---", "```", "~~~", "- x", "2) y", "| a | b |", "|---|---|", "a | b", "    f(x);",
         "plain text", "ALL CAPS", "3.2 Results", "3 Results", "", "", "\t", "a  b", "c  d", "\r", "#", "  more"]
    )
).map("\n".join)  # fmt: skip


@given(TEXTS | st.text(st.sampled_from("#-=|`~ a.1\n\tA"), max_size=200))
def test_each_visible_character_is_in_exactly_one_block(text: str) -> None:
    blocks = parse_blocks(text)
    for block in blocks:
        shown = text[block.start : block.end]
        assert shown == shown.strip() != ""
        assert (block.kind == "heading") == bool(block.title) == (1 <= block.level <= 6)
    for earlier, later in pairwise(blocks):
        assert earlier.end <= later.start
        assert not text[earlier.end : later.start].strip()
    assert sum(len(text[block.start : block.end].split()) for block in blocks) == len(text.split())


WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma"]), min_size=1, max_size=4).map(" ".join)
MARKDOWN = st.lists(
    st.one_of(
        st.tuples(st.integers(1, 6), WORDS).map(lambda pair: f"{'#' * pair[0]} {pair[1]}"),
        st.tuples(WORDS, st.sampled_from(["===", "---"])).map("\n".join),
        WORDS,
        WORDS.map(lambda text: f"```\n# {text}\n```"),
    ),
    max_size=8,
).map("\n\n".join)


@given(MARKDOWN)
def test_headings_are_those_of_a_markdown_library(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(text)
    expected = [
        (int(token.tag[1]), tokens[place + 1].content)
        for place, token in enumerate(tokens)
        if token.type == "heading_open"
    ]
    assert headings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x\n\n3.2 Results\n\nWe saw it.", [(2, "3.2 Results")]),
        ("3 Results\n\nx\n\n3.1 Deaths\n\ny", [(1, "3 Results"), (2, "3.1 Deaths")]),
        ("3. Results\n\nx\n\n3.1. Deaths\n\ny", [(1, "3. Results"), (2, "3.1. Deaths")]),
        ("3 Results\n\nx", []),  # an item, a date, an amount
        ("1. Open the valve\n\n2. Close it\n\nx", []),
        ("2.4 GHz\n\nx", []),
        ("3.2 Results were as we had expected them.\n\nx", []),
        ("3.2 Results\nfollow here", []),
        ("x\n\nSAFETY FIRST\n\ny", [(1, "SAFETY FIRST")]),
        ("x\nSAFETY FIRST\n\ny", []),
        ("ACME MANUAL\n\nx\n\n" * 3, []),  # the head of every page
        ("A1\n\nx", []),
        ("x\n\nSAFETY FIRST", []),  # nothing stands below it
        ("Appendix B\n\nx", [(1, "Appendix B")]),
        ("# One\n\nSAFETY FIRST\n\nx", [(1, "One")]),  # a text in Markdown names its headings
        ("3.2 \u7ed3\u679c\n\nx", [(2, "3.2 \u7ed3\u679c")]),
        ("#hashtag\n\n#\n\n####### seven\n\n# !!", []),
        ("# " + "long " * 60, []),
        ("---\ntitle: x\n---\n\ny", []),
        ("one\ntwo\n---\nx", []),
    ],
)
def test_headings(text: str, expected: list[tuple[int, str]]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a | b\n--|--\n1 | 2\n\nx", ["table", "paragraph"]),
        ("Name    Age\nAnn     12\nBob     13", ["table"]),
        ("It ends.  It goes on\nand on.  And on\nfor long.  Very long", ["paragraph"]),
        ("| alone |", ["paragraph"]),
        ("x\n\n    if (a) { b[1] = 2; }\n\n    c();", ["paragraph", "code"]),
        ("    The first line is set in\nand the others are not.", ["paragraph"]),
        ("    All lines\n    are set in.", ["paragraph"]),
        ("- one\n\n  still one\n- two", ["item", "item"]),
        ("in the year\n1986. It was", ["paragraph"]),
        ("~~~\nopen to the end\n\n# x", ["code"]),
        ("```\n````\n```\nx", ["code", "code"]),
    ],
)
def test_kinds_of_blocks(text: str, expected: list[str]) -> None:
    assert [kind for kind, _ in kinds(text)] == expected


def test_paths_follow_levels_and_numbers() -> None:
    text = "x\n\n# A\n\n### B\n\n## C\n\ny\n\n# D\n"
    assert [section.path for section in make_sections(parse_blocks(text))] == [
        (), ("A",), ("A", "B"), ("A", "C"), ("D",),
    ]  # fmt: skip
    numbered = "2.1 Methods\n\nx\n\n2 Results\n\nx\n\n2.1.1 Data\n\nx\n\n8.3 Validation\n\nx\n\n8.3.1 Fit\n\nx"
    assert [section.path for section in make_sections(parse_blocks(numbered))] == [
        (), ("2.1 Methods",), ("2 Results",), ("2 Results", "2.1.1 Data"), ("8.3 Validation",),
        ("8.3 Validation", "8.3.1 Fit"),
    ]  # fmt: skip


def test_a_passage_has_the_path_of_most_of_it() -> None:
    text = "# A\naaaa\n# B\nbbbbbbbbbbbb"
    sections = make_sections(parse_blocks(text))
    starts = [section.start for section in sections]
    assert path_of_most(sections, starts, 4, len(text)) == ("B",)
    assert path_of_most(sections, starts, 0, 12) == ("A",)


HOSTILE = {
    "hashes": "#" * 1_000_000,
    "lines of hashes": "#\n" * 500_000,
    "headings": "# a\n" * 250_000,
    "closing hashes": ("# a" + " " * 190 + "b\n") * 5_000,
    "one line": "word " * 2_000_000,
    "spaces": "a" + " " * 5_000_000 + "b",
    "line ends": "a" + "\n" * 5_000_000 + "b",
    "blank lines": "a" + " \n" * 2_500_000 + "b",
    "pipes": "|" * 5_000_000,
    "dashes": "a | b\n" + "-" * 5_000_000,
    "backticks": "`" * 1_000_000 + "\n" + "```\n" * 100_000,
    "front matter": "---\na: b\n" * 100_000,
    "columns": ("a" + " \t" * 900 + "b\n") * 1_000,
    "list": "- " * 2_500_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_end(text: str) -> None:
    """Quadratic time would be hours."""
    blocks = parse_blocks(text)
    assert blocks[0].start == 0 and blocks[-1].end == len(text.rstrip())
