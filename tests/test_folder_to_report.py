"""From a folder of files as people have them to a report, by four commands and without touching a file by hand."""

import json
from pathlib import Path

import pytest
from sample_files import READABLE, write_sample_folder

from lab.cli import main

pytestmark = pytest.mark.models
FEW = [
    "--set",
    "holdout.test=0.4",
    "--set",
    "holdout.limit_train=8",
    "--set",
    "holdout.limit_dev=4",
    "--set",
    "holdout.limit_test=6",
]
SHORT = ["--set", "methods=[closed-book, rag]", "--set", "generator.few_shot=0", "--set", "index.k=2"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder to stand in, with documents in it: broken, empty and of other encodings too."""
    place = tmp_path_factory.mktemp("from-a-folder")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        write_sample_folder(Path("works"), big_bytes=300_000)
        yield place


@pytest.fixture(scope="module")
def made(place):
    """The commands, one after the other, as a person types them; their exit codes."""
    return {
        "init": main(["init", "works", "--docs", "works"]),
        "synthesize": main(["synthesize", "works", "--limit", "24", "--offline"]),
        "check": main(["check", "corpora/works", *FEW, "--offline"]),
        "run": main(["run", "corpora/works", *FEW, *SHORT, "--offline", "--quiet"]),
    }


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def test_every_command_ends_well(made):
    assert made == {"init": 0, "synthesize": 0, "check": 0, "run": 0}


def test_every_good_file_is_a_document_and_every_bad_one_is_named(place, made):
    files = json.loads((place / "corpora/works/ingest.json").read_text())["files"]
    status = {one["path"].removeprefix("works/"): one["status"] for one in files}
    assert {name: status[name] for name in READABLE} == dict.fromkeys(READABLE, "read")
    assert status["pumps/torn.pdf"] == "failed" and status["hygiene/notes.txt"] == "empty"
    documents = lines(place / "corpora/works/documents.jsonl")
    assert len(documents) >= 12 and len({one["metadata"]["format"] for one in documents}) >= 6


def test_questions_are_asked_of_the_text_by_model_and_rules_and_say_so(place, made):
    documents = {one["id"]: one["text"] for one in lines(place / "corpora/works/documents.jsonl")}
    questions = lines(place / "corpora/works/questions.jsonl")
    assert len(questions) >= 12
    for question in questions:
        for evidence in question.get("evidence", []):
            assert documents[evidence["document"]][evidence["start"] : evidence["end"]] == question["answers"][0]
    assert "smollm2-135m" in {question["synthetic"] for question in questions}
    counts = json.loads((place / "corpora/works/synthesis.json").read_text())["all_calls"]
    assert len(questions) == counts["accepted"] <= counts["passed"] <= counts["proposals"]


def test_the_report_says_that_no_person_wrote_the_test(place, made):
    result = json.loads((place / "reports/works/results.json").read_text())
    assert result["n_test"] >= 2 and set(result["methods"]) == {"closed-book", "rag"}
    assert sum(result["corpus"]["sides"]["test"]["synthetic"].values()) == result["n_test"]
    page = (place / "reports/works/report.md").read_text(encoding="utf-8")
    assert "no person wrote" in page or "synthetic" in page
