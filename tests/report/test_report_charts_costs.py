"""Pareto fronts, crossings and tariffs worked out by hand."""

import json
import re
from itertools import pairwise

import numpy as np
import pytest
from drawing import SVG, ends, root_of, texts

from lab.decision_config import EconomicsConfig, NeedsConfig
from lab.recommend.choose import recommend
from lab.recommend.evidence import Candidate, Evidence
from lab.report.charts import break_even_chart, plane_chart, volume_chart
from lab.report.charts.break_even import Tariff, break_even_points, cheapest_by_volume, tariffs
from lab.report.charts.plane import Spot, front
from lab.report.charts.volume import paybacks
from lab.types import Estimate


def spot(name, cost, mean):
    return Spot(name, cost, Estimate(mean, None, None, 10, 0))


def test_the_front_of_known_points():
    points = [spot("a", 1, 0.2), spot("b", 2, 0.1), spot("c", 3, 0.5), spot("d", 3, 0.6), spot("e", 4, 0.6)]
    assert [one.method for one in front(points)] == ["a", "d"]
    assert front([]) == []


def test_the_plane_takes_prices_where_there_are_any_else_seconds(result, full, load):
    assert "seconds a question, in batches" in texts(plane_chart(result))
    assert "price of 1,000 questions, EUR" in texts(plane_chart(load(full)))
    assert "latency p95 in ms, asked alone" in texts(plane_chart(load(full)))


def test_dominated_methods_are_fainter_and_never_on_the_front(full, load):
    names = list(full["methods"])
    full["recommendation"]["pareto"] = [
        {"method": name, "values": {}, "dominated_by": ["rag"] if name == "raft" else []} for name in names
    ]
    chart = plane_chart(load(full))
    faint = [one for one in root_of(chart).iter(f"{SVG}g") if one.get("class") == "faint"]
    assert len(faint) == 2  # RAFT in both panels
    fronts = re.findall(r"On the front: ([^.]*)\.", chart.wide.description)
    assert len(fronts) == 2 and all("RAFT" not in names for names in fronts)


def test_a_step_line_rises_to_the_right(full, load):
    for path in (one for one in root_of(plane_chart(load(full))).iter(f"{SVG}path")):
        if path.get("class") == "rod muted thin":
            corners = ends(path)
            assert corners == sorted(corners, key=lambda corner: (corner[0], -corner[1]))
            assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(corners))


COSTS = {
    "currency": "EUR", "spread": False, "months": [0, 1, 2, 3, 4],
    "curves": {"rag": [0, 10, 20, 30, 40], "raft": [15, 20, 25, 30, 35]},
    "per_method": {
        "rag": {"cost_per_question": 0.010, "build_cost": 0.0},
        "raft": {"cost_per_question": 0.005, "build_cost": 15.0},
    },
    "break_even": [{"method": "raft", "baseline": "rag", "extra_fixed": 15.0, "saving_per_question": 0.005,
                    "questions": 3000.0, "per_month": 750.0}],
}  # fmt: skip


def test_totals_cross_where_they_are_equal(tree, load):
    tree["recommendation"]["costs"] = COSTS
    result = load(tree)
    lines = {name: list(zip(COSTS["months"], totals, strict=True)) for name, totals in COSTS["curves"].items()}
    (met,) = paybacks(result, lines)
    assert (met.method, met.baseline, met.x, met.y) == ("raft", "rag", 3.0, 30.0)
    assert "RAFT below RAG from month 3.00" in texts(volume_chart(result))
    assert "RAFT below RAG from month 3.00." in volume_chart(result).wide.description


def test_a_crossing_beyond_the_horizon_is_not_marked(tree, load):
    curves = {"rag": [0, 10, 20, 30, 40], "raft": [35, 40, 45, 50, 55]}
    tree["recommendation"]["costs"] = COSTS | {"curves": curves}
    assert not any("below" in (words or "") for words in texts(volume_chart(load(tree))))


def test_tariffs_meet_at_the_break_even_point(tree, load):
    tree["recommendation"]["costs"] = COSTS
    result = load(tree)
    known = tariffs(result)
    assert known["raft"].thousand(3000) == pytest.approx(known["rag"].thousand(3000)) == pytest.approx(10.0)
    assert "3,000" in texts(break_even_chart(result))


def test_fixed_cost_follows_from_the_total_over_the_horizon(tree, load):
    costs = {"cost_per_question": 0.01, "build_cost": 5.0, "total_cost": 130.0, "price_per_question": 0.013}
    tree["recommendation"]["costs"] = {"spread": True, "per_method": {"rag": costs}}
    # 130 at 0.013 each are 10,000 questions; at 0.01 each they cost 100, so 30 are fixed.
    assert tariffs(load(tree))["rag"].fixed == pytest.approx(30.0)


def advised(economics):
    """The recommendation between RAG, 9 s of indexing and 0.4 s a question, and fine-tuned: 1 h of training, 0.1 s."""
    made = {
        "rag": ("base", True, {"index_seconds": 9.0, "training_seconds": 0.0, "seconds_per_question": 0.4}),
        "fine-tuned": ("A", False, {"index_seconds": 0.0, "training_seconds": 3600.0, "seconds_per_question": 0.1}),
    }
    scores = np.random.default_rng(1).random((1, 90))
    candidates = (Candidate(name, *how, scores, 1.0 - scores, **costs) for name, (*how, costs) in made.items())
    found = Evidence("token_f1", 0.03, tuple(candidates), np.arange(90) // 3, (), "cpu", 3, {})
    return json.loads(json.dumps(recommend(found, NeedsConfig(), EconomicsConfig(**economics), draws=20)))


HOSTED = {"cpu_hour": 0.4, "horizon_months": 12, "hosting_per_month": {"fine-tuned": 30.0}}
# A question saves 0.3 s of 0.4 an hour: 1 / 30,000. Building costs 3,591 s more: 0.399.
# What is declared, the questions to break even, and whether an older result tells the fixed costs.
ECONOMICS = [
    ({"cpu_hour": 0.4}, 11_970, True),
    (HOSTED, 11_970 + 360 * 30_000, False),
    (HOSTED | {"questions_per_month": 1e6}, 11_970 + 360 * 30_000, True),
    ({"cpu_hour": 0.4, "horizon_months": 10, "updates_per_month": 0.5}, 6 * 11_970, False),  # built six times
]


@pytest.mark.parametrize(("economics", "questions", "_"), ECONOMICS)
def test_lines_cross_and_the_strip_changes_where_the_rings_are(tree, load, economics, questions, _):
    tree["recommendation"] = advised(economics)
    result = load(tree)
    known = tariffs(result)
    (ring,) = break_even_points(result, known)
    assert ring.x == pytest.approx(questions)
    assert known["rag"].thousand(ring.x) == pytest.approx(known["fine-tuned"].thousand(ring.x)) == pytest.approx(ring.y)
    assert cheapest_by_volume(known, ring.x / 5, ring.x * 5) == [
        ("rag", ring.x / 5, pytest.approx(ring.x)), ("fine-tuned", pytest.approx(ring.x), ring.x * 5)
    ]  # fmt: skip
    chart = break_even_chart(result)
    assert f"{questions:,}" in texts(chart)
    tips = [one.text for one in root_of(chart).iter(f"{SVG}title")]
    assert f"RAG: from {questions // 5:,} to {questions:,} questions" in tips
    assert f"Fine-tuned: from {questions:,} to {5 * questions:,} questions" in tips


@pytest.mark.parametrize(("economics", "_", "drawn"), ECONOMICS)
def test_older_results_have_the_chart_only_where_their_fixed_costs_are_known(tree, load, economics, _, drawn):
    tree["recommendation"] = advised(economics)
    for costs in tree["recommendation"]["costs"]["per_method"].values():
        del costs["fixed_cost"]
    chart = break_even_chart(load(tree))
    assert (chart is not None) == drawn


def test_hosting_without_a_horizon_leaves_fixed_costs_unknown():
    costs = advised({key: value for key, value in HOSTED.items() if key != "horizon_months"})["costs"]
    for one in costs["per_method"].values():
        assert one["fixed_cost"] is None and one["reasons"]["fixed_cost"] == "horizon_months is not declared"


def test_the_cheapest_changes_at_the_crossing():
    known = {"rag": Tariff(0.0, 0.010), "raft": Tariff(15.0, 0.005), "dear": Tariff(99.0, 0.2)}
    assert cheapest_by_volume(known, 100, 100_000) == [
        ("rag", 100, pytest.approx(3000)), ("raft", pytest.approx(3000), 100_000)
    ]  # fmt: skip


def test_no_method_ever_pays_no_break_even_chart(tree, load):
    tree["recommendation"]["costs"] = COSTS | {"break_even": [COSTS["break_even"][0] | {"questions": None}]}
    assert break_even_chart(load(tree)) is None
