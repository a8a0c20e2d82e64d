"""A small teacher: what it ranks and chooses, by a ranker that follows a script."""

from __future__ import annotations

import pytest

from lab.metrics.text import contains, token_f1
from lab.synthesis.filters import Agreement
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.rewording import rephrased
from lab.synthesis.stages import FLUENT, anchored, read, write
from lab.types import Passage

TEXT = "The cabin of the K4 holds 12 skiers and weighs 436 kilograms. Its doors were made in Pellhaven."
PASSAGE = Passage("k4#0", "k4", "K4 cabin", TEXT, 50, 50 + len(TEXT))
AGREEMENT = Agreement(token_f1, contains)


def answer(text: str, kind: str = "number") -> AnswerSpan:
    start = 50 + TEXT.index(text)
    return AnswerSpan(text, start, start + len(text), kind)


class Scores:
    """Gives each option the score of the first word of `scores` that it holds, else -9; keeps what it was asked."""

    def __init__(self, **scores: float) -> None:
        self.scores, self.asked = scores, []

    def rank(self, text, options, *, stage):
        self.asked.append((text, list(options), stage))
        return [next((value for word, value in self.scores.items() if word in option), -9.0) for option in options]


class Small:
    name = "small"

    def __init__(self, ranker) -> None:
        self.ranker = ranker

    def write(self, prompts, *, stage, max_tokens, on_progress):
        raise AssertionError("a small teacher writes nothing")


def ignore(done: int, total: int) -> None:
    """No progress."""


def test_the_most_fluent_questions_come_first_and_the_others_not_at_all() -> None:
    ranker = Scores(hold=FLUENT + 0.2, much=FLUENT - 0.01)
    (draft,) = write(Small(ranker), [(PASSAGE, answer("12 skiers"))], ignore)
    assert draft.questions[0] == "How many skiers does the cabin of the K4 hold?"
    assert all("hold" in question for question in draft.questions)
    ((text, options, stage),) = ranker.asked
    assert stage == "writing" and "Answer: 12 skiers" in text
    assert all(option.startswith(" ") and option.endswith("?") for option in options)
    assert write(Small(Scores()), [(PASSAGE, answer("12 skiers"))], ignore)[0].questions == ()


def test_an_answer_is_confirmed_if_the_question_makes_it_the_likeliest_of_the_passage() -> None:
    proposal = Proposal("How many skiers does the K4 hold?", answer("12 skiers"), PASSAGE, "small", "g")
    right = Scores(**{"12 skiers": -1.0, "436": -2.0, "Pellhaven": -3.0})
    assert read(Small(right), [proposal], AGREEMENT, ignore) == [True]
    with_question, without = right.asked
    assert proposal.question in with_question[0] and proposal.question not in without[0]
    assert with_question[1] == without[1] and with_question[1][0] == " 12 skiers"
    wrong = Scores(**{"12 skiers": -2.0, "436": -1.0, "Pellhaven": -3.0})
    assert read(Small(wrong), [proposal], AGREEMENT, ignore) == [False]


def test_an_answer_that_is_likely_anyway_needs_more() -> None:
    """Behind the question 436 is the likelier, but it is so without the question, too: -1 + 0.25 < -1.2 + 1.5."""

    class Twice(Scores):
        def rank(self, text, options, *, stage):
            self.scores = {"12": -1.2, "436": -1.0} if "Question" in text else {"12": -3.0, "436": -0.5}
            return super().rank(text, options, stage=stage)

    proposal = Proposal("How many skiers does the K4 hold?", answer("12 skiers"), PASSAGE, "small", "g")
    assert read(Small(Twice()), [proposal], AGREEMENT, ignore) == [True]


def test_a_single_choice_confirms_nothing() -> None:
    text = "The cabin holds 12 skiers."
    passage = Passage("a#0", "a", "", text, 0, len(text))
    only = Proposal("How many skiers?", AnswerSpan("12 skiers", 16, 25, "number"), passage, "small", "g")
    assert read(Small(Scores(**{"12": -0.1})), [only], AGREEMENT, ignore) == [False]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("How many skiers may ride at once?", "According to \u201cK4 cabin\u201d, how many skiers may ride at once?"),
        ("How many skiers does the cabin hold?", "How many skiers does the cabin hold?"),
        ("How many skiers ride to Pellhaven?", "How many skiers ride to Pellhaven?"),
        ("How many ride in week 3 at once?", "How many ride in week 3 at once?"),
    ],
)
def test_what_names_nothing_names_its_document(question: str, wanted: str) -> None:
    assert anchored(question, PASSAGE) == wanted
    untitled = Passage("a#0", "a", "", TEXT, 0, len(TEXT))
    assert anchored(question, untitled) == question


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("In which year was it built?", "When was it built?"),
        ("How many skiers does the K4 hold?", "What number of skiers does the K4 hold?"),
        (
            "According to \u201cK4\u201d, where are doors made?",
            "According to \u201cK4\u201d, in what place are doors made?",
        ),
        ("Who confirms the gates?", ""),
        ("However many there are?", ""),
    ],
)
def test_other_openings(question: str, wanted: str) -> None:
    assert rephrased(question) == wanted
