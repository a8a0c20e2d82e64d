"""Every strategy: nothing lost, nothing too long, offsets exact; and what each of them keeps whole."""

import re
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.corpus.cutting.blocks import parse_blocks
from lab.corpus.cutting.semantic import subject_changes
from lab.corpus.evidence import map_evidence
from lab.corpus.passages import CUTTINGS, Cutting, cut_passages
from lab.types import Document, Evidence, Passage, Question

WORDS, PIECES, DEAF, SPACED = r"\S+", r"\w{1,3}|[^\w\s]", r"[a-y]+", r"\s*\S+"


class ToyEncoder:
    """Tokens are what a pattern finds; a text's vector counts the words of each subject in it."""

    digest = "toy"
    dimensions = 3

    def __init__(self, pattern: str = WORDS, max_tokens: int = 64) -> None:
        self.pattern, self.max_tokens = pattern, max_tokens

    def encode(self, texts: Sequence[str]) -> Any:
        counts = [[text.count("pump"), text.count("brake"), text.count("rope")] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(len(texts), 3)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return vectors / np.where(lengths > 0, lengths, 1)

    def token_offsets(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(self.pattern, text)]


def cut(
    text: str,
    cutting: Cutting,
    size: int,
    overlap: int = 0,
    *,
    encoder: ToyEncoder | None = None,
    title: str = "",
) -> list[Passage]:
    document = Document("d", title, text)
    found = cut_passages([document], encoder or ToyEncoder(), max_tokens=size, overlap=overlap, cutting=cutting)
    return list(found)


def texts(passages: Sequence[Passage]) -> list[str]:
    return [passage.text for passage in passages]


PARTS = st.lists(
    st.sampled_from(
        ["# A one", "## B", "### pump C", "Setext\n---", "pump pump. Brake it! rope", "- an item of a list", "", "",
         "| a | b |\n|---|---|\n| c | d |", "```\nx = 1\ny = 2\n```", "AZ9 z zz zzz.", "\u00e9\u3002b\u3002",
         "1.2 Title"],
    ),
    max_size=14,
)  # fmt: skip
LINES = PARTS.map("\n".join)


@given(
    LINES | st.text(st.sampled_from("aZ.#|- \n\n`1"), max_size=150),
    st.sampled_from(CUTTINGS),
    st.sampled_from([WORDS, PIECES, DEAF, SPACED]),
    st.integers(1, 24),
    st.integers(0, 12),
)
def test_nothing_is_lost_and_everything_fits(
    text: str, cutting: Cutting, pattern: str, size: int, overlap: int
) -> None:
    encoder = ToyEncoder(pattern)
    passages = cut(text, cutting, size, overlap, encoder=encoder, title="a title")
    covered = {place for passage in passages for place in range(passage.start, passage.end)}
    assert covered >= {place for place, character in enumerate(text) if not character.isspace()}
    for number, passage in enumerate(passages):
        assert passage.id == f"d#{number}"
        assert passage.text == text[passage.start : passage.end] == passage.text.strip() != ""
        assert len(encoder.token_offsets(passage.text)) <= size
        assert len(encoder.token_offsets(f"{passage.label}\n{passage.text}")) + 2 <= encoder.max_tokens
        assert Passage(**asdict(passage)) == passage
    for earlier, later in pairwise(passages):
        assert earlier.start < later.start
        assert earlier.end < later.end


@given(
    PARTS.map("\n\n".join), st.sampled_from(["sentence", "heading", "semantic"]), st.integers(8, 24), st.integers(0, 12)
)
def test_lines_of_structure_stay_whole(text: str, cutting: Cutting, size: int, overlap: int) -> None:
    """Each item, row, heading and line of code has at most 8 words here, so that no passage may part one."""
    wholes = re.finditer(r"^(?:#+ .*|\|.*|- .*|[xy] = \d|Setext\n---)$", text, re.MULTILINE)
    passages = cut(text, cutting, size, overlap)
    for whole in wholes:
        assert any(p.start <= whole.start() and whole.end() <= p.end for p in passages), whole[0]


@given(LINES, st.integers(6, 24), st.integers(0, 12))
def test_sections_that_do_not_fit_together_are_not_joined(text: str, size: int, overlap: int) -> None:
    """A passage that holds a heading further on holds nothing of a section that is cut."""
    borders = [block.start for block in parse_blocks(text) if block.kind == "heading"]
    passages = cut(text, "heading", size, overlap)
    for earlier, later in pairwise(passages):
        if earlier.end > later.start:
            assert not [place for place in borders if later.start < place < later.end], "an overlap over a heading"


MANUAL = """# Pumps

## Seals

The seal holds oil. It is black.

## Valves

Open valves slowly.

# Brakes

Brake pads are thick. They wear out fast. Measure them often. Write all of it down.
"""


def test_small_sections_under_one_parent_are_one_passage() -> None:
    passages = cut(MANUAL, "heading", 16)
    assert [(p.heading, p.text.split("\n")[0], p.text.split()[-1]) for p in passages] == [
        ("Pumps", "# Pumps", "slowly."),
        ("Brakes", "# Brakes", "often."),
        ("Brakes", "Write all of it down.", "down."),
    ]
    assert [p.heading for p in cut(MANUAL, "heading", 12)] == ["Pumps > Seals", "Pumps > Valves", "Brakes", "Brakes"]
    assert cut(MANUAL, "heading", 12)[0].text.startswith("# Pumps\n\n## Seals\n"), "a bare heading goes with its first"
    assert [p.heading for p in cut(MANUAL, "heading", 60)] == [""], "all of it fits"


def test_a_section_is_not_joined_to_part_of_another() -> None:
    text = "# A\n\na a.\n\n# B\n\nB b b b. B b b b. B b b b.\n\n# C\n\nc c."
    assert texts(cut(text, "heading", 8)) == ["# A\n\na a.", "# B\n\nB b b b.", "B b b b. B b b b.", "# C\n\nc c."]


def test_windows_know_their_heading_and_cut_as_without() -> None:
    passages = cut(MANUAL, "window", 16, 4)
    assert [p.heading for p in passages] == ["Pumps > Seals", "Brakes", "Brakes"]
    assert passages[0].label == "Pumps > Seals"
    assert cut(MANUAL, "window", 16, 4, title="pumps")[0].label == "pumps > Seals", "the title is not said twice"


def test_whole_sentences_and_overlap_by_sentences() -> None:
    text = "One two three. Four five. Six seven eight. Nine ten."
    assert texts(cut(text, "sentence", 6)) == ["One two three. Four five.", "Six seven eight. Nine ten."]
    assert texts(cut(text, "sentence", 6, 3)) == [
        "One two three. Four five.", "Four five. Six seven eight.", "Six seven eight. Nine ten.",
    ]  # fmt: skip


def test_a_long_sentence_is_cut_as_windows_are() -> None:
    long = " ".join(f"w{n}" for n in range(22))
    alone = texts(cut(long, "window", 10, 4))
    assert texts(cut(long, "sentence", 10, 4)) == alone
    assert texts(cut(f"Before it.\n\n{long}\n\nBehind it.", "sentence", 10, 4)) == ["Before it.", *alone, "Behind it."]


def test_abbreviations_end_no_sentence() -> None:
    text = "See Fig. 3 and Smith et al. 2020 for J. Doe. Then stop."
    assert texts(cut(text, "sentence", 11)) == ["See Fig. 3 and Smith et al. 2020 for J. Doe.", "Then stop."]


TABLE = "| part | Nm |\n|---|---|\n| pad | 12 |\n| rope | 40 |"


def test_tables_are_whole_where_they_fit_and_else_cut_between_rows() -> None:
    text = f"Some words before it stand here.\n\n{TABLE}\n\nAfter it."
    assert texts(cut(text, "heading", 17)) == ["Some words before it stand here.", TABLE, "After it."]
    assert TABLE not in " ".join(texts(cut(text, "sentence", 17)))
    rows = TABLE.split("\n")
    assert texts(cut(TABLE, "heading", 11)) == ["\n".join(rows[:3]), rows[3]]


def test_no_passage_ends_with_a_heading() -> None:
    text = "One two three four.\n\n# Head\n\nFive six seven."
    for cutting in ("sentence", "semantic", "heading"):
        assert texts(cut(text, cutting, 7)) == ["One two three four.", "# Head\n\nFive six seven."]


def test_subjects_are_parted_where_they_change() -> None:
    text = "The pump runs. A pump hums. One pump stops. The brake bites. A brake fades. One brake sings."
    assert texts(cut(text, "semantic", 40)) == [
        "The pump runs. A pump hums. One pump stops.", "The brake bites. A brake fades. One brake sings.",
    ]  # fmt: skip
    assert len(cut(text, "sentence", 40)) == 1
    assert texts(cut(text, "semantic", 40, 16)) == texts(cut(text, "semantic", 40)), "no overlap over the change"


def brute_force(costs: Sequence[float], sizes: Sequence[int], limit: int) -> float:
    """The least sum of all ways to cut."""
    n, best = len(sizes), float("inf")
    for pattern in range(2 ** (n - 1)):
        borders = [0, *(place + 1 for place in range(n - 1) if pattern >> place & 1), n]
        if all(sum(sizes[a:b]) <= limit or b - a == 1 for a, b in pairwise(borders)):
            best = min(best, sum(costs[place - 1] for place in borders[1:-1]))
    return best


@given(st.integers(1, 9), st.integers(1, 12), st.data())
def test_the_boundaries_cost_least_of_all(n: int, limit: int, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 8), min_size=n, max_size=n))
    costs = [float(cost) for cost in data.draw(st.lists(st.integers(-4, 9), min_size=n - 1, max_size=n - 1))]
    borders = [*subject_changes(costs, sizes, limit), n]
    assert borders[0] == 0
    assert all(sum(sizes[a:b]) <= limit or b - a == 1 for a, b in pairwise(borders))
    assert sum(costs[place - 1] for place in borders[1:-1]) == brute_force(costs, sizes, limit)


def test_long_paths_are_shortened_from_the_left() -> None:
    deep = "".join(f"{'#' * level} heading {level} of the book\n\n" for level in range(1, 6)) + "Text. " * 60
    passages = cut(deep, "heading", 24, encoder=ToyEncoder(max_tokens=40), title="t")
    paths = {p.heading for p in passages if "Text" in p.text}
    assert paths == {"\u2026 > heading 5 of the book"}
    for passage in passages:
        assert len(f"{passage.label} {passage.text}".split()) + 4 <= 40
    roomy = cut(deep, "heading", 24, encoder=ToyEncoder(max_tokens=256), title="t")
    assert roomy[-1].heading.startswith("heading 1 of the book > heading 2")


def test_evidence_inside_a_heading_can_be_reached() -> None:
    start = MANUAL.index("Valves")
    question = Question("q", "?", ("Valves",), "span", (Evidence("d", start, start + 6),))
    for cutting in CUTTINGS:
        assert map_evidence([question], cut(MANUAL, cutting, 16, 4)).units("q")[0]


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_blank_documents_give_nothing_and_order_is_kept(cutting: Cutting) -> None:
    documents = [Document("b", "", "x y z"), Document("a", "", " \n"), Document("c", "", "w")]
    passages = cut_passages(documents, ToyEncoder(), max_tokens=4, overlap=0, cutting=cutting)
    assert [passage.id for passage in passages] == ["b#0", "c#0"]


@pytest.mark.parametrize("cutting", CUTTINGS)
def test_a_text_of_several_parts_is_cut_as_one(cutting: Cutting, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n\n".join(f"# H{n}\n\nThe pump number {n} runs. Its rope hangs." for n in range(40))
    expected = cut(text, cutting, 12, 4)
    monkeypatch.setattr("lab.corpus.cutting.tokens.PART", 100)
    assert cut(text, cutting, 12, 4) == expected
