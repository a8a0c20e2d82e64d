import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.report.figures import HALF, NARROW, WIDE, Axis, cost_chart, loss_charts, quality_chart
from lab.report.placement import Box, place_labels

SVG = "{http://www.w3.org/2000/svg}"


def parse(figure):
    return ET.fromstring(figure.standalone())


@pytest.mark.parametrize("width", [WIDE, HALF, NARROW])
@pytest.mark.parametrize("draw", [quality_chart, cost_chart])
def test_a_chart_is_xml_with_title_description_and_role(result, draw, width):
    root = parse(draw(result, width))
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text
    assert "RAFT" in root.find(f"{SVG}desc").text
    labels = [element.text for element in root.iter(f"{SVG}text")]
    assert {"RAFT", "RAG", "Closed-book", "Oracle"} <= set(labels)


def test_a_stand_alone_chart_follows_the_readers_colours_and_loads_nothing(result):
    text = quality_chart(result).standalone()
    assert "prefers-color-scheme: dark" in text
    assert text.count("http") == 1  # the namespace
    assert "<style>" not in quality_chart(result).inline()


def test_equal_results_give_equal_bytes(result):
    for draw in (quality_chart, cost_chart):
        assert draw(result).standalone() == draw(result).standalone()


def test_unmeasured_methods_are_said_to_be_unmeasured(load, tree):
    for method in tree["methods"].values():
        method["seconds_per_question"] = None
    tree["methods"]["rag"]["metrics"]["token_f1"] = None
    result = load(tree)
    assert "not measured" in cost_chart(result).body
    assert "not measured" in quality_chart(result).body


def test_equal_costs_and_zero_scores_do_not_break_the_axes(load, tree):
    for method in tree["methods"].values():
        method["seconds_per_question"] = 0.1
        method["metrics"] = {"token_f1": {"mean": 0.0, "low": 0.0, "high": 0.0, "n": 3, "undefined": 0}}
    parse(cost_chart(load(tree)))
    parse(quality_chart(load(tree)))


def test_each_adapter_with_a_curve_has_one_loss_chart(load, tree):
    assert [figure.name for figure in loss_charts(load(tree))] == ["chart-loss-A", "chart-loss-B"]
    for name in ("fine-tuned", "fine-tuned+rag"):
        tree["methods"][name]["training"]["curve"] = [{"step": 0, "train_loss": None, "dev_loss": None}]
    assert [figure.name for figure in loss_charts(load(tree))] == ["chart-loss-B"]


def test_control_characters_and_markup_in_names_stay_text(load, tree):
    name = "a<b>&\x00\ufffe\"'"
    tree["methods"][name] = tree["methods"]["rag"]
    labels = [element.text for element in parse(quality_chart(load(tree))).iter(f"{SVG}text")]
    assert "a<b>&\ufffd\ufffd\"'" in labels


def test_a_logarithmic_axis_has_equal_steps_for_equal_factors():
    axis = Axis(0.01, 1.0, 0.0, 100.0, log=True)
    assert axis(0.1) == pytest.approx(50.0)


spots = st.lists(st.tuples(st.floats(60, 330), st.floats(30, 270)), min_size=1, max_size=7)


@given(spots)
def test_labels_cover_neither_each_other_nor_points(points):
    bounds = Box(44, 10, 350, 290)
    marks = [Box(x - 5, y - 5, x + 5, y + 5) for x, y in points]
    boxes = [place.box for place in place_labels(points, [(80.0, 15.0)] * len(points), marks, bounds)]
    for position, box in enumerate(boxes):
        assert box.within(bounds)
        assert not any(box.meets(other) for other in [*boxes[:position], *marks])
