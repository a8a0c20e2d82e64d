import math

import numpy as np
import pytest

from lab.metrics.registry import GROUNDEDNESS, METRICS, score_answers
from lab.types import Answer, Question, Timing, Tokens

ALWAYS = ("exact_match", "token_f1", "contains", "abstained", "wrong")


class Letters:
    """Texts as letter counts; counts its calls."""

    dimensions = 26
    max_tokens = 512

    def __init__(self):
        self.calls = []

    def encode(self, texts):
        self.calls.append(list(texts))
        counts = np.array([[text.lower().count(chr(97 + i)) for i in range(26)] for text in texts], dtype=np.float32)
        return counts / np.maximum(np.linalg.norm(counts, axis=1, keepdims=True), 1e-9)

    def token_offsets(self, text):
        return []


def answer(query_id, text, raw=None, error=None, option=None):
    raw = text if raw is None else raw
    return Answer(query_id, text, raw, (), Timing(0.0, 0.0), Tokens(1, 1), error=error, option=option)


QUESTIONS = {
    "span": Question("span", "?", ("Ravel Street",), "span"),
    "none": Question("none", "?", (), "unanswerable"),
    "bool": Question("bool", "?", ("no",), "yes-no"),
    "number": Question("number", "?", ("30 minutes",), "number"),
    "label": Question("label", "?", ("A",), "label"),
    "label2": Question("label2", "?", ("B",), "label"),
    "call": Question("call", "?", ("load('a/b')",), "call"),
    "list": Question("list", "?", ("brake, grip and cable",), "list"),
}


def table(*answers, encoder=None):
    scores = score_answers(answers, QUESTIONS, encoder)
    return {(score.query_id, score.metric): score for score in scores}


def test_every_metric_for_every_answer_in_order_with_a_value_or_a_reason():
    answers = [answer(query_id, text) for query_id in QUESTIONS for text in ("", "no", "30", "NOT_FOUND")]
    scores = score_answers(answers, QUESTIONS, Letters())
    assert [score.metric for score in scores] == list(METRICS) * len(answers)
    for score in scores:
        assert (score.value is None) == bool(score.reason)
        assert score.value is None or (math.isfinite(score.value) and 0.0 <= score.value <= 1.0 + 1e-6)
        assert score.value is not None or score.metric not in ALWAYS


def test_names_and_order_are_the_public_ones():
    names = "exact_match token_f1 contains numeric_match label_accuracy option_accuracy call_match call_domain"
    names += " call_hallucinated list_f1 list_match"
    overlap = "rouge_1 rouge_2 rouge_l rouge_lsum bleu chrf semantic_similarity"
    grounded = "support_lexical support_embedding support_nli quote_fidelity supporting_document"
    assert list(METRICS) == [*names.split(), *overlap.split(), "abstained", "wrong", *grounded.split()]
    assert list(GROUNDEDNESS) == grounded.split()


def test_contains_reads_the_raw_text_and_the_strict_metrics_the_parsed_answer():
    found = table(answer("span", "It is there", raw="It is there\nat Ravel Street, I think"))
    assert found["span", "contains"].value == 1.0
    assert found["span", "exact_match"].value == 0.0
    assert found["span", "wrong"].value == 1.0  # 'wrong' never reads more than the parsed answer


@pytest.mark.parametrize(
    "raw",
    [
        "##Reason: ##begin_quote##the depot in Ravel Street##end_quote## ##Answer: the tower",
        "It says ##begin_quote##Ravel Street##end_quote##, so the tower",
        "Ravel Street is near. ## answer the tower",
        "##Reason: the depot in Ravel Street, cut at the token limit",
    ],
)
def test_a_quote_that_holds_the_gold_is_no_answer(raw):
    found = table(answer("span", "the tower", raw=raw))
    assert found["span", "contains"].value == 0.0
    assert found["span", "wrong"].value == 1.0
    right = table(answer("span", "at Ravel Street", raw=raw))
    assert right["span", "contains"].value == 1.0
    assert right["span", "wrong"].value == 0.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("The answer is no.", 1.0),
        ("No.", 1.0),
        ("yes", 0.0),
        ("There is no such rule", 0.0),
        ("The answer is yes, no doubt", 0.0),
    ],
)
def test_yes_and_no_are_labels_not_words(text, value):
    found = table(answer("bool", text))
    assert found["bool", "contains"].value == value
    assert found["bool", "wrong"].value == 1.0 - value


def test_a_yes_or_no_is_read_from_the_parsed_answer():
    found = table(answer("bool", "No", raw="##Reason: quoted text says yes ##Answer: No"))
    assert found["bool", "contains"].value == found["bool", "label_accuracy"].value == 1.0


@pytest.mark.parametrize("text", ["", "NOT_FOUND", "I don't know."])
def test_abstaining_is_right_exactly_where_there_is_no_answer(text):
    found = table(answer("none", text), answer("span", text))
    for metric in ("exact_match", "token_f1", "contains"):
        assert found["none", metric].value == 1.0
        assert found["span", metric].value == 0.0
    for question in ("none", "span"):
        assert found[question, "abstained"].value == 1.0
        assert found[question, "wrong"].value == 0.0
    assert found["span", "semantic_similarity"].value is None


def test_answering_the_unanswerable_is_wrong():
    found = table(answer("none", "Ravel Street"))
    assert found["none", "wrong"].value == 1.0
    assert found["none", "exact_match"].value == found["none", "contains"].value == 0.0
    assert "unanswerable" in found["none", "bleu"].reason


def test_metrics_stay_out_where_they_do_not_apply():
    found = table(answer("span", "30"), answer("number", "29"), answer("label", "a)"), answer("label2", "C"))
    assert found["span", "numeric_match"].value is None
    assert "number" in found["span", "numeric_match"].reason
    assert found["number", "numeric_match"].value == 1.0  # within the precision of 30
    assert found["number", "label_accuracy"].value is None
    assert found["label", "label_accuracy"].value == 1.0
    assert found["label2", "label_accuracy"].value == 0.0  # INVALID counts


def test_the_likeliest_option_is_judged_whatever_was_written():
    found = table(answer("label", "C or so", option="a"), answer("label2", "B", option="A"), answer("span", "A"))
    assert found["label", "option_accuracy"].value == 1.0
    assert found["label", "label_accuracy"].value == 0.0
    assert found["label2", "option_accuracy"].value == 0.0
    assert found["span", "option_accuracy"].reason == "questions of kind span have no fixed set of labels"
    assert table(answer("label", "A"))["label", "option_accuracy"].reason == "the likeliest label was not asked for"


def test_lists_are_right_in_any_order_and_nothing_else_has_items():
    found = table(answer("list", "cable; brake; grip"), answer("span", "Ravel Street"))
    assert found["list", "exact_match"].value == 0.0
    assert found["list", "list_f1"].value == found["list", "list_match"].value == 1.0
    assert found["list", "wrong"].value == 0.0
    assert found["span", "list_f1"].reason == "questions of kind span are not answered by a list"
    assert table(answer("list", "NOT_FOUND"))["list", "list_f1"].value == 0.0


def test_calls_are_compared_where_the_kind_says_so():
    found = table(answer("call", 'x = load("a/b", fast=True)'), answer("span", "load('a/b')"), answer("none", ""))
    assert found["call", "call_match"].value == 1.0
    assert found["call", "exact_match"].value == 0.0
    assert table(answer("call", "NOT_FOUND"))["call", "call_match"].value == 0.0
    assert found["span", "call_match"].reason == "questions of kind span are not answered by a call"
    assert "unanswerable" in found["none", "call_match"].reason


def test_similarity_is_the_nearest_gold_from_one_encode_call():
    questions = {"q": Question("q", "?", ("abc", "xyz"), "span"), "r": Question("r", "?", ("abc",), "span")}
    encoder = Letters()
    scores = score_answers([answer("q", "zyx"), answer("r", "abd"), answer("r", "")], questions, encoder)
    values = [score.value for score in scores if score.metric == "semantic_similarity"]
    assert values == [pytest.approx(1.0), pytest.approx(2 / 3), None]
    assert len(encoder.calls) == 1
    assert len(encoder.calls[0]) == len(set(encoder.calls[0])) == 4


def test_without_an_encoder_similarity_says_so():
    assert "encoder" in table(answer("span", "x"))["span", "semantic_similarity"].reason


def test_failed_and_foreign_answers_are_refused():
    with pytest.raises(ValueError, match="span: an answer with an error"):
        table(answer("span", "", error="out of memory"))
    with pytest.raises(ValueError, match="no such question"):
        table(answer("other", ""))
    assert score_answers([], QUESTIONS, None) == ()


def test_a_label_that_sounds_like_a_refusal_is_an_answer():
    asked = {
        name: Question(name, "Is it?", (gold,), "label") for name, gold in (("a", "unknown"), ("b", "yes"), ("c", "no"))
    }
    found = {
        (score.query_id, score.metric): score.value
        for score in score_answers(
            [answer("a", "Unknown."), answer("b", "NOT_FOUND"), answer("c", "not sure")], asked, None
        )
    }
    assert [found[name, "label_accuracy"] for name in "abc"] == [1.0, 0.0, 0.0]
    assert [found[name, "abstained"] for name in "abc"] == [0.0, 1.0, 1.0]


def test_what_a_strict_measure_calls_right_is_not_wrong():
    call, label = "load('a/b', 'c')", "B"
    asked = {"a": Question("a", "How?", (call,), "call"), "b": Question("b", "Which?", (label,), "label")}
    scores = score_answers(
        [answer("a", "x = load('a/b', name='c', fast=True)"), answer("b", "(b) the depot")], asked, None
    )
    assert {score.query_id: score.value for score in scores if score.metric == "wrong"} == {"a": 0.0, "b": 0.0}


@pytest.mark.parametrize(
    "said", ["This message is about refunds", "fares, refunds", "not refunds but running", "It is refunds."]
)
def test_a_sentence_that_holds_the_gold_is_no_label_and_so_is_wrong(said):
    asked = {
        "q": Question("q", "My fare?", ("refunds",), "label"),
        "r": Question("r", "Late?", ("running",), "label"),
        "f": Question("f", "Dear?", ("fares",), "label"),
    }
    scores = {score.metric: score.value for score in score_answers([answer("q", said)], asked, None)}
    assert (scores["label_accuracy"], scores["contains"] > 0, scores["wrong"]) == (0.0, True, 1.0)
