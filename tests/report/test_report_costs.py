"""Seconds, bytes and money as tables."""

import pytest
from full_result import PRICES, full_tree
from test_report_recommendation import cells, plain

from lab import rounding
from lab.report.costs import building_table, costs_section, running_table
from lab.report.money import money_section
from lab.report.page import decision_sections


def test_latencies_stand_with_their_number_and_nobody_serves_the_oracle(load, full):
    found = cells(running_table(load(full)))
    p95 = full["methods"]["rag"]["latency_ms"]["p95"]
    assert found["latency p95, ms (asked alone)"]["RAG"] == f"{p95:.0f} n = 10"
    assert found["latency p95, ms (asked alone)"]["Oracle"].startswith("not applicable")
    assert found["latency p95, ms, adapter beside the weights"]["RAG"] == "not applicable"
    assert found["latency p95, ms, adapter beside the weights"]["RAFT"].endswith("n = 4")
    assert found["peak memory, GB (asked alone)"]["RAFT"] == "1.31"
    assert found["energy a question, J (asked alone)"]["RAG"] == "not measured: nothing counts it on a CPU"


def test_energy_that_was_counted_is_shown_and_a_gpu_without_a_counter_is_not_a_cpu(load, full):
    full["environment"]["device"] = "cuda"
    full["methods"]["rag"]["energy_j_per_question"] = 12.34
    row = cells(running_table(load(full)))["energy a question, J (asked alone)"]
    assert (row["RAG"], row["RAFT"]) == ("12.3", "not measured")


def test_what_a_method_does_not_build_is_none_and_what_nobody_measured_is_not(load, full, tree):
    full["methods"]["rag"]["build"]["indexing_s"] = None
    found = cells(building_table(load(full)))
    assert found["training, s"]["RAG"] == found["peak memory in training, GB"]["RAG"] == "none"
    assert found["indexing, s"]["RAG"] == "not measured"
    assert (found["index, MB"]["RAFT"], found["adapter, MB"]["RAFT"]) == ("0.477", "9.80")
    assert building_table(load(tree)).rows == ()


def test_costs_in_money_are_those_of_the_result(load, full):
    section = money_section(load(full))
    by_method, by_month, pairs = section.tables
    assert by_method.title == "Costs in EUR"
    costs = full["recommendation"]["costs"]["per_method"]
    found = cells(by_method)
    assert found["1,000 questions"]["RAG"] == rounding.figure(1000 * costs["rag"]["cost_per_question"])
    assert found["hosting a month"]["RAFT"] == "30.0"
    assert found["total over the horizon"]["RAFT"] == rounding.figure(costs["raft"]["total_cost"])
    assert [row[0].text for row in by_month.rows][::5] == ["0", "12"]
    assert by_month.rows[-1][1].text == found["total over the horizon"]["RAFT"]
    assert pairs.folded and len(pairs.rows) == 10
    words = [[plain(cell.text) for cell in row] for row in pairs.rows]
    never = next(row for row in words if row[0] == "RAG against Closed-book")
    assert never[3:5] == ["never", "never"] and never[5].startswith("No volume justifies RAG over Closed-book")
    assert "saves nothing" in never[5]


@pytest.mark.parametrize(
    ("per", "label"), [("right answer", "1,000 right answers"), ("point of token F1", "1,000 points of token F1")]
)
def test_what_is_no_right_answer_is_not_called_one(load, full, per, label):
    full["recommendation"]["costs"]["per"] = per
    result = load(full)
    assert label in cells(money_section(result).tables[0])
    table = next(one for one in decision_sections(result)[0].tables if one.title == "What decided")
    assert table.note.endswith(f"Cost is that of a {per}.")


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ({"cpu_hour"}, None),
        ({"horizon_months", "updates_per_month", "hosting_per_month"}, "horizon_months is not declared"),
        ({"questions_per_month"}, "questions_per_month is not declared"),
    ],
)
def test_what_was_not_declared_is_said(load, tree, rows, missing, message):
    prices = {key: value for key, value in PRICES.items() if key not in missing}
    tree, _ = full_tree(tree, rows, prices=prices)
    result = load(tree)
    section = money_section(result)
    if message is None:
        assert section.tables == () and section.points == ()
        assert any("no price declared" in point for point in costs_section(result).points)
        return
    assert costs_section(result).points == ()
    assert message in cells(section.tables[0])["total over the horizon"]["RAG"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0, "0"),
        (0.00000578, "0.00000578"),
        (0.05, "0.0500"),
        (12.345, "12.3"),
        (99.96, "100"),
        (1234.5, "1,234"),
        (-3.2, "\u22123.20"),
        (None, "not measured"),
        (float("inf"), "not measured"),
    ],
)
def test_figures_keep_three_digits_that_count(value, written):
    assert rounding.figure(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.314, "+31 %"), (-0.125, "-12 %"), (0.001, "0 %"), (-11, "-1,100 %"), (None, "not measured")],
)
def test_changes_carry_their_sign(value, written):
    assert plain(rounding.change(value)) == written
