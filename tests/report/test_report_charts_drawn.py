"""What holds for every chart of every result: XML with words for those who do not see it, and text that is legible."""

import copy
import itertools
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lab.report import charts, read_result, svg

SVG = "{http://www.w3.org/2000/svg}"
ONE = [getattr(charts, name) for name in charts.__all__ if name != "training_charts"]
SAMPLES = sorted(Path(__file__).parents[2].glob("reports/*/results.json"))


def draw_all(result):
    """All charts of a result."""
    found = [chart for draw in ONE if (chart := draw(result)) is not None]
    return [*found, *charts.training_charts(result)]


def figures(result):
    return [figure for chart in draw_all(result) for figure in (chart.wide, chart.narrow)]


def parse(figure):
    return ET.fromstring(figure.standalone("light"))


def text_boxes(root):
    """(words, left, top, right, bottom) of each text of a drawing, without the title above it."""
    boxes = []
    for one in root.iter(f"{SVG}text"):
        kinds = (one.get("class") or "").split()
        strong = "strong" in kinds or "chosen" in kinds
        width = svg.text_width(one.text or "", svg.SMALL_SIZE if "small" in kinds else svg.FONT_SIZE, strong=strong)
        x, y = float(one.get("x")), float(one.get("y"))
        left = {"end": x - width, "middle": x - width / 2}.get(one.get("text-anchor"), x)
        if y >= 0:
            boxes.append((one.text, left, y - 9, left + width, y + 2))
    return boxes


@pytest.fixture(scope="module", params=["made up", *(path.parent.name for path in SAMPLES)])
def drawn(request, computed, tmp_path_factory):
    """The figures of a result with all that a run computes, and of each committed report."""
    if request.param != "made up":
        path = next(path for path in SAMPLES if path.parent.name == request.param)
        return figures(read_result(path))
    return figures(complete(computed[0], tmp_path_factory.mktemp("made-up")))


def complete(tree, folder):
    """The made-up result, with curves of several training runs and learning rates."""
    import json

    tree = copy.deepcopy(tree)
    for name in ("fine-tuned", "fine-tuned+rag", "raft"):
        method = tree["methods"][name]
        runs = []
        for seed in (1, 2, 3):
            run = copy.deepcopy(method["training"]) | {"seed": seed}
            for point in run["curve"]:
                point["learning_rate"] = 1e-3 * (1 - point["step"] / 160)
                point["dev_score"] = 0.1 * seed
                point["train_loss"] *= 1 + seed / 10
            runs.append(run)
        method["training_by_seed"] = runs
    (folder / "results.json").write_text(json.dumps(tree), encoding="utf-8")
    return read_result(folder / "results.json")


def test_all_kinds_of_charts_are_drawn(computed, tmp_path):
    names = {chart.wide.name for chart in draw_all(complete(computed[0], tmp_path))}
    assert names == {
        "quality", "contrasts", "plane", "total-cost", "break-even", "slices", "training-1", "training-2", "recall",
        "risk-coverage", "reliability", "causes", "seeds", "tornado",
    }  # fmt: skip


def test_figures_say_in_words_what_they_show(drawn):
    for figure in drawn:
        root = parse(figure)
        assert root.get("role") == "img"
        assert root.find(f"{SVG}title").text == figure.title
        assert len(root.find(f"{SVG}desc").text) > 60
        assert re.fullmatch(r"[a-z0-9-]+", figure.name)  # it becomes a file's name


def test_text_stays_inside(drawn):
    for figure in drawn:
        for words, left, top, right, bottom in text_boxes(ET.fromstring(figure.inline())):
            assert left >= -1 and right <= figure.width + 1, (figure.name, figure.width, words, left, right)
            assert top >= -1 and bottom <= figure.height, (figure.name, figure.width, words, top, bottom)


def test_no_text_covers_another(drawn):
    for figure in drawn:
        for one, other in itertools.combinations(text_boxes(ET.fromstring(figure.inline())), 2):
            apart = one[1] >= other[3] or other[1] >= one[3] or one[2] >= other[4] or other[2] >= one[4]
            assert apart, (figure.name, figure.width, one, other)


def test_every_class_has_a_rule(drawn):
    known = set(re.findall(r"\.([a-z]\w*)", svg.RULES))
    for figure in drawn:
        used = {name for kinds in re.findall(r'class="([^"]*)"', figure.body) for name in kinds.split()}
        assert used <= known, figure.name


def test_names_of_figures_are_unique(drawn):
    names = [(figure.name, figure.width) for figure in drawn]
    assert len(names) == len(set(names))


def test_equal_results_give_equal_bytes(computed, tmp_path):
    result = complete(computed[0], tmp_path)
    assert [one.standalone("dark") for one in figures(result)] == [one.standalone("dark") for one in figures(result)]


HOSTILE = "a<b>&\x00\ufffe\"' \u202e" + "x" * 90


def test_hostile_names_stay_text_and_inside(full, load):
    for name in ("raft", "closed-book"):
        full["methods"][HOSTILE + name] = full["methods"].pop(name)
    full = _renamed(full)
    full["analysis"]["slices"][0]["family"] = full["analysis"]["slices"][0]["slices"][0]["name"] = HOSTILE
    full["analysis"]["causes"]["counts"][HOSTILE + "raft"] = {HOSTILE: 7}
    full["recommendation"]["costs"]["currency"] = "</svg><script>"
    full["methods"]["fine-tuned"]["training"]["adapter"] = HOSTILE
    result = load(full)
    drawn = figures(result)
    assert len(drawn) > 20
    for figure in drawn:
        root = parse(figure)
        assert not list(root.iter(f"{SVG}script"))
        assert re.fullmatch(r"[a-z0-9-]+", figure.name)
        for words, left, _, right, _ in text_boxes(ET.fromstring(figure.inline())):
            assert left >= -1 and right <= figure.width + 1, (figure.name, figure.width, words)


def _renamed(tree):
    """The same tree with the new names wherever a method is named."""

    def walk(node):
        if isinstance(node, dict):
            return {rename(key): walk(value) for key, value in node.items()}
        if isinstance(node, list):
            return [walk(value) for value in node]
        return rename(node)

    def rename(word):
        return HOSTILE + word if word in ("raft", "closed-book") else word

    return walk(tree)


EMPTY = {"methods": {}, "comparisons": [], "retrieval": {}, "recommendation": {}, "analysis": {}}


@pytest.mark.parametrize("part", EMPTY)
def test_nothing_to_draw_is_no_chart_and_never_an_error(full, load, part):
    full[part] = EMPTY[part]
    assert all(figure.body for figure in figures(load(full)))


def test_an_empty_result_has_no_charts(full, load):
    assert draw_all(load(full | EMPTY)) == []


def test_methods_without_any_value_have_no_charts(full, load):
    full |= {part: value for part, value in EMPTY.items() if part != "methods"}
    full["methods"] = {name: {"metrics": {}} for name in full["methods"]}
    assert draw_all(load(full)) == []
