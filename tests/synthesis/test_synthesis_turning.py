"""Statements turned into questions, and which answers are no target."""

from __future__ import annotations

import pytest

from lab.synthesis.inflection import bases
from lab.synthesis.nouns import AnswerSpan
from lab.synthesis.turning import MOST_TURNED, turned
from lab.types import Passage


def questions(text: str, answer: str, kind: str = "span", title: str = "") -> tuple[str, ...]:
    start = text.index(answer)
    passage = Passage("d#0", "d", title, text, 100, 100 + len(text))
    return turned(passage, AnswerSpan(answer, 100 + start, 100 + start + len(answer), kind))


@pytest.mark.parametrize(
    ("text", "answer", "kind", "wanted"),
    [
        ("The car takes 9 passengers on every trip.", "9 passengers", "number",
         "How many passengers does the car take on every trip?"),
        ("A full survey is made every 29 days on the quarry line.", "29 days", "number",
         "How often is a full survey made on the quarry line?"),
        ("A ropeman of any grade receives 31 days of leave.", "31 days", "number", None),
        ("In 1564, Laudon established the first settlement.", "1564", "number",
         "In which year did Laudon establish the first settlement?"),
        ("The old mill was rebuilt in 1820 after a fire.", "1820", "number",
         "In which year was the old mill rebuilt after a fire?"),
        ("The jaws are drawn together by twin coil springs.", "twin coil springs", "span",
         "By what are the jaws drawn together?"),
        ("Each packet is labelled with a destination address.", "a destination address", "span",
         "With what is each packet labelled?"),
        ("The hotel stands near Tower Bridge in the old town.", "Tower Bridge", "span",
         "Where does the hotel stand in the old town?"),
        ("Brakes of all trams are tested because wet leaves make rails slippery.", "wet leaves make rails slippery",
         "span",
         "Why are brakes of all trams tested?"),
        ("Ida Norwell gives permission for repairs after dark.", "Ida Norwell", "span",
         "Who gives permission for repairs after dark?"),
        ("The explorer Jean Ribault charted the river in May.", "Jean Ribault", "span",
         "Which explorer charted the river in May?"),
        ("The company hired the Troika Group to design its logo.", "Troika Group", "span",
         "Which group did the company hire to design its logo?"),
        ("The ceiling (with people) carries 120 kilograms.", "120 kilograms", "number",
         "How many kilograms does the ceiling carry?"),
    ],
)  # fmt: skip
def test_a_statement_gives_the_question_among_others(text: str, answer: str, kind: str, wanted: str | None) -> None:
    found = questions(text, answer, kind)
    assert (wanted in found) if wanted else found == ()
    assert all(question[:1].isupper() and question.endswith("?") for question in found)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("They met the Queen of Spain in Vienna.", "Queen"),  # a longer name
        ("The coast was settled by Danes, Swedes, and Norwegians from the north.", "Danes"),  # one of a list
        ("The coast was settled by Danes and Swedes.", "Swedes"),
        ("The series shows American lifestyles of the rich.", "American"),  # half a noun phrase
        ("It operates St. Mary Hospital in the city.", "St"),  # an abbreviation
        ("The university's Laboratory School has a garden.", "Laboratory School"),
        ("It was built in 1820 by a miller.", "1820"),  # a pronoun says nothing alone
    ],
)
def test_parts_of_something_longer_are_no_target(text: str, answer: str) -> None:
    assert questions(text, answer) == ()


def test_the_question_never_holds_a_gap_and_never_too_much() -> None:
    text = "The rope and the old rope and the new rope and the last rope holds and moves and lifts 12 tonnes daily."
    found = questions(text, "12 tonnes", "number")
    assert 0 < len(found) <= MOST_TURNED
    assert len(set(found)) == len(found)
    assert not any("  " in question or " ," in question for question in found)


def test_hostile_text_ends_soon() -> None:
    for head, tail in (
        ("and " * 30_000, "(" * 30_000),
        ("and " * 100, ""),
        ("a, " * 150, "- " * 10),
        ("(" * 200, ")" * 200),
    ):
        assert len(questions(f"{head}the rope holds 12 tonnes {tail}", "12 tonnes", "number")) <= MOST_TURNED


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("weighs", ("does", "weigh")),
        ("carries", ("does", "carry")),
        ("reaches", ("does", "reach")),
        ("goes", ("does", "go")),
        ("carried", ("did", "carry")),
        ("stopped", ("did", "stop")),
        ("moved", ("did", "move")),
        ("lasted", ("did", "last")),
        ("took", ("did", "take")),
        ("hold", ("do", "hold")),
    ],
)
def test_base_forms(word: str, wanted: tuple[str, str]) -> None:
    assert wanted in tuple(bases(word))
