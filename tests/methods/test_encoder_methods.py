"""What the encoder's methods may learn, when they are refused, and what their answers say."""

import math

import numpy as np
import pytest

from lab.errors import ConfigError
from lab.methods.classifiers import Examples, NeighbourVote
from lab.methods.encoder_methods import EncoderAnswerer, check_labels, codes_of, labels_of
from lab.methods.prompts import ABSTAIN
from lab.types import Query, Question


def question(name, *answers, kind="label"):
    return Question(name, f"text of {name}", answers, kind)


TRAIN = (question("a", "Refund"), question("b", "times"), question("c", "refund "))


def test_labels_that_differ_in_case_are_one_and_come_sorted():
    assert labels_of(TRAIN) == ("Refund", "times")
    assert codes_of(TRAIN, labels_of(TRAIN)).tolist() == [0, 1, 0]
    assert codes_of([question("d", "elsewhere"), question("e", "TIMES")], ("Refund", "times")).tolist() == [-1, 1]


def test_an_unanswerable_training_question_teaches_to_decline():
    train = (*TRAIN, question("d"))
    assert labels_of(train) == ("Refund", "times", ABSTAIN)
    assert codes_of(train, labels_of(train)).tolist() == [0, 1, 0, 2]


def test_yes_and_no_are_labels_even_where_training_shows_one_of_them():
    assert labels_of([question("a", "yes", kind="yes-no")]) == ("no", "yes")


def test_methods_of_labels_are_refused_where_answers_are_none():
    asked = (*TRAIN, question("e", "412 kg", kind="span"), question("f", "12", kind="number"))
    with pytest.raises(ConfigError) as caught:
        check_labels(["rag", "knn-vote", "linear-head"], asked, TRAIN)
    said = str(caught.value)
    assert said.startswith("methods: knn-vote and linear-head answer with a label (questions of kind label or yes-no)")
    assert "of kind number, span; take knn-vote and linear-head out of methods" in said
    check_labels(["rag", "closed-book"], asked, TRAIN)
    check_labels(["rag", "knn-vote"], (*TRAIN, question("g", kind="unanswerable")), TRAIN)


@pytest.mark.parametrize(("train", "found"), [(TRAIN[:1], "only 'Refund'"), ((), "none"), ((question("d"),), "none")])
def test_one_label_is_nothing_to_tell_apart(train, found):
    with pytest.raises(ConfigError, match=rf"knn-vote expect two or more labels .* found {found}"):
        check_labels(["knn-vote"], TRAIN, train)


class Letters:
    """Counts of a and b, normalised; three tokens at most."""

    digest, dimensions, max_tokens = "letters", 2, 3

    def encode(self, texts):
        counts = np.array([[text.count("a"), text.count("b")] for text in texts], dtype=np.float32).reshape(-1, 2)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)

    def token_offsets(self, text):
        return [(place, place + 1) for place in range(len(text))]


def test_an_answer_is_its_label_with_the_share_of_the_votes_as_confidence():
    train = Examples(np.array([[1, 0], [0, 1], [0, 1]], dtype=np.float32), np.array([0, 1, 1]))
    answerer = EncoderAnswerer(Letters(), NeighbourVote(train, 2, 3), ("bill", "times"))
    one, two = answerer.answer([Query("1", "ab"), Query("2", "aaaaaab")])
    assert (one.query_id, one.text, one.raw, one.hits, one.option) == ("1", "times", "times", (), None)
    assert one.logprob == pytest.approx(math.log(2 / 3), abs=1e-6)
    assert two.text == "bill" and two.logprob == pytest.approx(math.log(6 / 8), abs=1e-6)
    assert one.timing.retrieve == 0.0 and one.timing.generate == two.timing.generate > 0.0
    assert (one.tokens.input, one.tokens.output) == (2, 0)
    assert two.tokens.input == 3, "no more than the encoder reads"
    assert answerer.answer([]) == []
