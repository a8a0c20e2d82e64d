"""Tests that no person wrote: what a teacher's filters do to scores is told, and a review counts."""

from __future__ import annotations

import pytest
from quality_world import holdout, many

from lab.quality.contamination import contamination
from lab.quality.size import mostly_chosen, synthetic_share
from lab.types import Estimate


@pytest.mark.parametrize(
    ("maker", "severity", "told"),
    [
        ("cloze", "warning", False),
        ("smollm2-135m", "warning", True),
        ("template, reviewed", "note", False),
        ("smollm2-135m, reviewed", "note", True),
    ],
)
def test_what_a_teacher_left_out_is_told_and_a_reviewed_test_is_no_warning(
    maker: str, severity: str, told: bool
) -> None:
    (found,) = synthetic_share(holdout(test=many("a", 8, synthetic=maker)))
    assert found.severity == severity
    assert ("methods without passages score too low" in found.sentence) is told
    assert ("review this one" in found.advice) is (severity == "warning")


def test_one_unread_question_keeps_the_warning() -> None:
    test = [*many("a", 8, synthetic="smollm2-135m, reviewed"), *many("b", 1, synthetic="cloze")]
    assert synthetic_share(holdout(test=test))[0].severity == "warning"


def test_a_low_closed_book_score_says_nothing_where_the_teacher_left_out_what_it_knew() -> None:
    hits = Estimate(0.02, 0.0, 0.05, 200, 0)
    (people,), (chosen,) = contamination(hits), contamination(hits, chosen=True)
    assert "most of the test is new to it" in people.sentence
    assert "new to it," in chosen.sentence and "no sign" in chosen.sentence
    assert contamination(Estimate(0.4, 0.3, 0.5, 200, 0), chosen=True)[0].severity == "warning"


def test_half_of_the_questions_by_a_teacher_are_mostly_chosen() -> None:
    assert mostly_chosen([*many("a", 3, synthetic="gpt, reviewed"), *many("b", 3)])
    assert not mostly_chosen([*many("a", 3, synthetic="gpt"), *many("b", 4)])
    assert not mostly_chosen(many("a", 3, synthetic="cloze")) and not mostly_chosen([])
