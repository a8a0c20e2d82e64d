"""`lab decide`: a finished run decided anew, under declarations given on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lab.cli import main
from lab.own_answers import read_submission
from lab.own_results import read_measures, score_submission
from lab.results import save

BEHAVIOUR = Path(__file__).parents[2] / "corpora" / "worlds" / "behaviour"


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("finished")
    submission = read_submission(BEHAVIOUR / "scripted.jsonl", BEHAVIOUR)
    measures = read_measures(BEHAVIOUR / "measured.yaml", {run.method for run in submission.runs})
    result, rows, found = score_submission(submission, None, measures)
    save(folder, result, rows, found)
    return folder


def test_json_is_the_recommendation_and_no_file_changes(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name: path.read_bytes() for path in finished.iterdir()}
    assert main(["decide", str(finished), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(before["results.json"])["recommendation"]
    assert {"choice", "p_best", "gates", "flips"} <= found.keys()
    assert {path.name: path.read_bytes() for path in finished.iterdir()} == before


def test_a_declared_need_turns_the_choice_and_says_why(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(finished), "--citations-required"]) == 0
    out = capsys.readouterr().out
    assert "recommendation: raft" in out
    assert "citations_required" in out
    assert main(["decide", str(finished), "--citations-required", "--report"]) == 0
    assert capsys.readouterr().out.startswith("## Recommendation")


def test_weights_and_prices_are_taken(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--weights", "quality=0.5,cost=0.5", "--set", "economics.wrong_answer=0.001", "--json"]
    assert main(["decide", str(finished), *arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["name"]: one["weight"] for one in found["criteria_used"]} == {"quality": 0.5, "cost": 0.5}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--weights", "quality"], "expected criterion=number"),
        (["--weights", "qualty=1"], "'quality'"),
        (["--set", "index.k=5"], "run the experiment again"),
        (["--max-p95-ms=-5"], "max_p95_ms"),
        (["--set", "needs.max_staleness=0.1"], "facts_changing_per_month"),
        (["--set", "needs.anchors={cost: [0, 1]}"], "good below worst"),
    ],
)
def test_mistakes_end_with_2_and_one_message(
    finished: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["decide", str(finished), *arguments]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_a_folder_without_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["decide", str(tmp_path)]) == 2
    assert "results.json" in capsys.readouterr().err
    assert main(["decide", str(tmp_path / "nowhere")]) == 2
    assert "found nothing" in capsys.readouterr().err
