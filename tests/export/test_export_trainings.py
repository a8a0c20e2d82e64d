"""What the exports say of runs with several trainings: whose numbers they are, and which interval fits an error."""

from __future__ import annotations

import json

import pytest
from small_run import estimate, save_small_run

from lab.export.card import training_of
from lab.export.lm_eval import lm_eval_tree
from lab.export.tables import read_run_table
from lab.report.read import read_result

FIRST, SECOND = {"seed": 1, "examples": 90}, {"seed": 2, "examples": 80}


@pytest.mark.parametrize(
    ("measured", "seed", "examples"),
    [
        ({"training": {"examples": 90}, "training_by_seed": [FIRST, SECOND]}, 2, 80),
        ({"training": {"examples": 90}, "training_by_seed": [FIRST, SECOND]}, 1, 90),
        ({"training": {"examples": 90}, "training_by_seed": []}, 2, 90),  # of an older lab
        ({"training": {"examples": 90}, "trainings": {"2": {"examples": 70}}}, 2, 70),  # of one older still
        ({"training": {"examples": 90}, "training_by_seed": [{"seed": [2]}, 5, None]}, 2, 90),
        ({"training_by_seed": "2"}, 2, None),
        ({}, None, None),
    ],
)
def test_the_card_reads_the_training_of_its_own_seed(measured, seed, examples):
    assert training_of(measured, seed).get("examples") == examples


def changed(folder, change):
    """The small run as the harness's file, after `change` of its rag."""
    run = save_small_run(folder / "run")
    tree = json.loads((run / "results.json").read_text())
    change(tree["methods"]["rag"])
    (run / "results.json").write_text(json.dumps(tree))
    return lm_eval_tree(read_result(run / "results.json"), {})


@pytest.mark.parametrize(
    ("runs", "said", "unsaid"),
    [
        (1, "Student's t", "training runs"),
        (2, "Howe", "Student"),
        (4, "4 training runs", "Welch"),
        (5, "Welch", "Howe"),
    ],
)
def test_the_harness_s_file_says_which_interval_goes_with_the_error(tmp_path, runs, said, unsaid):
    found = changed(tmp_path, lambda rag: rag.update(by_seed={str(seed): 0.25 for seed in range(runs)}))
    note = found["configs"]["small_rag"]["metadata"]["stderr"]
    assert said in note and unsaid not in note
    assert found["configs"]["small_rag"]["repeats"] == runs
    assert "training runs" not in found["configs"]["small_closed-book"]["metadata"]["stderr"]


def test_the_table_of_methods_says_what_is_of_the_first_training_run_and_in_which_money(tmp_path):
    run = save_small_run(tmp_path / "run")
    tree = json.loads((run / "results.json").read_text())
    tree["methods"]["rag"] |= {"truncated": 3, "passages_dropped": 0, "parse_failures": 1}
    tree["recommendation"]["costs"]["currency"] = "EUR"
    (run / "results.json").write_text(json.dumps(tree))
    table = read_run_table(run, "methods")
    names = [column.name for column in table.columns]
    rag, closed = (dict(zip(names, cells, strict=True)) for cells in table.cells())
    counts = [f"{name}_first_run" for name in ("truncated", "passages_dropped", "parse_failures")]
    assert names[-3:] == counts and not {"truncated", "passages_dropped", "parse_failures"} & set(names)
    assert [rag[name] for name in counts] == [3, 0, 1]
    assert names.index("currency") == names.index("cost_per_question") + 1
    assert (rag["cost_per_question"], rag["currency"], closed["cost_per_question"]) == (0.25, "EUR", None)


def test_to_decline_is_neither_better_nor_worse(tmp_path):
    found = changed(tmp_path, lambda rag: rag["metrics"].update(abstained=estimate(0.25, 8)))
    assert found["results"]["small_rag"]["abstained,none"] == 0.25
    assert found["higher_is_better"]["small_rag"] == {"token_f1": True, "wrong": False}
    directions = {one["metric"]: one.get("higher_is_better") for one in found["configs"]["small_rag"]["metric_list"]}
    assert directions == {"token_f1": True, "wrong": False, "abstained": None}
