import numpy as np
import pytest

from lab.metrics.compare import REGISTERED, compare_methods

QUESTIONS = [str(i) for i in range(120)]
CLUSTERS = {question: f"d{int(question) // 3}" for question in QUESTIONS}
ALL = ("oracle", "raft", "fine-tuned", "rag", "closed-book", "fine-tuned+rag")


def noisy(mean, seed, spread=0.1):
    draws = np.random.default_rng(seed).normal(mean, spread, len(QUESTIONS))
    return dict(zip(QUESTIONS, map(float, draws), strict=True))


def judged(b, a, margin=0.03):
    return compare_methods({"rag": a, "closed-book": b}, CLUSTERS, "token_f1", margin, 7)[0]


def test_all_pairs_once_registered_first_later_minus_earlier():
    values = {name: noisy(0.5, i) for i, name in enumerate(ALL)}
    rows = compare_methods(values, CLUSTERS, "token_f1", 0.03, 7)
    pairs = [(row.method, row.baseline) for row in rows]
    assert tuple(pairs[:6]) == REGISTERED
    assert len(pairs) == len({frozenset(pair) for pair in pairs}) == 15
    assert ("oracle", "raft") in pairs and ("raft", "closed-book") in pairs
    for row in rows:
        registered = (row.method, row.baseline) in REGISTERED
        assert (row.p_holm is not None) == (row.verdict is not None) == registered
        assert row.low <= row.difference <= row.high
        assert (row.n, row.clusters, row.lost) == (120, 40, 0)


def test_secondary_metrics_get_intervals_only():
    values = {"rag": noisy(0.9, 1), "closed-book": noisy(0.1, 2)}
    (row,) = compare_methods(values, CLUSTERS, "bleu", 0.03, 7, registered=False)
    assert row.p_holm is None and row.verdict is None and row.low > 0.5


def test_difference_is_method_minus_baseline():
    row = judged(noisy(0.2, 1), noisy(0.7, 2))
    assert (row.method, row.baseline) == ("rag", "closed-book")
    assert row.difference == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("shift", "spread", "verdict"),
    [
        (0.2, 0.1, "better"),
        (-0.2, 0.1, "worse"),
        (0.025, 0.05, "slightly better"),
        (-0.025, 0.05, "slightly worse"),
        (0.0, 0.05, "equivalent"),
        (0.005, 0.01, "equivalent"),  # significant, yet too small to matter: equivalence comes first
        (0.03, 1.0, "inconclusive"),
    ],
)
def test_verdicts(shift, spread, verdict):
    base = noisy(0.5, 1)
    noise = noisy(0.0, 2, spread)
    centre = sum(noise.values()) / len(noise)
    moved = {question: base[question] + shift + noise[question] - centre for question in QUESTIONS}
    assert judged(base, moved).verdict == verdict


def test_identical_methods():
    row = judged(noisy(0.5, 1), noisy(0.5, 1))
    assert (row.difference, row.low, row.high, row.p, row.verdict) == (0.0, 0.0, 0.0, 1.0, "equivalent")


def test_holm_counts_only_the_registered_contrasts_of_this_run():
    values = {name: noisy(0.5, i) for i, name in enumerate(("closed-book", "rag", "oracle"))}
    rows = {(row.method, row.baseline): row for row in compare_methods(values, CLUSTERS, "token_f1", 0.03, 7)}
    assert rows["rag", "closed-book"].p_holm == rows["rag", "closed-book"].p
    assert rows["oracle", "rag"].p_holm is None


def test_a_pair_does_not_depend_on_the_other_methods_or_on_their_order():
    values = {name: noisy(0.5, i) for i, name in enumerate(ALL)}
    full = {(row.method, row.baseline): row for row in compare_methods(values, CLUSTERS, "m", 0.03, 7)}
    swapped = {"raft": values["raft"], "rag": dict(reversed(values["rag"].items()))}
    (one,) = compare_methods(swapped, CLUSTERS, "m", 0.03, 7)
    same = full["raft", "rag"]
    assert (one.p, one.n, one.clusters) == (same.p, same.n, same.clusters)
    assert (one.difference, one.low) == pytest.approx((same.difference, same.low))
    assert one.mde < same.mde  # one contrast needs no correction


def test_items_defined_for_both_only():
    a, b = {"1": 1.0, "2": None, "3": 0.5, "4": None}, {"1": 0.0, "2": 1.0, "3": 0.5, "4": None}
    (row,) = compare_methods({"rag": a, "closed-book": b}, dict.fromkeys(a, "d"), "m", 0.03, 7)
    assert (row.n, row.lost, row.difference) == (2, 1, 0.5)
    assert row.low is None and row.mde is None and row.verdict == "inconclusive"  # one cluster says nothing


def test_nothing_in_common_has_no_row():
    assert compare_methods({"rag": {"1": None}, "raft": {"1": 1.0}}, {"1": "d"}, "m", 0.03, 7) == ()
    assert compare_methods({"rag": {"1": 1.0}}, {"1": "d"}, "m", 0.03, 7) == ()


def test_questions_must_agree():
    with pytest.raises(ValueError, match=r"raft: .*\['2'\]"):
        compare_methods({"rag": {"1": 1.0}, "raft": {"1": 1.0, "2": 0.0}}, {"1": "d", "2": "d"}, "m", 0.03, 7)
    with pytest.raises(ValueError, match="cluster"):
        compare_methods({"rag": {"1": 1.0}, "raft": {"1": 1.0}}, {}, "m", 0.03, 7)
