"""A whole judging by a scripted judge: counts by hand, and what is asked again after a stop."""

import json
import threading
from dataclasses import replace

import pytest
from filelock import FileLock

from lab.errors import ConfigError, DataError, LabError, RunLockedError
from lab.judge.client import Endpoint
from lab.judge.run import judge_answers

BETTER = ("7", "seven", "red", "Tarn", "blue", "in 1987", "two", "pumps", "unknown", "")


def counts(found, method):
    return found["methods"][method]["counts"]


def test_counts_and_rates_by_hand(finished_run, settings, scripted):
    found = judge_answers(finished_run, settings(), scripted())
    assert counts(found, "closed-book") == {
        "answers": 6, "correct": 3, "incorrect": 1, "not_attempted": 2, "unparsed": 0, "blank": 2,
    }  # fmt: skip
    assert counts(found, "rag") == {
        "answers": 6, "correct": 5, "incorrect": 0, "not_attempted": 0, "unparsed": 1, "blank": 0,
    }  # fmt: skip
    closed, rag = (found["methods"][name]["rates"] for name in ("closed-book", "rag"))
    assert closed["correct"]["mean"] == pytest.approx(0.5)
    assert closed["correct_given_attempted"]["mean"] == pytest.approx(0.75)
    assert (closed["correct_given_attempted"]["n"], closed["correct_given_attempted"]["undefined"]) == (4, 2)
    # sums by document about the mean: 0, 0, 0
    assert closed["correct"]["low"] == pytest.approx(0.5) == closed["correct"]["high"]
    assert (rag["correct"]["mean"], rag["correct"]["n"], rag["correct"]["undefined"]) == (1.0, 5, 1)
    assert found["unparsed"] == {"grades": 1, "pairs": 0}
    assert json.loads((finished_run / "judge.json").read_text()) == found


def test_agreement_with_exact_match_by_hand(finished_run, settings, scripted):
    found = judge_answers(finished_run, settings(), scripted())["methods"]["closed-book"]["agreement"]
    # exact match: q1 only; judged correct: q1, q4, q6
    table = {key: found["exact_match"][key] for key in ("n", "both", "judge_only", "metric_only", "neither")}
    assert table == {"n": 6, "both": 1, "judge_only": 2, "metric_only": 0, "neither": 3}
    assert found["exact_match"]["share"] == pytest.approx(4 / 6)
    # chance: 1/2 * 1/6 + 1/2 * 5/6 = 1/2
    assert found["exact_match"]["kappa"]["value"] == pytest.approx((4 / 6 - 1 / 2) / (1 / 2))
    assert (found["contains"]["n"], found["contains"]["share"]) == (0, None)


def test_the_same_answer_is_asked_once_and_blank_ones_never(finished_run, settings, scripted):
    judge = scripted()
    found = judge_answers(finished_run, settings(), judge)
    # 12 answers, of which 2 are blank and one pair is the same text
    assert len(judge.prompts) == len(set(judge.prompts)) == found["requests"] == 9
    assert found["cached"] == 0


def test_the_judge_sees_no_method_no_reasoning_no_marks(finished_run, settings, scripted):
    judge = scripted(better=BETTER)
    judge_answers(finished_run, settings(pairs=(("rag", "closed-book"),)), judge)
    text = "\n".join(judge.prompts)
    assert not any(word in text for word in ("closed-book", "rag", "Reason", "thinks so", "[1]"))


def test_a_second_judging_asks_nothing(finished_run, settings, scripted):
    chosen = settings(pairs=(("rag", "closed-book"),))
    first = judge_answers(finished_run, chosen, scripted(better=BETTER))
    judge = scripted(better=BETTER)
    second = judge_answers(finished_run, chosen, judge)
    assert judge.prompts == []
    assert (second["requests"], second["cached"]) == (0, first["requests"])
    assert {**second, "requests": 0, "cached": 0} == {**first, "requests": 0, "cached": 0}


def test_another_model_or_limit_is_another_judge(finished_run, settings, scripted):
    judge_answers(finished_run, settings(), scripted())
    for endpoint in (Endpoint("http://localhost:1/v1", "other"), Endpoint("http://localhost:1/v1", "scripted", 9)):
        assert judge_answers(finished_run, settings(endpoint=endpoint), scripted())["requests"] == 9


@pytest.mark.parametrize("parallel", [1, 4])
def test_a_stopped_judging_goes_on(finished_run, settings, scripted, parallel):
    judge, one_at_a_time = scripted(), threading.Lock()

    def breaks_down(prompt):
        with one_at_a_time:
            if len(judge.prompts) == 4:
                raise LabError("gone")
            return judge(prompt)

    chosen = settings(parallel=parallel)
    with pytest.raises(LabError, match="gone"):
        judge_answers(finished_run, chosen, breaks_down)
    assert not (finished_run / "judge.json").exists()
    kept = (finished_run / "judge.jsonl").read_text().count("\n")
    found = judge_answers(finished_run, chosen, scripted())
    assert found["cached"] == kept
    assert found["requests"] == 9 - kept
    assert kept == 4
    (finished_run / "judge.jsonl").unlink()
    assert judge_answers(finished_run, chosen, scripted())["methods"] == found["methods"]


def test_a_reply_cut_short_by_a_kill_is_asked_again(finished_run, settings, scripted):
    judge_answers(finished_run, settings(), scripted())
    file = finished_run / "judge.jsonl"
    file.write_bytes(file.read_bytes()[:-20])
    assert judge_answers(finished_run, settings(), scripted())["requests"] == 1
    assert judge_answers(finished_run, settings(), scripted())["requests"] == 0


def test_a_damaged_reply_is_named(finished_run, settings, scripted):
    judge_answers(finished_run, settings(), scripted())
    file = finished_run / "judge.jsonl"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([lines[0], "nonsense\n", *lines[1:]]))
    with pytest.raises(DataError, match=r"judge\.jsonl:2: .*remove this line"):
        judge_answers(finished_run, settings(), scripted())


def test_pairs_by_hand(finished_run, settings, scripted):
    found = judge_answers(finished_run, settings(pairs=(("rag", "closed-book"),)), scripted(better=BETTER))
    [pair] = found["pairs"]
    # 7 over seven, red over blue, Tarn over nothing, unknown over nothing, two over pumps, in 1987 twice
    assert {key: pair[key] for key in ("n", "left_better", "right_better", "ties", "same_text")} == {
        "n": 6, "left_better": 3, "right_better": 2, "ties": 1, "same_text": 1,
    }  # fmt: skip
    assert (pair["position_dependent"], pair["unparsed"]) == (0, 0)
    assert pair["preference"]["mean"] == pytest.approx(1 / 6)


def test_a_judge_that_always_says_a_makes_ties(finished_run, settings, scripted):
    found = judge_answers(finished_run, settings(pairs=(("rag", "closed-book"),)), scripted(always="Verdict: A"))
    [pair] = found["pairs"]
    assert (pair["position_dependent"], pair["ties"], pair["left_better"], pair["right_better"]) == (5, 1, 0, 0)
    assert pair["preference"]["mean"] == 0.0
    assert any("5 of 5 comparisons the order" in warning for warning in found["warnings"])


def test_unreadable_verdicts_are_no_ties(finished_run, settings, scripted):
    found = judge_answers(finished_run, settings(pairs=(("rag", "closed-book"),)), scripted(always="Both are fine."))
    [pair] = found["pairs"]
    assert (pair["unparsed"], pair["ties"], pair["position_dependent"]) == (5, 1, 0)
    assert (pair["preference"]["n"], pair["preference"]["undefined"]) == (1, 5)
    assert found["unparsed"]["pairs"] == 5


def test_swapping_a_pair_swaps_its_numbers(finished_run, settings, scripted):
    one = judge_answers(finished_run, settings(pairs=(("rag", "closed-book"),)), scripted(better=BETTER))["pairs"][0]
    other = judge_answers(finished_run, settings(pairs=(("closed-book", "rag"),)), scripted(better=BETTER))
    assert other["requests"] == 0
    assert other["pairs"][0]["left_better"] == one["right_better"]
    assert other["pairs"][0]["preference"]["mean"] == pytest.approx(-one["preference"]["mean"])


def test_every_training_run_of_a_method_counts(tmp_path, make_rows, save_run, settings, scripted):
    run = save_run(tmp_path / "run", make_rows({"rag": (1, 2, 3)}))
    found = judge_answers(run, settings(pairs=(("rag", "closed-book"),)), scripted(better=BETTER))
    assert counts(found, "rag")["answers"] == 18
    assert found["methods"]["rag"]["rates"]["correct"]["n"] == 5
    assert found["pairs"][0]["n"] == 18
    assert found["pairs"][0]["preference"]["n"] == 6


def test_a_limit_takes_the_same_questions_of_every_method(finished_run, settings, scripted):
    def asked(limit):
        judge_answers(finished_run, settings(limit=limit), scripted())
        rows = [json.loads(line) for line in (finished_run / "judge-grades.jsonl").read_text().splitlines()]
        by_method = [{row["question_id"] for row in rows if row["method"] == name} for name in ("closed-book", "rag")]
        assert by_method[0] == by_method[1]
        return by_method[0]

    assert len(asked(2)) == 2
    assert asked(2) < asked(4)
    assert len(asked(99)) == 6


def test_labels_correct_the_rates(finished_run, settings, scripted, tmp_path):
    labels = tmp_path / "labels.csv"
    labels.write_text(
        "question_id,method,label\nq1,rag,correct\nq2,rag,incorrect\nq5,rag,correct\nq1,closed-book,correct\n"
    )
    found = judge_answers(finished_run, settings(labels=labels), scripted())["calibration"]
    assert (found["used"], found["unparsed"]) == (3, 1)
    # judged correct 5 of 5; labelled errors 0 and -1
    assert found["by_method"]["rag"]["prediction_powered"]["value"] == pytest.approx(0.5)
    assert found["by_method"]["rag"]["specificity"]["value"] == 0.0


def test_the_file_says_which_judge_and_holds_no_folder(finished_run, settings, scripted):
    endpoint = Endpoint("http://127.0.0.1:1/v1", "/home/me/models/some-model")
    judge_answers(finished_run, settings(endpoint=endpoint), scripted())
    written = "".join(path.read_text() for path in finished_run.iterdir() if path.name.startswith("judge"))
    assert "/home/me" not in written and '"some-model"' in written
    judge = json.loads((finished_run / "judge.json").read_text())["judge"]
    assert judge["server"] == "this machine" and len(judge["prompts_sha256"]) == 64


def test_without_labels_the_result_says_that_the_judge_is_not_checked(finished_run, settings, scripted):
    warnings = judge_answers(finished_run, settings(), scripted())["warnings"]
    assert any("the judge's own errors are not known" in warning for warning in warnings)
    assert any("1 of 10 grades could not be read" in warning for warning in warnings)


def test_two_judges_at_once(finished_run, settings, scripted):
    with FileLock(finished_run / ".judge.lock"), pytest.raises(RunLockedError, match="another process judges this run"):
        judge_answers(finished_run, settings(), scripted())
    judge_answers(finished_run, settings(), scripted())
    assert sorted(path.name for path in finished_run.iterdir()) == [
        "answers.jsonl", "judge-grades.jsonl", "judge.json", "judge.jsonl",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"pairs": (("rag", "raft"),)},
            r"--pairs rag:raft: expected methods of the run \(closed-book, rag\), got 'raft'",
        ),
        ({"pairs": (("rag", "rag"),)}, "expected two different methods"),
        ({"limit": 0}, "--limit: expected 1 or more, got 0"),
        ({"parallel": 0}, "--parallel: expected 1 or more, got 0"),
    ],
)
def test_settings_that_cannot_be(finished_run, settings, scripted, changes, message):
    with pytest.raises(ConfigError, match=message):
        judge_answers(finished_run, replace(settings(), **changes), scripted())


def test_no_finished_run(tmp_path, settings, scripted, save_run, make_rows):
    with pytest.raises(DataError, match="expected the folder of a finished run, found nothing"):
        judge_answers(tmp_path / "none", settings(), scripted())
    with pytest.raises(DataError, match=r"answers\.jsonl: expected the answers of a finished run, found no file"):
        judge_answers(tmp_path, settings(), scripted())
    rows = make_rows()
    with pytest.raises(DataError, match=r"answers\.jsonl:13: a second answer of closed-book to q1"):
        judge_answers(save_run(tmp_path / "twice", [*rows, rows[0]]), settings(), scripted())
    del rows[2]["gold"]
    with pytest.raises(DataError, match=r"answers\.jsonl:3: .*a line without 'gold'"):
        judge_answers(save_run(tmp_path / "broken", rows), settings(), scripted())
    with pytest.raises(DataError, match="expected answers, found none"):
        judge_answers(save_run(tmp_path / "empty", []), settings(), scripted())


@pytest.mark.parametrize("line", ['{"seed": 1e400, ', '{"seed": NaN, ', '{"hits": ' + "[" * 100_000])
def test_a_line_that_no_number_or_reader_can_hold(tmp_path, settings, scripted, save_run, make_rows, line):
    run = save_run(tmp_path / "odd", rows := make_rows())
    row = {key: value for key, value in rows[0].items() if key != "seed"}
    (run / "answers.jsonl").write_text(line + json.dumps(row)[1:] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"answers\.jsonl:1: .*a line that is not such JSON"):
        judge_answers(run, settings(), scripted())
