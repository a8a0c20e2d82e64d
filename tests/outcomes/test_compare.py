import json
from dataclasses import asdict

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar

from lab.outcomes.compare import REGISTERED, compare_methods
from lab.outcomes.table import QuestionFacts, ScoreTable
from lab.statistics.clustered import clustered_mean
from lab.statistics.power import minimum_detectable, more_questions
from lab.statistics.sample import Sample

N = 120
ALL = ("oracle", "raft", "fine-tuned", "rag", "closed-book", "fine-tuned+rag")
BY_THREE = [question // 3 for question in range(N)]


def table(values, clusters=None, metric="token_f1"):
    """`values` by method: one row per training run, or a flat list for one."""
    rows = {name: np.atleast_2d(np.array(found, dtype=float)) for name, found in values.items()}
    count = next(iter(rows.values())).shape[1]
    clusters = range(count) if clusters is None else clusters
    questions = tuple(
        QuestionFacts(str(i), f"d{cluster}", "span", True, 1) for i, cluster in zip(range(count), clusters, strict=True)
    )
    return ScoreTable(
        questions,
        {name: tuple(range(len(found))) for name, found in rows.items()},
        {name: {metric: found} for name, found in rows.items()},
    )


def noisy(mean, seed, spread=0.1, shape=N):
    return np.random.default_rng(seed).normal(mean, spread, shape)


def six():
    return {name: noisy(0.5, i) for i, name in enumerate(ALL)}


def compared(values, clusters=BY_THREE, margin=0.03, **how):
    found = compare_methods(table(values, clusters), "token_f1", margin, 7, **how)
    json.dumps([asdict(row) for row in found], allow_nan=False)
    return {(row.method, row.baseline): row for row in found}


def judged(baseline, method, margin=0.03, clusters=BY_THREE):
    return compared({"rag": method, "closed-book": baseline}, clusters, margin)["rag", "closed-book"]


def test_all_pairs_once_registered_first_later_minus_earlier():
    rows = compared(six())
    assert tuple(rows)[:6] == REGISTERED[:6]
    assert len(rows) == len({frozenset(pair) for pair in rows}) == 15
    assert ("oracle", "raft") in rows and ("raft", "closed-book") in rows
    for pair, row in rows.items():
        assert (row.p_holm is not None) == (row.verdict is not None) == (pair in REGISTERED)
        assert row.low <= row.difference <= row.high
        assert row.low_bca <= row.difference <= row.high_bca
        assert (row.n, row.clusters, row.lost) == (120, 40, 0)
        assert row.by_seed == pytest.approx((row.difference,))
        assert row.p_retrained is None and row.p_mcnemar is None
        assert row.needed is None or row.verdict == "inconclusive"


def test_secondary_metrics_get_intervals_only():
    rows = compared({"rag": noisy(0.9, 1), "closed-book": noisy(0.1, 2)}, registered=False)
    row = rows["rag", "closed-book"]
    assert row.p_holm is None and row.verdict is None and row.needed is None and row.low > 0.5


def test_difference_is_method_minus_baseline():
    assert judged(noisy(0.2, 1), noisy(0.7, 2)).difference == pytest.approx(0.5, abs=0.05)


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
    base, noise = noisy(0.5, 1), noisy(0.0, 2, spread)
    row = judged(base, base + shift + noise - noise.mean())
    assert row.verdict == verdict
    assert (row.needed is not None) == (verdict == "inconclusive")


def test_what_is_needed_for_the_margin_counts_all_registered_contrasts():
    rows = compared({name: noisy(0.5, i, 1.0) for i, name in enumerate(ALL)})
    for pair in REGISTERED[:6]:
        row = rows[pair]
        names = dict(zip(ALL, range(6), strict=True))
        d = noisy(0.5, names[pair[0]], 1.0) - noisy(0.5, names[pair[1]], 1.0)
        result = clustered_mean(Sample(d[None], np.array(BY_THREE)))
        assert row.mde == minimum_detectable(result, 6)
        assert row.needed == more_questions(result, 0.03, 6)
        assert row.needed.questions == 3 * row.needed.clusters
    other = rows["raft", "closed-book"]
    assert other.needed is None and other.mde < rows["raft", "rag"].mde


def test_identical_methods():
    same = noisy(0.5, 1)
    row = judged(same, same)
    assert (row.difference, row.low, row.high, row.low_bca, row.high_bca) == (0.0,) * 5
    assert (row.p, row.p_holm, row.verdict, row.mde) == (1.0, 1.0, "equivalent", None)
    runs = noisy(0.5, 1, shape=(3, N))
    rows = compared({"raft": runs, "fine-tuned+rag": runs})
    row = rows["raft", "fine-tuned+rag"]
    assert (row.difference, row.low, row.high, row.p, row.p_retrained) == (0.0, 0.0, 0.0, 1.0, 1.0)
    assert row.verdict == "equivalent"


def test_holm_counts_only_the_registered_contrasts_of_this_run():
    rows = compared({name: noisy(0.5, i) for i, name in enumerate(("closed-book", "rag", "oracle"))})
    assert rows["rag", "closed-book"].p_holm == rows["rag", "closed-book"].p
    assert rows["oracle", "rag"].p_holm is None


def test_other_names_are_all_judged():
    values = {name: noisy(0.5, i) for i, name in enumerate(("base", "lora", "search"))}
    rows = compared(values)
    assert set(rows) == {("lora", "base"), ("search", "base"), ("search", "lora")}
    assert min(row.p_holm for row in rows.values()) == pytest.approx(3 * min(row.p for row in rows.values()))
    assert all(row.verdict for row in rows.values())
    assert not any(row.verdict for row in compared(values, registered=False).values())


def test_contrasts_may_be_declared():
    values = {name: noisy(0.5, i) for i, name in enumerate(("rag", "raft", "mine"))}
    rows = compared(values, contrasts=(("rag", "raft"), ("mine", "rag")))
    assert list(rows) == [("rag", "raft"), ("mine", "rag"), ("mine", "raft")]
    assert [row.p_holm is None for row in rows.values()] == [False, False, True]


def test_a_pair_does_not_depend_on_the_other_methods_or_on_their_order():
    values = six()
    full = compared(values)["raft", "rag"]
    row = compared({"raft": values["raft"], "rag": values["rag"]})["raft", "rag"]
    for name in ("difference", "low", "high", "p", "n", "clusters", "by_seed", "effects"):
        assert getattr(row, name) == getattr(full, name)
    assert (row.low_bca, row.high_bca) == pytest.approx((full.low_bca, full.high_bca))
    assert row.mde < full.mde  # one contrast needs no correction


def test_items_defined_for_both_only():
    a, b = [1.0, np.nan, 0.5, np.nan], [0.0, 1.0, 0.5, np.nan]
    row = judged(b, a, clusters=[0, 0, 0, 0])
    assert (row.n, row.lost, row.difference) == (2, 1, 0.5)
    assert row.low is None and row.mde is None and row.verdict == "inconclusive"  # one cluster says nothing
    assert (row.p, row.low_bca, row.needed) == (1.0, None, None)
    assert row.effects.odds_ratio is None and row.effects.relative_error_reduction == pytest.approx(
        (0.75 - 0.25) / 0.75
    )


def test_nothing_in_common_has_no_row():
    assert compared({"rag": [np.nan, 1.0], "raft": [1.0, np.nan]}, [0, 1]) == {}
    assert compared({"rag": [np.nan], "raft": [1.0]}, [0]) == {}
    assert compared({"rag": [1.0]}, [0]) == {}


def test_a_method_without_the_metric_is_left_out():
    scores = table({"rag": noisy(0.5, 1), "raft": noisy(0.5, 2)})
    columns = {**scores.columns, "oracle": {"bleu": scores.values("rag", "token_f1")}}
    found = compare_methods(
        ScoreTable(scores.questions, {**scores.seeds, "oracle": (0,)}, columns), "token_f1", 0.03, 7
    )
    assert [(row.method, row.baseline) for row in found] == [("raft", "rag")]


def test_few_questions():
    row = judged([0.0, 0.0, 1.0, 0.0, 0.0, 0.0], [1.0] * 6, clusters=range(6))
    assert (row.n, row.p) == (6, 2 / 32)  # five clusters moved, all one way
    assert row.verdict == "inconclusive"
    assert row.p_mcnemar == 2 / 32
    assert row.effects.odds_ratio is None  # the baseline alone is never right


def test_mcnemar_where_each_question_is_a_cluster():
    generator = np.random.default_rng(3)
    a, b = generator.integers(0, 2, (2, 60)).astype(float)
    row = judged(b, a, clusters=range(60))
    counts = [[np.sum((a == x) & (b == y)) for y in (1, 0)] for x in (1, 0)]
    assert row.p_mcnemar == pytest.approx(float(mcnemar(counts, exact=True).pvalue))
    assert row.p == pytest.approx(row.p_mcnemar, abs=0.02)  # the sign flips test the same
    assert row.effects.odds_ratio == pytest.approx(counts[0][1] / counts[1][0])
    assert judged(b, a, clusters=[i // 2 for i in range(60)]).p_mcnemar is None
    assert judged(b, a * 0.5, clusters=range(60)).p_mcnemar is None


def tuned(*shifts, seed=4, spread=0.05):
    """RAFT against RAG, where each training run is shifted by so much."""
    base = noisy(0.5, seed)
    noise = noisy(0.0, seed + 1, spread)
    noise -= noise.mean()
    return {"rag": base, "raft": np.stack([base + noise + shift for shift in shifts])}


def test_training_runs_are_in_the_error_and_in_p():
    shifts = (0.05, 0.10, 0.15)
    row = compared(tuned(*shifts))["raft", "rag"]
    alone = compared({name: found.mean(axis=0) if found.ndim == 2 else found for name, found in tuned(*shifts).items()})
    single = alone["raft", "rag"]
    assert row.by_seed == pytest.approx(shifts)
    assert row.difference == pytest.approx(single.difference)
    assert row.p_retrained == pytest.approx(stats.ttest_1samp(shifts, 0.0).pvalue)
    assert (single.p, single.verdict) == (1e-4, "better")
    assert row.p > 0.01  # the sign flips alone would say 0.0001
    assert row.high - row.low > 3 * (single.high - single.low)
    assert row.mde > 3 * single.mde


def test_training_runs_that_disagree_prove_nothing():
    row = compared(tuned(-0.1, 0.0, 0.2))["raft", "rag"]
    assert row.verdict == "inconclusive" and row.p > 0.3
    assert row.needed is None  # more questions cannot help


def test_p_is_that_of_the_sign_flips_if_it_is_larger():
    same = tuned(0.01, 0.01, spread=0.2)
    row = compared(same)["raft", "rag"]
    single = compared({"rag": same["rag"], "raft": same["raft"][0]})["raft", "rag"]
    result = clustered_mean(Sample(same["raft"] - same["rag"], np.array(BY_THREE)))
    t = 2 * stats.t.sf(result.mean / result.error, 39)
    assert row.p == pytest.approx(max(single.p, t))
    assert row.p_retrained is None  # equal runs do not tell how far a further one would be


def test_an_adapter_that_both_use_counts_once():
    adapter = np.array([[-0.3], [0.0], [0.3]])
    base, moved = noisy(0.5, 1) + adapter, noisy(0.5, 1) + 0.1 + noisy(0.0, 3, 0.02) + adapter
    row = compared({"fine-tuned": base, "fine-tuned+rag": moved})["fine-tuned+rag", "fine-tuned"]
    assert row.verdict == "better" and row.high - row.low < 0.03
