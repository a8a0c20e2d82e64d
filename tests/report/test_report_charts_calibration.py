"""What is said of confidence, for curves known by hand."""

import pytest
from drawing import SVG, ends, root_of

from lab.report.charts import reliability_chart, risk_coverage_chart
from lab.report.charts.calibration import accuracy_at


def test_accuracy_by_coverage_leaves_out_the_first_few_answers(tree, load):
    curve = [[0.05, 1.0], [0.1, 0.5], [0.5, 0.4], [1.0, 0.75]]
    tree["methods"]["rag"]["confidence"] = {"n": 100, "curve": curve, "bins": []}
    chart = risk_coverage_chart(load(tree))
    assert "RAG 60\N{NO-BREAK SPACE}% at half, 25\N{NO-BREAK SPACE}% at all" in chart.wide.description
    (line,) = (ends(one) for one in root_of(chart).iter(f"{SVG}path") if one.get("class", "").startswith("rod s2"))
    assert len(line) == 3


def test_accuracy_of_a_share_of_fewer_than_ten_answers_is_not_that_of_another_share(tree, load):
    curve = [[place / 20, 1 - place / 40] for place in range(1, 21)]  # accuracy: half the coverage
    tree["methods"]["rag"]["confidence"] = {"n": 20, "curve": curve, "bins": []}
    chart = risk_coverage_chart(load(tree))
    assert [column.label.replace("\u00a0", " ") for column in chart.table.columns[1:]] == [
        "surest 20 %", "surest 40 %", "surest 60 %", "surest 80 %", "all"
    ]  # fmt: skip
    (row,) = [row for row in chart.table.rows if row[0].text == "RAG"]
    assert [cell.text.replace("\u00a0", " ") for cell in row[1:]] == ["\u2013", "\u2013", "30 %", "40 %", "50 %"]
    assert "fewer than 10 answers" in chart.table.note


@pytest.mark.parametrize(
    ("n", "coverage", "accuracy"),
    [
        (100, 0.5, 0.25),
        (100, 0.1, 0.05),
        (100, 0.09, None),  # nine answers
        (15, 1.0, 0.5),
        (15, 0.7, None),  # the tenth answer is at 0.667, the eleventh at 0.733
    ],
)
def test_accuracy_is_that_of_the_share_that_is_asked_for(tree, load, n, coverage, accuracy):
    curve = [[place / n, 1 - place / n / 2] for place in range(1, n + 1)]
    tree["methods"]["rag"]["confidence"] = {"n": n, "curve": curve, "bins": []}
    found = accuracy_at(load(tree), "rag", coverage)
    assert found == (None if accuracy is None else pytest.approx(accuracy))


def test_half_of_too_few_answers_is_left_out_of_the_words(tree, load):
    curve = [[place / 15, 0.4] for place in range(1, 16)]
    tree["methods"]["rag"]["confidence"] = {"n": 15, "curve": curve, "bins": []}
    assert "RAG 60\N{NO-BREAK SPACE}% at all." in risk_coverage_chart(load(tree)).wide.description


def test_bins_may_be_fewer_than_ten(tree, load):
    bins = [{"confidence": place / 4, "accuracy": place / 5, "n": 5} for place in range(1, 4)]
    tree["methods"]["rag"]["confidence"] = {"n": 15, "curve": [], "bins": bins, "ece": 0.1}
    chart = reliability_chart(load(tree))
    assert chart.wide.description.startswith("Up to ten bins of about equally many answers")
    assert "in up to ten bins" in chart.caption
