"""What a proposed question must pass, by known cases."""

from __future__ import annotations

import pytest

from lab.metrics.text import contains, token_f1
from lab.synthesis import filters
from lab.synthesis.asking import read_answer, read_question
from lab.synthesis.elsewhere import Elsewhere
from lab.synthesis.filters import Agreement, fault_of_form, grounded, leaks
from lab.synthesis.nouns import AnswerSpan, Proposal
from lab.synthesis.unanswerable import Swaps, names_in
from lab.types import Document, Passage

AGREEMENT = Agreement(token_f1, contains)
TEXT = "The K4 cabin weighs 436 kilograms. Its doors are opened by a cam rail on the station roof."
PASSAGE = Passage("k4#0", "k4", "K4 cabin", TEXT, 0, len(TEXT))


def answer(text: str, kind: str = "span") -> AnswerSpan:
    start = TEXT.index(text)
    return AnswerSpan(text, start, start + len(text), kind)


@pytest.mark.parametrize(
    ("said", "gold", "agrees"),
    [
        ("436 kilograms", "436 kilograms", True),
        ("It weighs 436 kilograms.", "436 kilograms", True),
        ("436", "436 kilograms", True),  # F1 = 2 * 1 / 3
        ("437 kilograms", "436 kilograms", False),
        ("kilograms", "436 kilograms", False),
        ("the cam rail", "a cam rail on the station roof", False),  # F1 = 2 * 2 / 7
        ("a cam rail on the roof", "a cam rail on the station roof", True),
        ("The K4 cabin weighs 436 kilograms and its doors are opened by a cam rail", "436 kilograms", False),
        ("", "436 kilograms", False),
        ("NOT_FOUND", "436 kilograms", False),
    ],
)
def test_agreement(said: str, gold: str, agrees: bool) -> None:
    assert AGREEMENT.agrees(said, AnswerSpan(gold, 0, len(gold), "span")) is agrees


@pytest.mark.parametrize(
    ("question", "told", "found"),
    [
        ("Does the cabin weigh 436 kilograms?", "436 kilograms", True),
        ("How many kilograms does the cabin weigh?", "436 kilograms", False),
        ("Why is the rail cammed on the station's roof?", "a cam rail on the station roof", False),
        ("On which station roof is the cam rail?", "the cam rail", True),
        ("Who founded the Norwell school?", "Norwell", True),
        ("What is it?", "the", True),
    ],
)
def test_leaks(question: str, told: str, found: bool) -> None:
    if told == "the":
        assert not leaks(question, told)
    else:
        assert leaks(question, told) is found


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("", filters.EMPTY),
        ("How heavy is this cabin then?", filters.ALONE),
        ("The K4 cabin weighs 436 kilograms?", filters.LEAKS),
        ("Its doors are opened by a cam rail on the station roof", filters.COPIED),
        ("According to the passage, how much does the K4 cabin weigh?", filters.ALONE),
        ("Which pope blessed the K4 cabin in Rome?", filters.STRANGE),
    ],
)
def test_faults_of_form(question: str, start: str) -> None:
    found = fault_of_form(Proposal(question, answer("436 kilograms", "number"), PASSAGE, "m", "g"))
    assert found is not None and found.startswith(start)


def test_a_fair_question_has_no_fault() -> None:
    proposal = Proposal("How much does the K4 cabin weigh?", answer("436 kilograms", "number"), PASSAGE, "m", "g")
    assert fault_of_form(proposal) is None
    moved = AnswerSpan("436 kilograms", 3, 16, "number")
    assert fault_of_form(Proposal(proposal.question, moved, PASSAGE, "m", "g")) == filters.NOT_QUOTED


def test_grounded_counts_words_by_their_beginning() -> None:
    # cabin, weighing, empty: two of three stand in the passage ("weighs" begins like "weighing")
    assert grounded("What is the cabin weighing when empty?", PASSAGE) == pytest.approx(2 / 3)
    assert grounded("What is it?", PASSAGE) == 0.0


DOCUMENTS = [
    Document("k4", "K4 cabin", "The cabin weighs 436 kilograms. Its hanger is forged in Pellhaven."),
    Document("k6", "K6 cabin", "The cabin weighs 618 kilograms. It has ten seats."),
    Document("t2", "T2 tram car", "Sixty people stand in the car."),
]


def test_a_question_that_another_document_fits_as_well() -> None:
    elsewhere = Elsewhere(DOCUMENTS)
    passage = Passage("k4#0", "k4", "K4 cabin", DOCUMENTS[0].text, 0, len(DOCUMENTS[0].text))
    assert elsewhere.fits_another("How much does the cabin weigh?", passage, "436 kilograms")
    assert not elsewhere.fits_another("How much does the K4 cabin weigh?", passage, "436 kilograms")
    assert not elsewhere.fits_another("Where is the hanger of the cabin forged?", passage, "Pellhaven")
    # A document that says the same does no harm.
    assert not elsewhere.fits_another("How much does the cabin weigh?", passage, "kilograms")


def test_only_facts_that_no_document_may_hold_are_swapped() -> None:
    elsewhere = Elsewhere(DOCUMENTS)
    swaps = Swaps(DOCUMENTS, elsewhere, seed=1)
    # Its own document tells the weight of the K6; the T2's tells none.
    weigh = [swap.question for swap in swaps.of("How much does the K4 cabin weigh?", "k4")]
    assert weigh == ["How much does the T2 cabin weigh?"]
    forged = {swap.came for swap in swaps.of("Where is the hanger of the K4 forged?", "k4")}
    assert forged == {"K6", "T2"}
    assert list(swaps.of("Where is the hanger forged?", "k4")) == []
    assert list(swaps.of("According to \u201cK4 cabin\u201d, where is the hanger forged?", "k4")) == []


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("The K4 grip", ("K4",)),
        ("Making a claim", ()),
        ("Genghis Khan", ("Genghis Khan",)),
        ("Oxygen", ("Oxygen",)),
        ("Fares on the Ossel Line", ("Ossel Line",)),
        ("The Arven crane", ("Arven",)),
        ("", ()),
    ],
)
def test_names_in_titles(title: str, names: tuple[str, ...]) -> None:
    assert names_in(title) == names


@pytest.mark.parametrize(
    ("reply", "question"),
    [
        ("Question: How heavy is the K4?\nAnswer: 436", "How heavy is the K4?"),
        ('\n\n"How heavy is the K4?" It asks for weight.', "How heavy is the K4?"),
        ("<think>What could I ask? Hm.</think>\n1. How heavy is the K4?", "How heavy is the K4?"),
        ("How heavy is the K4", "How heavy is the K4"),
        ("...\n", ""),
        ("", ""),
    ],
)
def test_questions_are_read_from_replies(reply: str, question: str) -> None:
    assert read_question(reply) == question


def test_answers_are_read_from_replies() -> None:
    assert read_answer('\nAnswer: "436 kilograms"\nbecause it says so') == "436 kilograms"
    assert read_answer("<think>436?</think>437") == "437"
    assert read_answer("") == ""
