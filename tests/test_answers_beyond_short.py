"""Labels, lists and free answers on the whole way from a file of answers to results.json and the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.own_answers import read_submission
from lab.own_results import score_submission
from lab.report.page import build_page
from lab.types import ExperimentResult

LABELS = ("leak", "noise", "rust")


def question(place: int, kind: str, answers: list[str]) -> dict[str, Any]:
    found = {"id": f"q{place:02}", "question": f"What of pump {place}?", "answers": answers, "kind": kind}
    return found | {"evidence": [{"document": f"d{place}"}]}


def scored(folder: Path, questions: list[dict[str, Any]], answers: list[dict[str, Any]]) -> ExperimentResult:
    documents = [{"id": one["evidence"][0]["document"], "title": "", "text": "It is a pump."} for one in questions]
    for name, rows in (("documents", documents), ("questions", questions), ("answers", answers)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return score_submission(read_submission(folder / "answers.jsonl", folder), None)[0]


def row(place: int, answer: str, **more: Any) -> dict[str, Any]:
    return {"question_id": f"q{place:02}", "method": "ours", "answer": answer, **more}


def test_labels_of_two_training_runs(tmp_path: Path) -> None:
    """Run 1 knows leak (12 of 24) and noise (8) and says no label for rust (4); run 2 always says leak."""
    gold = ["leak"] * 12 + ["noise"] * 8 + ["rust"] * 4
    asked = [question(place, "label", [label]) for place, label in enumerate(gold)]
    first = [row(place, label if label != "rust" else "hm", seed=1, option=label) for place, label in enumerate(gold)]
    second = [row(place, "Leak.", seed=2, option="leak") for place in range(24)]
    result = scored(tmp_path, asked, first + second)
    found = result.methods["ours"]["labels"]["label"]
    assert found["labels"] == list(LABELS)
    assert (found["majority"], found["majority_share"], found["left_out"]) == ("leak", 0.5, 0)
    assert found["accuracy"] == pytest.approx((20 / 24 + 12 / 24) / 2)
    assert found["accuracy"] == pytest.approx(result.methods["ours"]["metrics"]["label_accuracy"]["mean"])
    assert found["macro_f1"] == pytest.approx((2 / 3 + (2 / 3) / 3) / 2)
    assert found["invalid"] == pytest.approx(4 / 48)
    assert found["confusion"] == [[12, 0, 0, 0], [0, 8, 0, 0], [0, 0, 0, 4]]
    assert found["intervals"]["mcc"]["low"] < found["mcc"] < found["intervals"]["mcc"]["high"]
    estimate = result.methods["ours"]["metrics"]["label_accuracy"]
    assert found["intervals"]["accuracy"] == pytest.approx({"low": estimate["low"], "high": estimate["high"]})
    assert found["option"]["accuracy"] == pytest.approx((1 + 12 / 24) / 2)
    assert result.methods["ours"]["metrics"]["option_accuracy"]["mean"] == pytest.approx(found["option"]["accuracy"])
    tables = next(section for section in build_page(result).sections if section.id == "labels").tables
    assert tables[0].title == "Labels: leak, noise and rust"
    assert [table.folded for table in tables] == [False, False, True]


def test_a_gold_that_is_no_yes_or_no_is_counted_and_left_out(tmp_path: Path) -> None:
    asked = [question(0, "yes-no", ["Yes, always"]), question(1, "yes-no", ["no"]), question(2, "yes-no", ["perhaps"])]
    result = scored(tmp_path, asked, [row(0, "yes"), row(1, "yes"), row(2, "no"),])  # fmt: skip
    found = result.methods["ours"]["labels"]["yes-no"]
    assert (found["n"], found["left_out"], found["accuracy"]) == (2, 1, 0.5)
    assert found["option"] is None


def test_lists_and_free_answers_have_their_metrics_and_lengths(tmp_path: Path) -> None:
    asked = [
        question(0, "list", ["brake, grip and cable"]),
        question(1, "free", ["The cabin stopped. Nobody was hurt."]),
        question(2, "free", ["It was ice."]),
    ]
    said = [row(0, "- cable\n- grip\n- brake"), row(1, "Nobody was hurt.\nThe cabin stopped."), row(2, "NOT_FOUND")]
    result = scored(tmp_path, asked, said)
    metrics = result.methods["ours"]["metrics"]
    assert (metrics["list_f1"]["mean"], metrics["list_f1"]["n"], metrics["list_f1"]["undefined"]) == (1.0, 1, 2)
    assert metrics["rouge_1"]["n"] == 3
    assert metrics["rouge_lsum"]["mean"] > metrics["rouge_l"]["mean"] > 0
    assert result.methods["ours"]["labels"] is None
    assert result.methods["ours"]["lengths"] == pytest.approx({"answer_words": (6 + 6) / 2, "gold_words": 13 / 3})
