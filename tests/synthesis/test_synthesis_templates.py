"""Questions from patterns: what each pattern asks, and what it leaves alone."""

import pytest

from lab.synthesis.cloze import cloze_proposals
from lab.synthesis.templates import template_proposals
from lab.types import Passage


def passage(text, title="", heading="", start=0):
    return Passage("d#0", "d", title, text, start, start + len(text), heading)


def asked(text, **more):
    return [(one.question, one.answer.text) for one in template_proposals(passage(text, **more))]


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The Ossel Line was opened in 1921.", "When was the Ossel Line opened?", "1921"),
        ("The Ossel Line was opened in 1921.", "In which year was the Ossel Line opened?", "1921"),
        ("The Ossel Line opened on 3 May 1921.", "On what date did the Ossel Line open?", "3 May 1921"),
        ("In 1934, the Brindle Bank was closed.", "When was the Brindle Bank closed?", "1934"),
        ("The K6 was designed by Ida Norwell.", "Who designed the K6?", "Ida Norwell"),
        ("The K6 yard is located in Ulm.", "Where is the K6 yard located?", "Ulm"),
        ("The K6 weighs 412 kg.", "How much does the K6 weigh?", "412 kg"),
        ("The K6 is 2.4 metres high, and blue.", "How high is the K6?", "2.4 metres"),
        ("The K6 has 12 doors.", "How many doors does the K6 have?", "12"),
        ("The K6 brake must be tested every six months.", "How often must the K6 brake be tested?", "every six months"),
        ("A Slate event is reported within 24 hours.", "Within what time is a Slate event reported?", "24 hours"),
        ("The capital of Ossel is Tarnlow.", "What is the capital of Ossel?", "Tarnlow"),
        ("The mayor of Ossel is Ida Norwell.", "Who is the mayor of Ossel?", "Ida Norwell"),
        ("It joined the World Food Office (WFO).", "What does WFO stand for?", "World Food Office"),
    ],
)
def test_a_plain_sentence_becomes_a_question(sentence, question, answer):
    assert (question, answer) in asked(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was opened in 1921.",
        "This line was opened in 1921.",
        "Construction was completed in 1921.",  # a capital by accident
        "The latter was opened in 1921.",
        "The Ossel Line, which it joined, was opened in 1921.",
        "the Ossel Line was opened in 1921.",  # the rest of a sentence
        "The Ossel Line was opened in 1921",  # cut off
        "It joined the World Health Office (ABC).",  # other initials
        "The Ossel Line was opened in 1921 or later",
        "Die Linie wurde 1921 er\u00f6ffnet und die Bahn ist nicht mehr in der Stadt.",
    ],
)
def test_what_is_not_plain_is_left_alone(sentence):
    assert asked(sentence) == []


def test_wordings_of_one_place_are_one_group():
    found = template_proposals(passage("The Ossel Line was opened in 1921.", start=40))
    assert [one.group for one in found] == ["d:69-73", "d:69-73"]
    assert {one.maker for one in found} == {"template"}
    assert found[0].answer.kind == "number"


def test_a_key_is_asked_about_what_the_title_names():
    assert asked("Weight: 412 kg", title="F5 platform: data sheet") == [
        ("What is the weight of the F5 platform?", "412 kg"),
        ("According to \u201cF5 platform: data sheet\u201d, what is the weight?", "412 kg"),
    ]
    assert asked("Weight: 412 kg") == []  # whose weight?


def test_a_heading_is_named_with_the_title():
    [(question, _)] = asked("Weight: 412 kg", title="F5 platform", heading="Parts > Deck")
    assert question == "According to \u201cF5 platform\u201d, \u201cDeck\u201d, what is the weight?"


def test_keys_that_name_no_property_are_left_alone():
    remarks = "Note: keep dry\nPhotographs: one from far enough away to tell where you are\n"
    text = f"{remarks}Wired: yes\nWeight: 1 kg\nWeight: 2 kg"
    assert asked(text, title="F5 platform") == []


def test_cells_are_asked_by_row_and_column():
    text = "| Model | Height |\n|---|---|\n| K4 | 2.1 m |\n| K6 | 2.4 m |"
    assert asked(text, title="Cabins") == [
        ("According to \u201cCabins\u201d, what is the height of K4?", "2.1 m"),
        ("According to \u201cCabins\u201d, what is the height of K6?", "2.4 m"),
    ]


def test_what_only_the_title_makes_clear_names_the_title():
    found = asked("The briefing lasts forty minutes.", title="Contractors on site")
    assert found == [
        ("According to \u201cContractors on site\u201d, how long does the briefing last?", "forty minutes")
    ]
    assert asked("The briefing lasts forty minutes.") == []


def blanks(text, **more):
    return [(one.question, one.answer.text) for one in cloze_proposals(passage(text, **more))]


def test_a_clear_sentence_gets_a_blank_and_its_title():
    found = blanks("The rescue bag of the F5 holds 45 metres of rope at all times.", title="Rescue kit")
    assert found == [
        ("Complete: The rescue bag of the F5 holds ____ of rope at all times. (Rescue kit)", "45 metres")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "It holds 45 metres of rope and is kept in the F5 at all times.",
        "The F5 holds 45 metres of rope, and another 45 metres of rope lie in Ulm.",  # stands twice
        "However, the bag of the F5 holds 45 metres of rope at all times.",
        "The rescue bag of the F5 (old type) holds 45 metres of rope.",
        "The F5 holds 45 metres.",  # too short
        "The whole rescue at the F5 lasted five hours and three quarters.",  # half an amount
        "The rescue bag of the F5 was made by the Ministry of Rope and Sails.",  # half a name at either side
    ],
)
def test_no_blank_where_the_sentence_leans_or_the_answer_is_half(sentence):
    assert blanks(sentence, title="Rescue kit") == []


def test_without_a_title_two_names_are_needed():
    assert blanks("The rescue bag weighs 45 kilograms with all its hooks packed.") == []
    assert blanks("The F5 of Ossel Head carries 45 kilograms of rope in winter.") != []
