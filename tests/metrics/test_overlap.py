import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu import sentence_bleu, sentence_chrf

from lab.metrics.overlap import bleu, chrf, rouge_l

GOLDS = ["the depot closes at ten in the evening", "ten in the evening"]
PREDICTIONS = ["the depot closes at ten", "ten in the evening", "noon", "the the the", "evening the in ten at"]


@pytest.mark.parametrize("prediction", PREDICTIONS)
def test_values_are_those_of_the_reference_libraries(prediction):
    scorer = RougeScorer(["rougeL"])
    assert rouge_l(prediction, GOLDS) == max(scorer.score(gold, prediction)["rougeL"].fmeasure for gold in GOLDS)
    assert bleu(prediction, GOLDS) == pytest.approx(
        sentence_bleu(prediction, GOLDS, use_effective_order=True).score / 100
    )
    assert chrf(prediction, GOLDS) == pytest.approx(sentence_chrf(prediction, GOLDS).score / 100)


def test_rouge_l_by_hand():
    assert rouge_l("a b c d", ["a x b d"]) == pytest.approx(0.75)  # LCS a b d: P = R = 3/4


def test_equal_is_one_and_empty_is_zero():
    for metric in (rouge_l, bleu, chrf):
        assert metric("ten in the evening", ["ten in the evening"]) == pytest.approx(1.0)
        assert metric("", ["ten"]) == 0.0


def test_nothing_to_compare_with_is_undefined():
    for metric in (rouge_l, bleu, chrf):
        assert metric("ten", []) is None
        assert metric("ten", ["  "]) is None
    assert rouge_l("十", ["十"]) is None  # its tokenizer would read nothing and give 0
    assert chrf("十", ["十"]) == pytest.approx(1.0)
