"""What the data card says of one side of the split."""

import statistics

from hypothesis import given
from hypothesis import strategies as st

from lab.corpus.summary import describe_questions
from lab.types import Evidence, Question


def test_a_side_is_counted_by_hand():
    found = describe_questions(
        [
            Question("a", "How heavy is it?", ("40 kg", "forty kilos or so"), "number", (Evidence("d-1", 0, 5),)),
            Question("b", "Who holds the permit now?", ("the steward",), "span", (Evidence("d-1", 7, 9),)),
            Question("c", "Why?", (), "unanswerable", document_id="d-2", synthetic="cloze"),
            Question("e", "Is the  brake\u00a0on\n?", ("yes",), "span", group="g"),
        ]
    )
    assert found == {
        "questions": 4,
        "kinds": {"span": 2, "number": 1, "unanswerable": 1},
        "unanswerable": 1,
        "synthetic": {"cloze": 1},
        "clusters": 3,  # d-1 twice, d-2, the group
        "question_words": {"min": 1, "median": 4.5, "max": 5},  # 1, 4, 5, 5
        "answer_words": {"min": 1, "median": 2, "max": 2},  # first gold answers: 2, 2, 1
    }
    assert list(found["kinds"]) == ["span", "number", "unanswerable"]


def test_a_side_without_questions_or_without_answers_has_no_lengths():
    nothing = describe_questions([])
    assert (nothing["questions"], nothing["clusters"], nothing["kinds"]) == (0, 0, {})
    assert nothing["question_words"] is None and nothing["answer_words"] is None
    found = describe_questions([Question("a", "Why not?", (), "unanswerable")])
    assert found["answer_words"] is None and found["question_words"] == {"min": 2, "median": 2, "max": 2}


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["span", "list"])), min_size=1))
def test_lengths_and_kinds_are_those_of_the_questions(asked):
    questions = [Question(str(at), "word " * size, (), kind) for at, (size, kind) in enumerate(asked)]
    found = describe_questions(questions)
    sizes = [size for size, _ in asked]
    assert found["question_words"] == {"min": min(sizes), "median": statistics.median(sizes), "max": max(sizes)}
    assert sum(found["kinds"].values()) == found["questions"] == found["clusters"] == found["unanswerable"]
