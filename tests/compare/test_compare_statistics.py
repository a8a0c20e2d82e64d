"""What is computed of two runs: matched by id, paired, adjusted over the contrasts of the comparison alone."""

import numpy as np
import pytest
from made_runs import METRIC, make_run
from scipy import stats
from statsmodels.stats.multitest import multipletests

from lab.compare.together import compare_runs
from lab.errors import DataError


def noisy(seed, n=30, level=0.5):
    return np.clip(np.random.default_rng(seed).normal(level, 0.2, n), 0, 1).tolist()


def same(found, method, later="B"):
    """The contrast of a method with itself."""
    return next(one.found for one in found.same_method(later) if one.later.method == method)


def test_identical_runs_differ_by_nothing_and_are_equivalent(tmp_path):
    scores = {"closed-book": noisy(1), "rag": noisy(2), "raft": [noisy(3), noisy(4)]}
    found = compare_runs([make_run(tmp_path / "a", scores), make_run(tmp_path / "b", scores)])
    assert [(one.found.difference, one.found.low, one.found.high) for one in found.contrasts] == [(0.0, 0.0, 0.0)] * 3
    assert {one.found.verdict for one in found.contrasts} == {"equivalent"}
    assert all(one.gained == one.lost == 0 for one in found.flips)
    assert found.changes.settings == found.changes.environment == ()


def test_questions_are_matched_by_id_whatever_their_order(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [0.0, 0.2, 0.4, 1.0]}, ids=["q1", "q2", "q3", "q4"])
    b = make_run(tmp_path / "b", {"rag": [1.0, 0.8, 0.2, 0.1]}, ids=["q4", "q3", "q2", "q1"], reverse=True)
    found = compare_runs([a, b])
    # q1 +0.1, q2 0, q3 +0.4, q4 0
    assert same(found, "rag").difference == pytest.approx(0.125)
    assert found.means["rag"]["A"].mean == pytest.approx(0.4)
    assert found.means["rag"]["B"].mean == pytest.approx(0.525)


def test_the_interval_is_that_of_a_paired_t_test_where_every_question_is_a_cluster(tmp_path):
    before, after = noisy(5, 50), noisy(6, 50, 0.6)
    found = compare_runs([make_run(tmp_path / "a", {"rag": before}), make_run(tmp_path / "b", {"rag": after})])
    one = same(found, "rag")
    expected = stats.ttest_rel(after, before).confidence_interval()
    assert (one.low, one.high) == pytest.approx((expected.low, expected.high))
    unpaired = stats.ttest_ind(after, before).confidence_interval()
    assert one.high - one.low != pytest.approx(unpaired.high - unpaired.low, rel=0.01)


def test_questions_of_one_document_are_one_cluster(tmp_path):
    gaps = [0.2, 0.2, 0.0, 0.0, -0.1, -0.1]  # three documents, two questions each
    clusters = ["d1", "d1", "d2", "d2", "d3", "d3"]
    a = make_run(tmp_path / "a", {"rag": [0.5] * 6}, clusters=clusters)
    b = make_run(tmp_path / "b", {"rag": [0.5 + gap for gap in gaps]}, clusters=clusters)
    one = same(compare_runs([a, b]), "rag")
    mean = 0.2 / 6
    sums = [2 * (gap - mean) for gap in (0.2, 0.0, -0.1)]
    error = (sum(one**2 for one in sums) * 3 / 2) ** 0.5 / 6  # Miller (2024) times sqrt(G / (G - 1))
    assert one.clusters == 3
    assert one.high - one.difference == pytest.approx(stats.t.ppf(0.975, 2) * error)


@pytest.mark.parametrize("seed", range(8))
def test_swapping_the_runs_flips_every_sign(tmp_path, seed):
    names = ("closed-book", "rag", "fine-tuned")
    first = {name: noisy(10 * seed + place) for place, name in enumerate(names)}
    second = {name: noisy(10 * seed + 5 + place, level=0.5 + 0.1 * place) for place, name in enumerate(names)}
    a, b = make_run(tmp_path / "a", first), make_run(tmp_path / "b", second, reverse=True)
    there, back = compare_runs([a, b]), compare_runs([b, a])
    opposite = {"better": "worse", "worse": "better", "slightly better": "slightly worse"}
    opposite |= {"slightly worse": "slightly better"}
    for one, other in zip(there.contrasts, back.contrasts, strict=True):
        assert one.found.difference == pytest.approx(-other.found.difference)
        assert (one.found.low, one.found.high) == pytest.approx((-other.found.high, -other.found.low))
        assert one.found.p_holm == pytest.approx(other.found.p_holm)
        assert one.found.verdict == opposite.get(other.found.verdict, other.found.verdict)
    for one, other in zip(there.flips, back.flips, strict=True):
        assert (one.gained, one.lost, one.both, one.neither) == (other.lost, other.gained, other.both, other.neither)


def test_holm_counts_the_contrasts_of_the_comparison_and_no_others(tmp_path):
    names = ("closed-book", "rag", "fine-tuned", "raft")
    first = {name: noisy(place) for place, name in enumerate(names)}
    second = {name: noisy(9 + place, level=0.5 + 0.05 * place) for place, name in enumerate(names)}
    a = make_run(tmp_path / "a", first, choice="rag")
    b = make_run(tmp_path / "b", second, choice="raft")
    found = compare_runs([a, b])
    assert len(found.contrasts) == 5  # four methods, and what the runs recommend
    adjusted = multipletests([one.found.p for one in found.contrasts], method="holm")[1]
    assert [one.found.p_holm for one in found.contrasts] == pytest.approx(list(adjusted))
    assert all(one.found.p_holm is None and one.found.verdict is None for one in found.secondary)


def test_what_a_run_recommends_is_its_best_even_if_another_method_scores_more(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [0.2, 0.4, 0.3], "raft": [0.9, 0.8, 0.9]}, choice="rag")
    b = make_run(tmp_path / "b", {"rag": [0.5, 0.4, 0.3], "raft": [0.6, 0.7, 0.8]}, choice="raft")
    best = compare_runs([a, b]).best("B")
    assert (best.later.method, best.baseline.method) == ("raft", "rag")
    assert best.found.difference == pytest.approx(0.7 - 0.3)
    both = compare_runs([a, make_run(tmp_path / "c", {"rag": [0.5, 0.4, 0.3]}, choice="rag")])
    assert len(both.contrasts) == 1
    assert both.best("B").found.difference == pytest.approx(0.1)


def test_without_a_recommendation_there_is_no_best(tmp_path):
    a = make_run(tmp_path / "a", {"rag": noisy(1)}, choice="rag")
    b = make_run(tmp_path / "b", {"rag": noisy(2)}, choice="none")
    assert compare_runs([a, b]).best("B") is None


def test_trainings_are_paired_by_seed_and_the_rest_is_left_out(tmp_path):
    a = make_run(tmp_path / "a", {"raft": [[0.1, 0.1, 0.1], [0.5, 0.5, 0.2]]}, seeds=(1, 2))
    b = make_run(tmp_path / "b", {"raft": [[0.9, 0.9, 0.9], [0.6, 0.4, 0.5], [0.0, 0.0, 0.0]]}, seeds=(7, 2, 5))
    found = compare_runs([a, b])
    assert found.trainings.pairing == "seed"
    assert found.trainings.used == {"A": (2,), "B": (2,)}
    assert found.trainings.left_out == {"A": (1,), "B": (7, 5)}
    assert same(found, "raft").difference == pytest.approx((0.1 - 0.1 + 0.3) / 3)
    assert found.means["raft"]["B"].mean == pytest.approx(0.5)


def test_trainings_without_a_shared_seed_are_paired_in_order(tmp_path):
    a = make_run(tmp_path / "a", {"raft": [[0.1, 0.3], [0.2, 0.2]]}, seeds=(1, 2))
    b = make_run(tmp_path / "b", {"raft": [[0.5, 0.5], [0.9, 0.7], [0.3, 0.3]]}, seeds=(11, 12, 13))
    found = compare_runs([a, b])
    assert found.trainings.pairing == "order"
    assert found.trainings.left_out == {"A": (), "B": (13,)}
    assert same(found, "raft").by_seed == pytest.approx((0.3, 0.6))


def test_a_method_that_trains_nothing_needs_no_partner_for_its_seed(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [0.1, 0.3, 0.4], "raft": [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]]}, seeds=(1, 2))
    b = make_run(tmp_path / "b", {"rag": [0.2, 0.4, 0.5]}, seeds=(9,))
    found = compare_runs([a, b])
    assert found.trainings.pairing == "none"
    assert same(found, "rag").difference == pytest.approx(0.1)
    assert found.means["raft"]["B"].mean is None


def test_trainings_that_differ_widen_the_interval(tmp_path):
    base = np.array(noisy(1, 40))
    alike = [(base + 0.1).tolist()] * 3
    spread = [(base + gap).tolist() for gap in (-0.1, 0.1, 0.3)]
    a = make_run(tmp_path / "a", {"raft": [base.tolist()] * 3})
    narrow = same(compare_runs([a, make_run(tmp_path / "b", {"raft": alike})]), "raft")
    wide = same(compare_runs([a, make_run(tmp_path / "c", {"raft": spread})]), "raft")
    assert narrow.difference == pytest.approx(wide.difference) == pytest.approx(0.1)
    assert narrow.verdict == "better"
    assert wide.verdict == "inconclusive"
    # Three trainings at -0.1, +0.1 and +0.3: error 0.2 / sqrt(3), t with two degrees of freedom.
    assert wide.high - wide.difference == pytest.approx(stats.t.ppf(0.975, 2) * 0.2 / 3**0.5)


def test_questions_that_differ_are_left_out_and_listed(tmp_path):
    ids = ["q1", "q2", "q3", "q4"]
    texts = {name: f"What is {name}?" for name in ids}
    a = make_run(tmp_path / "a", {"rag": [0.1, 0.2, 0.3, 0.4]}, ids=ids, texts=texts)
    b = make_run(
        tmp_path / "b", {"rag": [0.3, 0.9, 0.9, 0.9]}, ids=["q1", "q2", "q3", "q5"],
        texts=texts | {"q2": "What was q2?", "q5": "?"}, gold={"q3": ["another answer"]},
    )  # fmt: skip
    found = compare_runs([a, b], force=True)
    assert found.matching.ids == ("q1",)
    assert [(one.question_id, one.reason) for one in found.matching.left_out] == [
        ("q2", "other question text"), ("q3", "other gold answers"), ("q4", "only in A"), ("q5", "only in B"),
    ]  # fmt: skip
    assert found.matching.left_out[0].texts == {"A": "What is q2?", "B": "What was q2?"}
    assert same(found, "rag").difference == pytest.approx(0.2)


def test_gold_answers_in_another_order_are_the_same(tmp_path):
    a = make_run(tmp_path / "a", {"rag": noisy(1)}, gold={"q3": ["one", "two"]})
    b = make_run(tmp_path / "b", {"rag": noisy(2)}, gold={"q3": ["two", "one"]})
    assert compare_runs([a, b]).matching.complete


def test_another_division_of_the_same_test_questions_is_listed_not_refused(tmp_path):
    a = make_run(tmp_path / "a", {"rag": noisy(1)})
    b = make_run(tmp_path / "b", {"rag": noisy(2)}, result={"holdout": {"fingerprint": "e" * 64}})
    found = compare_runs([a, b])
    assert [change.key for change in found.changes.settings] == ["split fingerprint"]


def test_clusters_count_by_who_is_in_them_not_by_name(tmp_path):
    scores = {"rag": [0.1, 0.5, 0.3, 0.2]}
    a = make_run(tmp_path / "a", scores, clusters=["d1", "d1", "d2", "d3"])
    renamed = make_run(tmp_path / "b", scores, clusters=["x", "x", "y", "z"])
    other = make_run(tmp_path / "c", scores, clusters=["d1", "d2", "d2", "d3"])
    assert compare_runs([a, renamed]).matching.other_clusters == 0
    assert compare_runs([a, other]).matching.other_clusters == 3
    assert compare_runs([a, other]).clusters == 3


def test_flips_count_both_ways_and_name_the_answers(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [1.0, 1.0, 0.0, 0.0, 0.0]})
    b = make_run(tmp_path / "b", {"rag": [1.0, 0.0, 1.0, 1.0, 0.0]})
    (one,) = compare_runs([a, b]).flips
    assert (one.both, one.gained, one.lost, one.neither) == (1, 2, 1, 1)
    assert [example.question_id for example in one.gained_examples] == ["q2", "q3"]
    assert one.lost_examples[0].before == "rag seed 1 on q1"


def test_declining_is_right_only_where_there_is_no_answer(tmp_path):
    nothing = {"gold": {"q0": []}, "right": {"rag": [0, 0]}}
    a = make_run(tmp_path / "a", {"rag": [0.0, 0.0]}, **nothing)
    b = make_run(tmp_path / "b", {"rag": [0.0, 0.0]}, declined={"rag": [1, 1]}, **nothing)
    (one,) = compare_runs([a, b]).flips
    assert (one.gained, one.neither) == (1, 1)
    assert one.gained_examples[0].question_id == "q0"


def test_with_several_trainings_most_of_them_decide_and_one_of_those_is_shown(tmp_path):
    a = make_run(tmp_path / "a", {"raft": [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]]}, seeds=(4, 5, 6))
    b = make_run(tmp_path / "b", {"raft": [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]}, seeds=(4, 5, 6))
    (one,) = compare_runs([a, b]).flips
    assert (one.gained, one.neither) == (1, 1)
    assert (one.gained_examples[0].before, one.gained_examples[0].after) == ("raft seed 5 on q0", "raft seed 5 on q0")


def test_at_most_twenty_examples_are_kept_and_all_are_counted(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [0.0] * 50})
    (one,) = compare_runs([a, make_run(tmp_path / "b", {"rag": [1.0] * 50})]).flips
    assert (one.gained, len(one.gained_examples)) == (50, 20)


def test_each_later_run_is_held_against_the_first(tmp_path):
    runs = [
        make_run(tmp_path / name, {"rag": [level, level + 0.1]}) for name, level in (("a", 0.1), ("b", 0.2), ("c", 0.5))
    ]
    found = compare_runs(runs)
    assert [(one.later.letter, one.baseline.letter) for one in found.contrasts] == [("B", "A"), ("C", "A")]
    assert [one.found.difference for one in found.contrasts] == pytest.approx([0.1, 0.4])


def test_only_questions_that_all_runs_share_count(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [0.1, 0.2, 0.3]}, ids=["q1", "q2", "q3"])
    b = make_run(tmp_path / "b", {"rag": [0.1, 0.2, 0.9]}, ids=["q1", "q2", "q3"])
    c = make_run(tmp_path / "c", {"rag": [0.1, 0.2]}, ids=["q1", "q2"])
    found = compare_runs([a, b, c], force=True)
    assert found.n == 2
    assert [one.found.difference for one in found.contrasts] == [0.0, 0.0]
    assert found.matching.left_out[0].reason == "only in A and B"


def test_a_named_margin_decides(tmp_path):
    a, b = make_run(tmp_path / "a", {"rag": [0.5, 0.6] * 20}), make_run(tmp_path / "b", {"rag": [0.51, 0.63] * 20})
    assert same(compare_runs([a, b]), "rag").verdict == "equivalent"
    assert same(compare_runs([a, b], margin=0.01), "rag").verdict == "better"


def test_scores_without_a_value_are_left_out_of_the_pair(tmp_path):
    a = make_run(tmp_path / "a", {"rag": [0.1, float("nan"), 0.3]})
    b = make_run(tmp_path / "b", {"rag": [0.2, 0.9, float("nan")]})
    one = same(compare_runs([a, b]), "rag")
    assert (one.n, one.lost) == (1, 2)
    assert one.difference == pytest.approx(0.1)


def test_runs_without_a_common_method_have_nothing_to_compare(tmp_path):
    a, b = make_run(tmp_path / "a", {"rag": noisy(1)}), make_run(tmp_path / "b", {"raft": noisy(2)})
    with pytest.raises(DataError, match="no method in common"):
        compare_runs([a, b])
    a, b = (
        make_run(tmp_path / "c", {"rag": [0.1, 0.2]}, choice="rag"),
        make_run(tmp_path / "d", {"raft": [0.4, 0.3]}, choice="raft"),
    )
    (one,) = compare_runs([a, b]).contrasts
    assert one.best
    assert one.found.difference == pytest.approx(0.2)
    assert one.found.metric == METRIC
