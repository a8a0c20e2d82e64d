"""Pareto fronts, crossings and tariffs worked out by hand."""

import re
from itertools import pairwise

import pytest
from drawing import SVG, ends, root_of, texts

from lab.report.charts import break_even_chart, plane_chart, volume_chart
from lab.report.charts.break_even import Tariff, cheapest_by_volume, tariffs
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


def test_the_cheapest_changes_at_the_crossing():
    known = {"rag": Tariff(0.0, 0.010), "raft": Tariff(15.0, 0.005), "dear": Tariff(99.0, 0.2)}
    assert cheapest_by_volume(known, 100, 100_000) == [
        ("rag", 100, pytest.approx(3000)), ("raft", pytest.approx(3000), 100_000)
    ]  # fmt: skip


def test_no_method_ever_pays_no_break_even_chart(tree, load):
    tree["recommendation"]["costs"] = COSTS | {"break_even": [COSTS["break_even"][0] | {"questions": None}]}
    assert break_even_chart(load(tree)) is None
