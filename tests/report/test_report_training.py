"""The training table: a row for each adapter and seed, read from the records alone."""

import copy

import pytest

from lab.report.tables import training_table
from lab.types import ExperimentResult

CURVE = [
    {"step": 5, "train_loss": 2.126},
    {"step": 10, "train_loss": 1.5},
    {"step": 10, "dev_loss": 1.234},
    {"step": 20, "train_loss": 0.754},
    {"step": 20, "dev_loss": 1.4},
]


def record(**changes):
    return {
        "adapter": "A", "seconds": 20.0, "examples": 80, "epochs": 3, "steps": 30, "stopped_at_step": 20,
        "best_step": 10, "tokens": 12_400, "dropped_too_long": 0, "learning_rate": 1e-3, "curve": CURVE,
        "early_stopping_reads": "dev_loss", **changes,
    }  # fmt: skip


@pytest.fixture
def cells(tree):
    """The rows of a result whose tuned methods have these records, as {column: (text, detail)}."""

    def make(first, by_seed=None):
        for method in tree["methods"].values():
            method |= {"training": None, "weights": "base"}
        mine = {"training": first, "weights": "A"} | ({} if by_seed is None else {"training_by_seed": by_seed})
        tree["methods"]["fine-tuned"] |= copy.deepcopy(mine)
        tree["methods"]["fine-tuned+rag"] |= copy.deepcopy(mine)
        found = training_table(ExperimentResult(**tree))
        names = [column.label for column in found.columns]
        rows = [dict(zip(names, [(cell.text, cell.detail) for cell in row], strict=True)) for row in found.rows]
        return rows, found.note

    return make


def test_a_row_says_what_training_did(cells):
    (row,), note = cells(record(dropped_too_long=3))
    assert row["adapter"][0] == "Adapter A" and "Fine-tuned" in row["adapter"][1]
    assert row["examples"] == ("80", "3 dropped, too long")
    assert row["steps"] == ("20", "of 30") and row["kept step"][0] == "10" and row["stopped early"][0] == "yes"
    assert row["last training loss"][0] == "0.75" and row["best dev loss"][0] == "1.23"
    assert row["learning rate"][0] == "0.001"
    assert (row["tokens"][0], row["tokens a second"][0]) == ("12,400", "620")
    assert "read the dev loss" in note


def test_each_seed_has_a_row(cells):
    runs = [{"seed": 1234, **record()}, {"seed": 5, **record(stopped_at_step=30, best_step=30)}]
    rows, _ = cells(record(), runs)
    assert [row["adapter"][0] for row in rows] == ["Adapter A, seed 1234", "Adapter A, seed 5"]
    assert [row["stopped early"][0] for row in rows] == ["yes", "no"]
    assert rows[1]["steps"] == ("30", "")


def test_what_was_not_recorded_is_said_to_be_missing(cells):
    (row,), note = cells({"adapter": "A", "curve": [None, {"step": 1, "train_loss": None}]})
    missing = {name for name, (text, _) in row.items() if text == "not measured"}
    assert missing == set(row) - {"adapter"}
    assert "dev loss, no score" not in note


def test_time_that_is_zero_gives_no_speed(cells):
    (row,), _ = cells(record(seconds=0.0), [])
    assert row["tokens a second"][0] == "not measured"
