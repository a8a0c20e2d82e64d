"""Marks lie where their values say."""

from itertools import pairwise

import pytest
from drawing import SVG, ends, group, place_of, rods, root_of, texts

from lab.report.charts import (
    causes_chart,
    forest_chart,
    quality_chart,
    recall_chart,
    seeds_chart,
    slices_chart,
    tornado_chart,
    training_charts,
)
from lab.report.charts.styles import styles
from lab.report.charts.training import training_runs


def test_an_interval_lies_where_the_ticks_say(tree, load):
    tree["methods"]["raft"]["metrics"]["token_f1"] = {"mean": 0.4, "low": 0.2, "high": 0.6, "n": 9, "undefined": 0}
    root = root_of(quality_chart(load(tree)))
    zero, second, fourth, sixth = (place_of(root, words)[0] for words in ("0", "0.2", "0.4", "0.6"))
    assert fourth - second == pytest.approx(second - zero, abs=0.11)
    (left, _), (right, _) = rods(group(root, "RAFT: 0.4"), "s5")[0]
    assert (left, right) == pytest.approx((second, sixth), abs=0.11)


def test_an_interval_that_reaches_below_zero_ends_at_the_axis(tree, load):
    tree["methods"]["closed-book"]["metrics"]["token_f1"] |= {"mean": 0.05, "low": -0.04, "high": 0.1}
    root = root_of(quality_chart(load(tree)))
    (left, _), _ = rods(group(root, "Closed-book: 0.05"), "s1")[0]
    assert left == pytest.approx(place_of(root, "0")[0], abs=0.11)


def test_the_oracle_stands_apart_and_the_choice_stands_out(result):
    root = root_of(quality_chart(result))
    marked = [one.text for one in root.iter(f"{SVG}text") if one.get("class") == "chosen"]
    assert "RAFT" in marked and "RAG" not in marked
    heights = [place_of(root, words)[1] for words in ("RAFT", "Fine-tuned + RAG", "RAG", "Fine-tuned", "Closed-book")]
    steps = [b - a for a, b in pairwise(heights)]
    assert place_of(root, "Oracle")[1] - heights[-1] > max(steps) + 5


def test_a_method_that_was_not_measured_says_so(tree, load):
    tree["methods"]["rag"]["metrics"]["token_f1"] = None
    assert "not measured" in texts(quality_chart(load(tree)))


def test_the_margin_is_a_band_around_zero(result):
    chart = forest_chart(result)
    root = root_of(chart)
    zero, tenth = (place_of(root, words)[0] for words in ("0", "+0.1"))
    band = next(one for one in root.iter(f"{SVG}rect") if one.get("class") == "band")
    left, width = float(band.get("x")), float(band.get("width"))
    scale = (tenth - zero) / 0.1
    assert left == pytest.approx(zero - 0.03 * scale, abs=0.2)  # metrics.margin of the made-up result: 0.03
    assert left + width == pytest.approx(zero + 0.03 * scale, abs=0.2)
    assert "margin \N{MINUS SIGN}0.03 to +0.03" in texts(chart)
    assert "Equivalence is decided by the narrower 90 % interval" in chart.caption
    words = " ".join(texts(chart))
    assert "favours the second" in words and "favours the first" in words


def test_a_contrast_says_its_verdict_and_p_beside_its_mark(result):
    root = root_of(forest_chart(result))
    parts = group(root, "RAFT against Fine-tuned + RAG")
    said = [one.text for one in parts.iter(f"{SVG}text")]
    assert "inconclusive" in said and "0.140" in said
    zero, tenth = (place_of(root, words)[0] for words in ("0", "+0.1"))
    (left, _), (right, _) = rods(parts, "muted")[0]
    item = next(one for one in result.comparisons if (one.method, one.baseline) == ("raft", "fine-tuned+rag"))
    assert left == pytest.approx(zero + 10 * item.low * (tenth - zero), abs=0.3)
    assert right == pytest.approx(zero + 10 * item.high * (tenth - zero), abs=0.3)


def test_the_best_candidate_of_a_row_is_framed_and_small_slices_are_striped(tree, load):
    def means(*values):
        return {name: {"mean": value} for name, value in zip(("rag", "raft", "oracle"), values, strict=True)}

    tree["analysis"] = {
        "slices": [
            {"family": "kind", "slices": [
                {"name": "span", "n": 60, "small": False, "methods": means(0.2, 0.4, 0.9)},
                {"name": "list", "n": 7, "small": True, "methods": means(0.5, 0.3, 0.1)},
            ]}
        ]
    }  # fmt: skip
    root = root_of(slices_chart(load(tree)))

    def kinds(said):
        return [one.get("class") for one in group(root, said)]

    assert "best" in kinds("span, RAFT") and "best" not in kinds("span, RAG") and "best" not in kinds("span, Oracle")
    assert not any("best" in kinds(f"list, {name}") for name in ("RAG", "RAFT", "Oracle"))  # too few questions
    assert "stripes paper" in kinds("list, RAG") and "stripes paper" not in kinds("span, RAFT")
    shades = {
        said: float(next(one for one in group(root, said) if one.get("class") == "shade").get("fill-opacity"))
        for said in ("span, RAG", "span, RAFT", "span, Oracle")
    }
    assert shades["span, RAG"] < shades["span, RAFT"] < shades["span, Oracle"] == pytest.approx(0.42)


@pytest.mark.parametrize(
    ("values", "framed"),
    [
        ((0.4649, 0.4551), {"RAG", "RAFT"}),  # both show 0.46
        ((0.4651, 0.4649), {"RAG"}),  # 0.47 and 0.46
        ((0.46, 0.44), {"RAG"}),
        ((0.004, 0.001), set()),  # both show 0.00
    ],
)
def test_all_cells_that_show_the_best_value_are_framed(tree, load, values, framed):
    means = {name: {"mean": value} for name, value in zip(("rag", "raft"), values, strict=True)}
    tree["analysis"] = {"slices": [{"family": "kind", "slices": [{"name": "span", "n": 60, "methods": means}]}]}
    root = root_of(slices_chart(load(tree)))
    found = {
        name for name in ("RAG", "RAFT") if any(one.get("class") == "best" for one in group(root, f"span, {name}:"))
    }
    assert found == framed


RUN = {"adapter": "A", "steps": 40, "stopped_at_step": 30, "best_step": 20, "curve": [
    {"step": 10, "train_loss": 2.0, "learning_rate": 1e-3}, {"step": 10, "dev_loss": 2.2},
    {"step": 20, "train_loss": 1.0, "learning_rate": 5e-4}, {"step": 20, "dev_loss": 1.5, "dev_score": 0.3},
    {"step": 30, "train_loss": 0.5, "learning_rate": 1e-4}, {"step": 30, "dev_loss": 1.8, "dev_score": 0.2},
]}  # fmt: skip


def test_a_training_chart_marks_what_was_kept_and_where_it_stopped(tree, load):
    for name in ("fine-tuned", "fine-tuned+rag"):
        tree["methods"][name]["training"] = RUN
    chart = training_charts(load(tree))[0]
    assert chart.wide.name == "training-1"
    words = texts(chart)
    assert {"stopped early", "learning rate", "dev score", "training", "dev"} <= set(words)
    root = root_of(chart)
    ring = next(one for one in root.iter(f"{SVG}circle") if one.get("class") == "best")
    assert float(ring.get("cx")) == pytest.approx(place_of(root, "20")[0], abs=0.11)
    assert "kept step 20, stopped early at step 30" in chart.wide.description
    assert [row[0].text for row in chart.table.rows] == ["10", "20", "30"]
    assert [row[1].text for row in chart.table.rows] == ["2.20", "1.50", "1.80"]


def test_a_strip_says_its_highest_value_with_three_digits(tree, load):
    curve = [{"step": 10, "train_loss": 2.0, "learning_rate": 0.000968751, "dev_score": 0.31249}]
    curve += [{"step": 20, "train_loss": 1.0, "learning_rate": 0.0003, "dev_score": 0.2}]
    tree["methods"]["fine-tuned"]["training"] = RUN | {"curve": curve}
    words = texts(training_charts(load(tree))[0])
    assert "max 0.000969" in words and "max 0.312" in words


def test_training_that_ran_to_its_end_did_not_stop_early(tree, load):
    tree["methods"]["fine-tuned"]["training"] = RUN | {"stopped_at_step": 40}
    chart = training_charts(load(tree))[0]
    assert "stopped early" not in texts(chart) and "stopped early" not in chart.wide.description


@pytest.mark.parametrize("where", ["training_by_seed", "trainings"])
def test_all_training_runs_are_drawn(tree, load, where):
    runs = {"1": RUN, "7": RUN | {"best_step": 30}}
    method = tree["methods"]["fine-tuned"]
    method["training"] = RUN
    method[where] = runs if where == "trainings" else [run | {"seed": int(seed)} for seed, run in runs.items()]
    result = load(tree)
    assert list(training_runs(result)["A"]) == ["1", "7"]
    assert "Seed 7" in training_charts(result)[0].wide.description


def test_an_adapter_without_a_curve_has_no_chart(tree, load):
    for name in ("fine-tuned", "fine-tuned+rag"):
        tree["methods"][name]["training"]["curve"] = [{"step": 0, "train_loss": None, "dev_loss": None}]
    assert [chart.wide.name for chart in training_charts(load(tree))] == ["training-2"]


def test_recall_rises_by_k_and_says_the_mean_reciprocal_rank(result):
    chart = recall_chart(result)
    assert {"by passage", "by document", "in a prompt"} <= set(texts(chart))
    assert "0.67 by passage; 0.75 by document" in chart.caption
    root = root_of(chart)
    first, third = (group(root, f"by passage, k = {k}") for k in (1, 3))
    heights = [rods(one, "accent")[0] for one in (first, third)]
    assert heights[0][0][1] > heights[1][0][1]  # y grows downwards


def test_bars_are_as_long_as_their_share_of_the_answers(tree, load):
    tree["analysis"] = {"causes": {"counts": {"rag": {"format": 30, "retrieval miss": 20, "refused": 0}}}}
    tree["methods"]["rag"]["abstention"]["counts"] = {"answers": 100}
    chart = causes_chart(load(tree))
    root = root_of(chart)
    scale = (place_of(root, "40\N{NO-BREAK SPACE}%")[0] - place_of(root, "0\N{NO-BREAK SPACE}%")[0]) / 0.4
    width = next(float(one.get("width")) for one in group(root, "format: 30") if one.get("width"))
    assert width == pytest.approx(0.3 * scale - 1.5, abs=0.2)
    assert "50 of 100 not right" in texts(chart)
    assert "refused" not in texts(chart)


def test_refusals_are_counted_apart_from_wrong_answers(tree, load):
    tree["analysis"] = {"causes": {"counts": {"rag": {"format": 47, "retrieval miss": 100, "refused": 9}}}}
    tree["methods"]["rag"]["abstention"]["counts"] = {"answers": 240, "wrong": 147, "declined": 10}
    chart = causes_chart(load(tree))
    assert "156 of 240 not right (9 refused)" in texts(chart)
    assert "RAG, 156 of 240 not right (9 refused): " in chart.wide.description
    assert "wrong" not in chart.wide.title and "not right" in chart.wide.title


def test_each_training_run_is_a_mark(tree, load):
    tree["methods"]["raft"]["by_seed"] = {"1": 0.5, "2": 0.6, "3": None}
    chart = seeds_chart(load(tree))
    root = root_of(chart)
    spots = []
    for seed in (1, 2):
        corners = ends(next(iter(group(root, f"RAFT, seed {seed}").iter(f"{SVG}path"))))
        spots.append(sum(x for x, _ in corners) / len(corners))
    half, sixth = (place_of(root, words)[0] for words in ("0.5", "0.6"))
    assert spots == pytest.approx([half, sixth], abs=0.2)
    assert "0.550" in texts(chart)
    assert seeds_chart(load(tree | {"methods": {"rag": tree["methods"]["rag"]}})) is None


def test_the_largest_swing_stands_first_and_a_changed_choice_is_named(tree, load):
    def row(name, low, high, choice="raft"):
        return {"input": name, "low": {"lead": low, "choice": "raft"}, "high": {"lead": high, "choice": choice}}

    tree["recommendation"]["tornado"] = [
        row("weights.cost", 0.02, 0.05), row("cpu_hour", 0.1, -0.1, "rag"), row("wrong_answer", 0.1, 0.1),
        row("margin", None, 0.2),
    ]  # fmt: skip
    chart = tornado_chart(load(tree))
    words = texts(chart)
    assert "wrong answer" not in words and "margin" not in words
    root = root_of(chart)
    assert place_of(root, "cpu hour")[1] < place_of(root, "weight of cost")[1]
    assert "RAG if doubled" in words


def test_a_method_looks_the_same_whatever_else_was_compared(tree, load):
    before = styles(load(tree))
    del tree["methods"]["rag"]
    tree["methods"]["mine"] = tree["methods"]["raft"]
    after = styles(load(tree))
    assert all(after[name] == before[name] for name in after if name != "mine")
    looks = [(one.colour, one.shape) for one in after.values()]
    assert len(looks) == len(set(looks))
