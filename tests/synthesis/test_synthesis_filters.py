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


def asked(question: str, answer: str, *others: Document, of: str = "k4") -> list[str]:
    """The questions that swapping makes of one about a document of DOCUMENTS and `others`."""
    documents = [*DOCUMENTS, *others]
    return [swap.question for swap in Swaps(documents, Elsewhere(documents), seed=1).of(question, of, answer)]


def test_only_facts_that_no_document_may_hold_are_swapped() -> None:
    # Its own document tells the weight of the K6; the T2's tells none.
    assert asked("How much does the K4 cabin weigh?", "436 kilograms") == ["How much does the T2 cabin weigh?"]
    assert len(asked("Where is the hanger of the K4 forged?", "Pellhaven")) == 2
    assert asked("Where is the hanger forged?", "Pellhaven") == []
    assert asked("According to \u201cK4 cabin\u201d, where is the hanger forged?", "Pellhaven") == []


@pytest.mark.parametrize(
    "said",
    [
        "The T2 cabin: mass 640 kg",
        "On weighing day the T-2 came to 0.64 tonnes.",
        "T2: 1,400 pounds with its crew",
        "Mass of the T2: 640",
        "t2 weighs six hundred",
        "The T2 was bought used. " + "It is blue. " * 50 + "The scale in the hall read 640 kg.",
    ],
)
def test_a_passage_that_names_the_thing_and_holds_another_weight_may_answer(said: str) -> None:
    log = Document("log", "Log of the works", f"Monday. Nobody came. {said}")
    assert asked("How many kilograms does the K4 cabin weigh?", "436", log) == []
    assert asked("How much does the K4 cabin weigh?", "436 kilograms", log) == []
    assert asked("How much does the K4 cabin weigh?", "436 kilograms", Document("log", "T2 car, scales", said)) == []


@pytest.mark.parametrize(
    ("question", "answer", "said", "kept"),
    [
        ("When was the K4 bought?", "1951", "The T2 came to us in May 1960.", False),
        ("When was the K4 bought?", "12 May 1951", "The T2 came to us in 1960.", False),
        ("When does the K4 leave?", "10:15", "The T2 goes at 11:30.", False),
        ("How many seats has the K4?", "ten", "The T2 has room for eleven.", False),
        ("What does a ride in the K4 cost?", "4 francs", "A ride in the T2 is 5 euros.", False),
        ("Where is the hanger of the K4 forged?", "Pellhaven", "The hanger of the T2 comes from Brolt.", False),
        ("Where is the hanger of the K4 forged?", "Pellhaven", "The T2 is blue and 3 metres long.", True),
        ("How much does the K4 cabin weigh?", "436 kilograms", "The T2 is 3 metres long, bought in 1951.", True),
        ("When was the K4 bought?", "1951", "The T2 is 3 metres long.", True),
    ],
)
def test_what_a_passage_may_answer(question: str, answer: str, said: str, kept: bool) -> None:
    made = asked(question, answer, Document("log", "Log of the works", said))
    assert any("T2" in one for one in made) is kept


def test_only_things_of_one_sort_are_exchanged() -> None:
    lines = [
        Document("ossel", "Fares on the Ossel Line", "An adult single costs 4 francs. Built by Ida Norwell."),
        Document("skerra", "Dogs on the Skerra Line", "Dogs ride in the last cabin."),
        Document("hall", "Visits to Brolt Hall", "Guests are led by the warden."),
        Document("year", "Report 1951", "All was well."),
        Document("iso", "ISO9001 audit", "All was well."),
        Document("y53", "Accidents of Y53", "All was well."),
    ]
    fare = asked("How much is an Ossel Line single?", "4 francs", *lines, of="ossel")
    assert fare == ["How much is a Skerra Line single?"]
    assert asked("Is the Ossel Line or the Skerra Line dearer?", "Ossel", *lines, of="ossel") == []
    short = Document("log", "Log", "On the Skerra an adult pays 5 francs.")
    assert asked("How much is an Ossel Line single?", "4 francs", *lines, short, of="ossel") == []
    assert asked("How much does a K4 cabin weigh?", "436 kilograms", *lines) == ["How much does a T2 cabin weigh?"]


def test_articles_fit_the_new_name() -> None:
    codes = [Document("f2", "F2 cabin", ""), Document("u8", "U8 cabin", "")]
    assert sorted(asked("How much does a K4 weigh?", "436 kilograms", *codes)) == [
        "How much does a T2 weigh?",
        "How much does a U8 weigh?",
        "How much does an F2 weigh?",
    ]


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("The K4 grip", ("K4",)),
        ("Making a claim", ()),
        ("Genghis Khan", ("Genghis Khan",)),
        ("Oxygen", ("Oxygen",)),
        ("Fares on the Ossel Line", ("Ossel Line",)),
        ("Opening the Ossel Line", ("Ossel Line",)),
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
