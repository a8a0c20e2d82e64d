"""Whether a question is understood without its passage: both kinds of mistake."""

import pytest

from lab.synthesis import standalone
from lab.synthesis.standalone import unclear


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("What is it made of?", standalone.DANGLING),
        ("When did they leave Ossel Head?", standalone.DANGLING),
        ("Who is responsible for this procedure?", standalone.DANGLING),
        ("What are these cabins made of?", standalone.DANGLING),
        ("How long should we wait for the cabin?", standalone.DANGLING),
        ("What does the passage say about brakes?", standalone.NAMES_ITS_SOURCE),
        ("What is the main topic of the given text?", standalone.NAMES_ITS_SOURCE),
        ("Which of the following cabins is blue?", standalone.NAMES_ITS_SOURCE),
        ("According to the author, how old is Ossel?", standalone.NAMES_ITS_SOURCE),
        ("Why K6?", standalone.TOO_SHORT),
        ("What was the one that was then?", standalone.NO_CONTENT),
        ("The K6 weighs 412 kg.", standalone.NO_QUESTION),
        ("What is the K6? How much does the cabin weigh?", standalone.SEVERAL),
        ("What " + "very " * 45 + "heavy cabin is blue?", standalone.TOO_LONG),
    ],
)
def test_unclear_questions_and_their_reasons(question, reason):
    assert unclear(question, None) == reason


@pytest.mark.parametrize(
    "question",
    [
        "How much does the K6 weigh when it is empty?",  # after its noun
        "Where did Ida Norwell keep her ledger?",
        "How long does it take to lower the K6?",
        "Which cabin do passengers board when they reach Ossel?",
        "How old is the text of the Ossel treaty?",
        "In which document class does a permit to work belong?",
        "When was the Ossel Line opened?",
        "According to \u201cFares on the Ossel Line\u201d, what is the price?",
        "Complete: The F5 holds ____ of rope. (Rescue kit)",
        "What does WFO stand for?",
    ],
)
def test_clear_questions(question):
    assert unclear(question, None) is None
