import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu import sentence_bleu, sentence_chrf

from lab.metrics.overlap import bleu, chrf, rouge_1, rouge_2, rouge_l, rouge_lsum

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
    for metric in (rouge_1, rouge_2, rouge_l, rouge_lsum, bleu, chrf):
        assert metric("ten in the evening", ["ten in the evening"]) == pytest.approx(1.0)
        assert metric("", ["ten in"]) == 0.0


def test_nothing_to_compare_with_is_undefined():
    for metric in (rouge_1, rouge_2, rouge_l, rouge_lsum, bleu, chrf):
        assert metric("ten", []) is None
        assert metric("ten", ["  "]) is None
    assert rouge_l("十", ["十"]) is None  # its tokenizer would read nothing and give 0
    assert chrf("十", ["十"]) == pytest.approx(1.0)


@pytest.mark.parametrize(("metric", "name"), [(rouge_1, "rouge1"), (rouge_2, "rouge2"), (rouge_l, "rougeL")])
def test_each_rouge_is_that_of_rouge_score(metric, name):
    golds = ["the cabin stopped at the upper tower", "nobody was hurt"]
    scorer = RougeScorer([name])
    for said in ("the cabin stopped", "a tower stopped the upper cabin", "", "nobody was hurt at all"):
        assert metric(said, golds) == max(scorer.score(gold, said)[name].fmeasure for gold in golds)


def test_rouge_1_and_2_by_hand():
    assert rouge_1("a b c", ["c b x y"]) == pytest.approx(2 * 2 / 7)  # b and c: P 2/3, R 2/4
    assert rouge_2("a b c", ["a b x b c"]) == pytest.approx(2 * 2 / 6)  # ab and bc of 2 and 4 pairs
    assert rouge_2("a b", ["a"]) is None
    assert rouge_2("a b", ["a", "a b"]) == 1.0


def test_rouge_lsum_takes_each_sentence_for_itself():
    """The sentences in another order: each is found whole, while no common subsequence spans both."""
    gold, said = "The cabin stopped. Nobody was hurt.", "Nobody was hurt. The cabin stopped."
    assert rouge_lsum(said, [gold]) == 1.0
    assert rouge_l(said, [gold]) == pytest.approx(1 / 2)
    lines = RougeScorer(["rougeLsum"]).score(gold.replace(". ", ".\n"), said.replace(". ", ".\n"))
    assert rouge_lsum(said, [gold]) == lines["rougeLsum"].fmeasure
    assert rouge_lsum(said.replace(". ", ".\n"), [gold]) == 1.0
