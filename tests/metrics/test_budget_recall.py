"""Recall at a budget of tokens, reachability and overlap in characters, against values worked out by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.metrics.budget import ReadPassage, budget_recall, character_scores, share_unreachable
from lab.types import Evidence, Passage

TEXT = "one two three four five six"


def passage(start: int, end: int, document: str = "d", title: str = "") -> Passage:
    return Passage(f"{document}#{start}", document, title, TEXT[start:end], start, end)


def read(found: Passage, label_tokens: int = 0) -> ReadPassage:
    """Tokens are words."""
    ends, place = [], 0
    for word in found.text.split():
        place = found.text.index(word, place) + len(word)
        ends.append(place)
    return ReadPassage(found, label_tokens, ends)


FOUR = Evidence("d", TEXT.index("four"), TEXT.index("four") + 4)
SIX = Evidence("d", TEXT.index("six"), TEXT.index("six") + 3)


@pytest.mark.parametrize(
    ("budget", "label", "expected"),
    [(3, 0, 0.0), (4, 0, 0.5), (4, 1, 0.0), (5, 1, 0.5), (6, 0, 1.0), (100, 3, 1.0), (3, 3, 0.0), (2, 3, 0.0)],
)
def test_what_the_budget_reaches_of_one_passage(budget: int, label: int, expected: float) -> None:
    assert budget_recall([read(passage(0, len(TEXT)), label)], [FOUR, SIX, FOUR], budget) == expected


def test_passages_are_read_in_rank_order() -> None:
    first, second = read(passage(0, 13)), read(passage(14, len(TEXT)))  # three words each
    assert [budget_recall([first, second], [FOUR], budget) for budget in (3, 4)] == [0.0, 1.0]
    assert [budget_recall([second, first], [FOUR], budget) for budget in (0, 1)] == [0.0, 1.0]
    assert budget_recall([], [FOUR], 100) == 0.0


def test_a_unit_that_was_cut_in_two_is_found_by_neither_part() -> None:
    parts = [read(passage(0, FOUR.end - 1)), read(passage(FOUR.end - 1, len(TEXT)))]  # type: ignore[operator]
    assert budget_recall(parts, [FOUR], 1000) == 0.0


def test_a_whole_document_is_found_by_any_of_its_text() -> None:
    whole = Evidence("d")
    assert budget_recall([read(passage(0, 3, "other")), read(passage(4, 7))], [whole], 2) == 1.0
    assert budget_recall([read(passage(0, 3, "other")), read(passage(4, 7))], [whole], 1) == 0.0
    assert budget_recall([read(passage(4, 7), label_tokens=1)], [whole], 1) == 0.0, "only its label is read"


def test_no_evidence_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one unit"):
        budget_recall([], [], 10)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=6), st.integers(0, 40))
def test_more_budget_finds_no_less(spans: list[tuple[int, int]], budget: int) -> None:
    ranked = [read(passage(start, min(start + length, len(TEXT))), 1) for start, length in spans]
    assert budget_recall(ranked, [FOUR, SIX], budget) <= budget_recall(ranked, [FOUR, SIX], budget + 1)


def test_overlap_in_characters() -> None:
    unit = Evidence("d", 10, 20)
    found = character_scores([passage(0, 15), passage(12, 27), passage(0, 27, "other")], [unit])
    assert found is not None
    assert found.precision == pytest.approx(10 / (15 + 15 + 27)), "the shared characters count once"
    assert found.iou == pytest.approx(10 / (15 + 15 + 27 + 0))
    half = character_scores([passage(0, 15)], [unit, Evidence("d", 18, 24)])
    assert half is not None
    assert (half.precision, half.iou) == (pytest.approx(5 / 15), pytest.approx(5 / (15 + 9)))
    assert character_scores([passage(0, 5)], [Evidence("d")]) is None
    assert character_scores([], [unit]) is None


def test_share_unreachable_strict_and_lenient() -> None:
    unit, other = Evidence("d", 10, 20), Evidence("d", 22, 24)
    touching = {"q": [passage(0, 15), passage(15, 27)]}
    evidence = {"q": [unit, other, unit]}
    assert share_unreachable(evidence, touching, 1.0) == 0.5
    assert share_unreachable(evidence, touching, 0.5) == 0.0
    assert share_unreachable(evidence, {"q": [passage(0, 14)]}, 0.5) == 1.0
    assert share_unreachable({"q": [Evidence("d")]}, {"q": [passage(0, 1)]}, 1.0) == 0.0
    assert share_unreachable({}, {}, 1.0) is None
