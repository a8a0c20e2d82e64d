"""Where answers of imported questions are found, and where honesty asks for no evidence."""

from __future__ import annotations

import pytest

from lab.create.placing import Placed, Placer, Told
from lab.types import Document, Evidence

BRAKES = Document(
    "brakes", "Brakes", "Pads are changed after 400 hours. The drum is oiled weekly. Pads weigh 2 kg each.", {}
)
DOORS = Document("doors", "Doors", "Door motors are oiled weekly, and their belts are changed after 900 hours.", {})
ROPES = Document("ropes", "Ropes", "A rope holds 12 tonnes. It is spliced by two people, and oiled weekly.", {})
PLACER = Placer((BRAKES, DOORS, ROPES))


def quoted(placed: Placed) -> list[str]:
    texts = {document.id: document.text for document in (BRAKES, DOORS, ROPES)}
    return [f"{one.document_id}: {texts[one.document_id][one.start : one.end]}" for one in placed.evidence]


@pytest.mark.parametrize(
    ("question", "answer", "told", "how", "evidence", "kind"),
    [
        ("When are pads changed?", "400 hours", Told(), "only", ["brakes: 400 hours"], "number"),
        ("Who splices a rope?", "by two people", Told(), "only", ["ropes: by two people"], "span"),
        # One word in one place: only with the question's words around it.
        ("What does a rope hold 12 of?", "tonnes", Told(), "only", ["ropes: tonnes"], "span"),
        ("What colour has the moon?", "tonnes", Told(), "several", [], "free"),
        # Three places: the question's words decide, or nothing does.
        ("How often is the drum oiled?", "weekly", Told(), "best", ["brakes: weekly"], "span"),
        ("How often?", "oiled weekly", Told(), "several", [], "free"),
        ("What do pads weigh?", "nine stone", Told(), "nowhere", [], "free"),
        # What the file names counts, whatever stands elsewhere.
        ("How often?", "weekly", Told((DOORS,)), "named", ["doors: weekly"], "span"),
        ("How often?", "daily", Told((DOORS,)), "whole", [f"doors: {DOORS.text}"], "free"),
        ("Is a rope spliced?", "yes", Told((ROPES,)), "labelled", [f"ropes: {ROPES.text}"], "yes-no"),
        ("Is a rope spliced?", "yes", Told(), "untold", [], "yes-no"),
        # A quote narrows to the answer in it; else it is itself the evidence.
        ("?", "weekly", Told((), ("spliced by two people, and OILED weekly.",)), "quoted", ["ropes: weekly"], "span"),
        ("?", "a pair", Told((), ("spliced by two people",)), "quoted", ["ropes: spliced by two people"], "free"),
        # A name that means several documents gives none of them as a whole.
        ("How often?", "daily", Told((DOORS, ROPES), (), vague=True), "nowhere", [], "free"),
        ("?", "by two people", Told((DOORS, ROPES), (), vague=True), "named", ["ropes: by two people"], "span"),
    ],
)  # fmt: skip
def test_places(question: str, answer: str, told: Told, how: str, evidence: list[str], kind: str) -> None:
    placed = PLACER.place(question, (answer,), told)
    assert (placed.how, quoted(placed), placed.kind) == (how, evidence, kind)


def test_a_number_is_not_found_inside_a_longer_one() -> None:
    placer = Placer((Document("d", "", "The rope holds 2.5 tonnes and 1,500 people."),))
    assert placer.place("What does the rope hold?", ("5",), Told()).how == "nowhere"


def test_a_later_wording_of_the_answer_counts_where_the_first_stands_nowhere() -> None:
    placed = PLACER.place("?", ("four hundred hours", "400 hours"), Told())
    assert quoted(placed) == ["brakes: 400 hours"]


def test_a_given_kind_stays() -> None:
    assert PLACER.place("?", ("by two people",), Told(), "list").kind == "list"
    assert PLACER.place("?", ("oiled",), Told((ROPES,)), "label") == Placed("label", (Evidence("ropes"),), "labelled")


def test_a_word_that_stands_everywhere_is_no_place() -> None:
    placer = Placer((Document("d", "", "a rope " * 500),))
    assert placer.place("Where is a rope?", ("rope",), Told()).evidence == ()


def test_without_documents_nothing_is_found() -> None:
    assert Placer(()).place("Where?", ("the end of it",), Told()).how == "nowhere"
