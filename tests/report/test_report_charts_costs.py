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
    assert [one.method for one in front([*points, spot("like d", 3, 0.6)])] == ["a", "d", "like d"]
    assert front([]) == []


def test_the_plane_takes_prices_where_there_are_any_else_seconds(result, full, load):
    assert "seconds a question, in batches" in texts(plane_chart(result))
    assert "full price of 1,000 questions, EUR" in texts(plane_chart(load(full)))
    assert "latency p95 in ms, asked alone" in texts(plane_chart(load(full)))


# Quality, price of a question alone and with building and upkeep, latency; the oracle is no candidate.
PLANE = {
    "closed-book": (0.30, 0.002, 0.002, 400), "fine-tuned": (0.40, 0.001, 0.030, 100), "rag": (0.50, 0.010, 0.011, 300),
    "raft": (0.50, 0.010, 0.040, 300), "fine-tuned+rag": (0.45, 0.009, 0.035, 310), "oracle": (0.70, None, None, 50),
}  # fmt: skip


def on_the_plane(full, *, spread):
    full["recommendation"]["costs"] = {"currency": "EUR", "spread": spread, "per_method": {}}
    for name, (mean, alone, price, latency) in PLANE.items():
        full["methods"][name]["metrics"]["token_f1"] |= {"mean": mean, "low": mean - 0.1, "high": mean + 0.1}
        full["methods"][name]["latency_ms"]["p95"] = latency
        if alone is not None:
            costs = {"cost_per_question": alone, "price_per_question": price}
            full["recommendation"]["costs"]["per_method"][name] = costs
    # The recommendation weighs more than a panel shows: it is not what a panel's front is drawn from.
    full["recommendation"]["pareto"] = [
        {"method": name, "values": {}, "dominated_by": ["raft"] if name == "rag" else []} for name in PLANE
    ]
    return full


@pytest.mark.parametrize(
    ("spread", "label", "by_price"),
    [
        (False, "price of 1,000 questions, EUR", {"Fine-tuned", "Fine-tuned + RAG", "RAG", "RAFT"}),
        (True, "full price of 1,000 questions, EUR", {"Closed-book", "RAG"}),
    ],
)
def test_each_panel_has_its_own_front_and_the_rest_is_faint(full, load, spread, label, by_price):
    chart = plane_chart(load(on_the_plane(full, spread=spread)))
    assert label in texts(chart)
    assert chart.wide.title == f"Token F1 against {label.removesuffix(', EUR')} and latency p95 in ms"
    fronts = [set(re.split(", | and ", one)) for one in re.findall(r"On the front: ([^.]*)\.", chart.wide.description)]
    assert fronts == [by_price, {"Fine-tuned", "RAG", "RAFT"}]
    tips = [
        tip.find(f"{SVG}title").text.rsplit(" ", 2)[0]
        for tip in root_of(chart).iter(f"{SVG}g")
        if any(one.get("class") == "faint" for one in tip.findall(f"{SVG}g"))
    ]
    candidates = {"Closed-book", "Fine-tuned", "RAG", "RAFT", "Fine-tuned + RAG"}
    assert sorted(tips) == sorted([*(candidates - by_price), "Closed-book", "Fine-tuned + RAG"])
    assert ("full price has building" in chart.caption) == spread
    assert "the table 'Which methods no other one makes superfluous'" in chart.caption


def test_only_a_recommendation_with_a_pareto_set_is_pointed_to(result):
    assert "superfluous" not in plane_chart(result).caption


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
