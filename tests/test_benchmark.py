"""What `make bench` hands to the pipeline that it compares with is made by the lab's own parts, as they are now."""

import sys
from pathlib import Path

import pytest
from small_world import write_slice

pytestmark = pytest.mark.models

SECTIONS = {
    "holdout": {"track": "wording", "limit_train": 8, "limit_dev": 2, "limit_test": 4},
    "index": {"passage_tokens": 48, "overlap": 8, "k": 2},
    "generator": {"few_shot": 0, "max_new_tokens": 16},
}


def test_the_task_of_the_benchmark_holds_all_that_both_pipelines_need(tmp_path, monkeypatch):
    pytest.importorskip("torch")
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parent / "performance"), *sys.path])
    from task import make_task

    task = make_task(str(write_slice(tmp_path / "corpus", 12, **SECTIONS)), [], tmp_path)
    assert len(task["test"]) == len(task["found"]) == 4
    assert all(len(places) == 2 for places in task["found"].values())
    assert {name: len(found) for name, found in task["examples"].items()} == {"A": 8, "B": 8}
    assert {name: len(found) for name, found in task["dev"].items()} == {"A": 2, "B": 2}
    assert task["max_new_tokens"] == 16
