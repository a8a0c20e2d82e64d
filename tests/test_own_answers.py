"""Answers that other systems gave: what the file must be, what is made of it, and what stays open."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lab.cli import main
from lab.errors import ConfigError, DataError
from lab.own_answers import Submission, read_submission
from lab.own_results import read_measures, score_submission

DOCUMENTS = [
    {"id": f"d{place}", "title": f"Pump {place}", "text": f"The pump {place} weighs {place + 10} kg. It is green."}
    for place in range(12)
]
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": f"q{place}",
        "question": f"How heavy is pump {place}?",
        "answers": [f"{place + 10} kg"],
        "kind": "number",
        "evidence": [{"document": f"d{place}", "start": len(f"The pump {place} weighs "), "end": 0}],
    }
    for place in range(12)
]
for question in QUESTIONS:
    (unit,) = question["evidence"]
    unit["end"] = unit["start"] + len(question["answers"][0])


def row(place: int, method: str, answer: str, **more: Any) -> dict[str, Any]:
    return {"question_id": f"q{place}", "method": method, "answer": answer, **more}


def both(n: int = 12) -> list[dict[str, Any]]:
    """Ours is right but for the first answer, theirs never; ours shows its passage, of q1 the wrong one."""
    hits = [[{"document": f"d{at}", "text": f"pump {at} weighs {at + 10} kg."}] for at in (0, 0, *range(2, n))]
    ours = [
        row(at, "ours", "9 kg" if at == 0 else f"{at + 10} kg", hits=hits[at], latency_ms=100 + at) for at in range(n)
    ]
    return ours + [row(at, "theirs", "7 kg", tokens={"in": 40, "out": 2}) for at in range(n)]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "pumps"
    folder.mkdir()
    for name, rows in (("documents", DOCUMENTS), ("questions", QUESTIONS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    return folder


def read(corpus: Path, rows: list[dict[str, Any]]) -> Submission:
    path = corpus.parent / "answers.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in rows))
    return read_submission(path, corpus)


def test_scores_verdict_and_choice_are_those_of_the_answers(corpus: Path) -> None:
    result, rows, found = score_submission(read(corpus, both()), None)
    assert result.n_test == result.n_clusters == 12
    assert result.methods["ours"]["metrics"]["exact_match"]["mean"] == pytest.approx(11 / 12)
    assert result.methods["theirs"]["metrics"]["exact_match"]["mean"] == 0.0
    (judged,) = [one for one in result.comparisons if one.p_holm is not None]
    assert (judged.method, judged.baseline, judged.verdict) == ("theirs", "ours", "worse")
    assert result.recommendation["choice"] == "ours"
    assert found.table.seeds == {"ours": (1,), "theirs": (1,)}
    assert len(rows) == 24


def test_where_a_text_stands_in_its_document_tells_what_is_gold(corpus: Path) -> None:
    submission = read(corpus, both())
    _, rows, found = score_submission(submission, None)
    ranks = {question.id: question.gold_rank for question in found.table.questions}
    assert ranks["q1"] is None  # it was shown the passage of q0
    assert all(rank == 1 for question, rank in ranks.items() if question != "q1")
    causes = {(one["question_id"], one["method"]): one["cause"] for one in rows}
    assert causes["q0", "ours"] == "context ignored"  # 9 kg stands in no passage
    assert causes["q2", "ours"] is None
    assert causes["q2", "theirs"] == "not known"


def test_what_nobody_measured_is_open_and_never_0(corpus: Path) -> None:
    result, _, _ = score_submission(read(corpus, both()), None)
    ours, theirs = result.methods["ours"], result.methods["theirs"]
    assert ours["tokens"] == {"in": None, "out": None}
    assert theirs["tokens"] == {"in": 40.0, "out": 2.0}
    assert ours["seconds_per_question"] is None
    assert ours["latency_ms"]["p50"] == 105.5
    assert theirs["latency_ms"]["p50"] is None
    assert theirs["metrics"]["support_lexical"]["mean"] is None
    assert ours["confidence"]["ece"] is None and ours["confidence"]["reason"]


def test_training_seeds_are_read_from_the_answers(corpus: Path) -> None:
    rows = [row(at, "tuned", f"{at + 10} kg" if seed == 2 else "0", seed=seed) for seed in (4, 2) for at in range(12)]
    result, _, found = score_submission(read(corpus, rows + both()[12:]), None)
    assert result.seeds == (2, 4)
    assert found.table.seeds == {"tuned": (2, 4), "theirs": (1,)}  # in order, so that runs of two methods meet by seed
    assert result.methods["tuned"]["by_seed"] == {"2": 1.0, "4": 0.0}


def test_one_run_each_under_other_seeds_is_one_run(corpus: Path) -> None:
    rows = [row(at, method, "x", seed=seed) for method, seed in (("a", 1), ("b", 2)) for at in range(12)]
    assert score_submission(read(corpus, rows), None)[0].seeds == (1,)


def test_passages_that_systems_name_alike_are_told_apart(corpus: Path) -> None:
    texts = {"ours": ("d0", "The pump 0 weighs 10 kg."), "theirs": ("d1", "The pump 1 weighs 11 kg.")}
    rows = [
        row(0, method, "x", hits=[{"passage": "0", "document": document, "text": text}])
        for method, (document, text) in texts.items()
    ]
    _, saved, _ = score_submission(read(corpus, rows), None)
    assert [one["hits"][0]["gold"] for one in saved] == [True, False]


def test_evidence_that_no_system_has_shown_is_a_miss(corpus: Path) -> None:
    rows = [row(0, "rag", "x", hits=[{"document": "d5", "text": "The pump 5 weighs 15 kg."}]), row(0, "plain", "y")]
    _, saved, _ = score_submission(read(corpus, rows), None)
    assert {one["method"]: one["cause"] for one in saved} == {"rag": "retrieval miss", "plain": "not known"}


def test_the_report_tells_nothing_that_nobody_measured(corpus: Path) -> None:
    out = corpus.parent / "out"
    answers = corpus.parent / "answers.jsonl"
    answers.write_text("".join(json.dumps(one) + "\n" for one in both()))
    assert main(["score", str(answers), "--corpus", str(corpus), "--out", str(out), "--no-embed"]) == 0
    report = (out / "report.md").read_text()
    assert "not known here" in report
    for untrue in (
        "were trained on",
        "share one prompt",
        "this machine",
        "not measured train",
        "One training run",
        "Top 3",
    ):
        assert untrue not in report, untrue


def test_a_run_of_the_lab_is_not_overwritten(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = corpus.parent / "out"
    (out / ".work").mkdir(parents=True)
    answers = corpus.parent / "answers.jsonl"
    answers.write_text("".join(json.dumps(one) + "\n" for one in both()))
    assert main(["score", str(answers), "--corpus", str(corpus), "--out", str(out), "--no-embed"]) == 2
    assert "another --out" in capsys.readouterr().err


@pytest.mark.parametrize("popularity", ["high", "nan", "inf"])
def test_a_popularity_that_is_no_number_is_named(corpus: Path, popularity: str) -> None:
    rows = [{**DOCUMENTS[0], "metadata": {"popularity": popularity}}, *DOCUMENTS[1:]]
    (corpus / "documents.jsonl").write_text("".join(json.dumps(one) + "\n" for one in rows))
    with pytest.raises(DataError, match=r"document d0: metadata\.popularity"):
        read(corpus, both())


def test_measures_are_checked(corpus: Path) -> None:
    path = corpus.parent / "measured.yaml"
    path.write_text("ours: {tuned: false, index_s: 3}\n")
    found = read_measures(path, {"ours", "theirs"})
    result, _, _ = score_submission(read(corpus, both()), None, found)
    assert (result.methods["ours"]["tuned"], result.methods["theirs"]["tuned"]) == (False, None)
    assert result.methods["ours"]["build"] == {"index_s": 3.0, "training_s": None}
    path.write_text("other: {index_s: 3}\nours: 5\n")
    with pytest.raises(ConfigError) as caught:
        read_measures(path, {"ours", "theirs"})
    assert "other: expected one of ours, theirs" in str(caught.value)
    assert "ours: " in str(caught.value)


def test_a_folder_of_any_name_is_a_corpus_and_overrides_count(corpus: Path) -> None:
    odd = corpus.rename(corpus.parent / "my pumps!")
    submission = read(odd, both())
    assert submission.config.name == "my-pumps"
    path = odd.parent / "answers.jsonl"
    assert read_submission(path, odd, ["metrics.primary=contains"]).config.metrics.primary == "contains"
    with pytest.raises(ConfigError, match="bogus"):
        read_submission(path, odd, ["bogus.key=1"])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([row(99, "a", "x")], "question q99: not in the corpus"),
        ([row(0, "a", "x"), row(1, "a", "x"), row(0, "b", "x")], "b: no answer to q1"),
        ([row(0, "a", "x"), row(0, "a", "y")], "a: more than one answer to q0"),
        ([row(0, "a", "x", seed=1), row(0, "a", "x", seed=2), row(1, "a", "x", seed=1)], "a, seed 2: no answer to q1"),
        ([row(0, "a", "x") | {"anwser": "x"}], "answers.jsonl:1: anwser: extra inputs are not permitted"),
        ([{"question_id": "q0", "method": "a"}], "answers.jsonl:1: answer: field required"),
        ([row(0, "a", "x", latency_ms=-1)], "answers.jsonl:1: latency_ms: input should be greater than or equal to 0"),
        ([row(0, "a", "x"), row(1, "a", "x", seed=1)], "a: some answers name a seed and some do not"),
        ([], "found none"),
    ],
)
def test_each_fault_is_named_with_its_place(corpus: Path, rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(DataError) as caught:
        read(corpus, rows)
    assert said in str(caught.value)


def test_seeds_that_differ_between_methods_are_refused(corpus: Path) -> None:
    rows = [row(0, method, "x", seed=seed) for method, seed in (("a", 1), ("a", 2), ("b", 1), ("b", 3))]
    with pytest.raises(DataError, match="must have the same"):
        read(corpus, rows)


def test_a_users_mistake_ends_with_2_and_writes_nothing(corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = corpus.parent / "out"
    missing = corpus.parent / "nowhere.jsonl"
    assert main(["score", str(missing), "--corpus", str(corpus), "--out", str(out)]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err
    assert not out.exists()
