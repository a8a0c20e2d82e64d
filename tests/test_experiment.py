"""A whole run with the embedded models on a very small slice: all files, all numbers, and nothing done twice."""

import json
import math

import pytest
from small_world import comparable, write_slice

from lab.config import load_config
from lab.metrics.registry import METRICS
from lab.statistics.clustered import estimate_values

pytestmark = pytest.mark.models

SECTIONS = {
    "holdout": {"track": "wording", "limit_train": 8, "limit_dev": 2, "limit_test": 4},
    "index": {"passage_tokens": 48, "overlap": 8, "k": 2},
    "generator": {"few_shot": 0, "max_new_tokens": 16},
    "methods": ["closed-book", "rag", "raft"],
    "training": {"epochs": 1},
}
ALWAYS_DEFINED = ("exact_match", "token_f1", "contains", "rouge_l", "bleu", "chrf", "semantic_similarity", "abstained")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The finished run: its config, folder, result and events."""
    torch = pytest.importorskip("torch")
    from lab.experiment import run_experiment

    torch.set_num_threads(1)
    folder, events = tmp_path_factory.mktemp("run"), []
    config = load_config(write_slice(folder / "corpus", 12, **SECTIONS))
    result = run_experiment(config, run_folder=folder / "out", on_step=events.append, offline=True)
    return config, folder / "out", result, events


def test_the_files_of_a_finished_run_stand(run):
    _, folder, _, events = run
    for name in ("results.json", "answers.jsonl", "scores.jsonl", "report.html", "report.md"):
        assert (folder / name).stat().st_size > 0, name
    assert (folder / "experiment.resolved.yaml").is_file()
    assert "failed" not in {event.state for event in events}
    assert not list(folder.rglob("*.partial"))
    assert not [path for path in folder.rglob("*") if path.suffix in {".bin", ".pt", ".pth", ".pkl"}]


def test_every_metric_is_defined_or_counts_why_not(run):
    _, folder, result, _ = run
    assert list(result.methods) == SECTIONS["methods"]
    for method in result.methods.values():
        assert set(method["metrics"]) == set(METRICS)
        for name, found in method["metrics"].items():
            assert found["n"] + found["undefined"] == 4 or found["n"] == 4, name
            if name in ALWAYS_DEFINED:
                assert found["undefined"] == 0 and math.isfinite(found["mean"]), name
    rows = [json.loads(line) for line in (folder / "scores.jsonl").read_text().split("\n") if line]
    assert all((row["value"] is None) == (row["reason"] is not None) for row in rows)


def test_the_results_are_the_means_of_the_scores(run):
    _, folder, _, _ = run
    results = json.loads((folder / "results.json").read_text())
    answers = [json.loads(line) for line in (folder / "answers.jsonl").read_text().split("\n") if line]
    rows = [json.loads(line) for line in (folder / "scores.jsonl").read_text().split("\n") if line]
    assert len(answers) == 3 * 4
    for method, summary in results["methods"].items():
        for metric, expected in summary["metrics"].items():
            values = [row["value"] for row in rows if (row["method"], row["metric"]) == (method, metric)]
            defined = [value for value in values if value is not None]
            assert len(values) == 4
            assert expected["undefined"] == len(values) - len(defined)
            assert expected["mean"] == (pytest.approx(sum(defined) / len(defined)) if defined else None)
    for answer in answers:
        mine = {
            row["metric"]: row["value"]
            for row in rows
            if (row["method"], row["question_id"]) == (answer["method"], answer["question_id"])
        }
        assert answer["scores"] == mine
    assert estimate_values([1.0, None], ["a", "b"]).undefined == 1


def test_every_method_was_asked_the_same_questions_in_its_own_way(run):
    _, folder, result, _ = run
    answers = [json.loads(line) for line in (folder / "answers.jsonl").read_text().split("\n") if line]
    asked = {name: [a["question_id"] for a in answers if a["method"] == name] for name in result.methods}
    assert len({tuple(ids) for ids in asked.values()}) == 1
    hits = {name: [a["hits"] for a in answers if a["method"] == name] for name in result.methods}
    assert all(found == [] for found in hits["closed-book"])
    assert hits["rag"] == hits["raft"] and all(len(found) == 2 for found in hits["rag"])
    assert (
        result.methods["rag"]["prompt"] == result.methods["raft"]["prompt"] != result.methods["closed-book"]["prompt"]
    )


def test_a_second_run_does_nothing_and_says_the_same(run):
    from lab.experiment import run_experiment

    config, folder, _, _ = run
    before, events = comparable(folder / "results.json"), []
    run_experiment(config, run_folder=folder, on_step=events.append, offline=True)
    states = {event.step: event.state for event in events if event.step not in {"hardware"}}
    assert set(states.values()) == {"reused"}, states
    assert {"index", "retrieve", "train-B", "answer-rag", "score"} <= set(states)
    assert comparable(folder / "results.json") == before
