"""`lab gate` on a result with known numbers: which value is used, what holds, exit codes, what people read."""

from __future__ import annotations

import json

import pytest
from small_result import ODD_NAME

from lab.gate import Names, check, parse
from lab.rounding import MINUS


def judged(result, text, **more):
    return check([parse(text, Names.of(result))], result, **more).verdicts[0]


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("raft.token_f1 >= 0.75", 0.75, True),
        ("raft.token_f1 > 0.75", 0.75, False),
        ("raft.token_f1.low >= 0.6", 0.6, True),
        ("raft.token_f1.high <= 0.8", 0.875, False),
        ("raft.token_f1.n == 30", 30, True),
        ("raft.token_f1.undefined < 10", 10, False),
        ("rag.latency_ms.p95 < 1000", 900, True),
        ("rag.seconds_per_question != 0.5", 0.5, False),
        ("rag.cost_per_question < 0.01", 0.002, True),
        ("retrieval.recall@5 >= 0.9", 0.875, False),
        ("retrieval.by_document.recall@5.low == 1", 1.0, True),
        ("retrieval.n > 30", 36, True),
        ("recommendation.choice == raft", "raft", True),
        ("recommendation.choice != raft", "raft", False),
        ("recommendation.clear == true", False, False),
        ("recommendation.p_best >= 0.8", 0.799, False),
        ("n_test >= 40", 40, True),
        ("n_clusters > 16", 16, False),
        (f"{json.dumps(ODD_NAME)}.token_f1.low >= 0.25", 0.25, True),
    ],
)
def test_values(result, text, value, holds):
    verdict = judged(result, text)
    assert (verdict.reading.value, verdict.holds) == (value, holds)


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        # raft - rag is 0.125 with the interval [-0.125, 0.375]: better in this sample, and not shown
        ("raft - rag > 0", -0.125, False),
        ("raft - rag.difference > 0", 0.125, True),
        ("raft - rag < 0.5", 0.375, True),
        ("raft - rag < 0.3", 0.375, False),
        ("rag - closed-book >= 0.25", 0.25, True),
        ("rag - closed-book.p_holm < 0.005", 0.004, True),
        ("raft - rag.exact_match >= 0", 0.0, True),
        ("raft - rag.exact_match > 0", 0.0, False),
        ("raft - rag.clusters >= 16", 16, True),
        # stored as rag - closed-book with [0.25, 0.5]
        ("closed-book - rag < 0", -0.25, True),
        ("closed-book - rag > -0.6", -0.5, True),
        ("closed-book - rag.difference == -0.375", -0.375, True),
        ("closed-book - rag.low == -0.5", -0.5, True),
        ("closed-book - rag.verdict == worse", "worse", True),
        ("closed-book - rag.p_holm < 0.005", 0.004, True),
        ("rag - raft.verdict == inconclusive", "inconclusive", True),
    ],
)
def test_a_comparison_means_the_end_of_its_interval_that_must_pass(result, text, value, holds):
    verdict = judged(result, text)
    assert (verdict.reading.value, verdict.holds) == (value, holds)


def test_a_turned_comparison_says_so(result):
    assert judged(result, "closed-book - rag < 0").reading.note == "stored as rag - closed-book; sign and ends turned"
    assert judged(result, "rag - closed-book > 0").reading.note == ""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rag.rouge_l < 1", "not measured for rag"),
        ("rag.rouge_l != 1", "not measured for rag"),
        ("fine-tuned+rag.token_f1.low > 0", "not measured: the 40 questions are of one cluster"),
        ("fine-tuned+rag - rag > -1", "not measured: the 40 questions are of one cluster"),
        ("raft - closed-book > -1", "not measured: the pair was not compared by token_f1 (compared by: token_f1"),
        ("raft - rag.exact_match.p_holm < 1", "not registered: has no Holm-adjusted p"),
        ("raft - rag.exact_match.verdict != worse", "not registered: has no verdict"),
        ("raft.cost_per_question < 1", "not measured: no price of an hour is declared"),
        ("closed-book.cost_per_question < 1", "not measured: closed-book is no candidate of the recommendation"),
        ("rag.memory_bytes < 1e99", "not measured for rag"),
    ],
)  # fmt: skip
def test_what_was_not_measured_fails_with_its_reason(result, text, reason):
    verdict = judged(result, text)
    assert verdict.reading.value is None
    assert not verdict.holds
    assert verdict.reading.reason.startswith(reason)


def test_the_most_frequent_reason_of_the_scores_is_told(gate, save, tree):
    rows = [("rag", "rouge_l", "no gold answer"), ("rag", "rouge_l", "too short"), ("rag", "rouge_l", "too short"),
            ("raft", "rouge_l", "other method"), ("rag", "bleu", "other metric")]  # fmt: skip
    lines = [json.dumps({"method": m, "metric": k, "value": None, "reason": r}) + "\n" for m, k, r in rows]
    (save(tree) / "scores.jsonl").write_text("".join(lines))
    assert "rag.rouge_l > 0: not measured: too short" in gate("rag.rouge_l > 0").out


def test_all_hold(gate):
    shown = gate("raft.token_f1.low >= 0.6", "n_test >= 40")
    assert (shown.code, shown.err) == (0, "")
    assert "2 of 2 requirements of small hold (40 test questions in 16 clusters)" in shown.out
    assert "raft.token_f1: 10 of 40 questions have no value" in gate("raft.token_f1 > 0").out


def test_all_are_judged_after_one_failed_and_the_reason_has_numbers(gate):
    shown = gate("raft - rag > 0", "raft.token_f1.low > 0.6", "n_test >= 150", "n_test > 1")
    assert shown.code == 1
    assert shown.out.count("FAILS") == 3
    assert shown.out.count("holds") == 1
    lines = shown.out.splitlines()
    assert f"- raft - rag > 0: {MINUS}0.125, missed by 0.125 (lower 95 % limit, token_f1 +0.1" in shown.out
    assert next(line for line in lines if line.startswith("- raft - rag")).endswith("n 40, 16 clusters)")
    assert "0.600, equal to the bound, which > excludes (lower 95 % limit" in shown.out
    assert "- n_test >= 150: 40, missed by 110 (test questions)" in shown.out
    table = lines[: lines.index("")]
    assert max(map(len, table)) <= 80


def test_json(gate):
    shown = gate("closed-book  -  rag < -0.3", "rag.rouge_l > 0", options=("--json",))
    found = json.loads(shown.out)
    assert shown.code == 1
    assert (found["run"], found["holds"], found["n_test"], found["n_clusters"]) == ("small", False, 40, 16)
    first, second = found["requirements"]
    assert first["requirement"] == "closed-book - rag < -0.3"
    assert (first["holds"], first["value"], first["bound"], first["operator"]) == (False, -0.25, -0.3, "<")
    assert first["short_by"] == pytest.approx(0.05)
    assert (first["n"], first["clusters"], first["value_is"]) == (40, 16, "upper 95 % limit")
    assert second == {
        "requirement": "rag.rouge_l > 0", "holds": False, "value": None, "value_is": "mean", "operator": ">",
        "bound": 0, "short_by": None, "n": 0, "clusters": None, "reason": "not measured for rag", "note": None,
    }  # fmt: skip


def test_wrong_requirements_are_all_told_with_a_caret_and_near_names(gate):
    shown = gate("n_test > 1", "raft.token_f2 > 0", "raff - rag > 0")
    assert (shown.code, shown.out) == (2, "")
    lines = shown.err.splitlines()
    assert lines[1:5] == [
        "  --require 2: unknown metric",
        "    raft.token_f2 > 0",
        "         ^",
        "    did you mean token_f1?",
    ]
    assert lines[5:] == ["  --require 3: unknown method", "    raff - rag > 0", "    ^", "    did you mean raft?"]


def test_the_caret_stands_below_its_character_past_wide_and_hostile_ones(gate):
    lines = gate('"車\x1b[2J".token_f1 > 0', "raft.車輪 > 0 \x1b[31m", "raft.token_f1 >  x" + "\u202e").err.splitlines()
    assert not any(ord(character) < 32 or character == "\u202e" for line in lines for character in line)
    assert lines[6].index("^") == lines[5].index("車")
    assert lines[lines.index("  --require 3: expected a number") + 2].index("^") == 4 + len("raft.token_f1 >  ")


def test_hostile_names_of_a_result_move_no_cursor(gate, tree):
    evil = "\x1b]0;owned\x07\x1b[2J\n[red]x"
    tree["name"] = evil
    tree["methods"][evil] = tree["methods"].pop("raft")
    shown = gate(f"{json.dumps(evil)}.token_f1 > 0.9", "raft.token_f1 > 0")
    assert shown.code == 2
    shown = gate(f"{json.dumps(evil)}.token_f1 > 0.9")
    assert shown.code == 1
    assert "\x1b" not in shown.out
    assert "\x07" not in shown.out
    assert "[red]x" in shown.out


def test_a_file_holds_a_list_or_a_list_under_require(gate, tmp_path):
    file = tmp_path / "gate.yaml"
    file.write_text(f"- n_test >= 40\n- raft - rag.difference > 0\n- '{json.dumps(ODD_NAME)}.token_f1 > 0'\n")
    assert gate(options=("--file", str(file))).code == 0
    file.write_text("require:\n  - n_test >= 41\n")
    shown = gate("n_test >= 40", options=("--file", str(file)))
    assert (shown.code, shown.out.count("FAILS"), shown.out.count("holds")) == (1, 1, 1)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("n_test >= 40\n", "expected a list of requirements"),
        ("[]\n", "expected a list of requirements"),
        ("- 5\n- {a: b}\n-\n", "requirement 2: got dict"),
        ("- n_tests >= 40\n", "gate.yaml, requirement 1: unknown method"),
        ("- 'x\n", "not readable as YAML"),
        ("- !!python/object/apply:os.system ['true']\n", "not readable as YAML"),
        ("\x00", "not readable as YAML"),
    ],
)
def test_a_file_that_is_no_list_of_requirements(gate, tmp_path, content, message):
    (tmp_path / "gate.yaml").write_text(content)
    shown = gate(options=("--file", str(tmp_path / "gate.yaml")))
    assert shown.code == 2
    assert message in shown.err


def test_no_requirement_no_file_no_run(gate, tmp_path):
    assert "expected requirements, got none" in gate().err
    shown = gate(options=("--file", str(tmp_path / "missing.yaml")))
    assert (shown.code, "expected a file of requirements, found none" in shown.err) == (2, True)


def test_a_folder_without_a_run(tmp_path, capsys):
    from lab.cli import main

    assert main(["gate", str(tmp_path), "--require", "n_test > 1"]) == 2
    assert "results.json" in capsys.readouterr().err
    assert main(["gate", str(tmp_path / "nothing"), "--require", "n_test > 1"]) == 2
    assert "expected the folder of a finished run, found nothing" in capsys.readouterr().err


def test_values_of_another_type_are_not_measured(gate, tree):
    tree["methods"]["rag"]["metrics"]["token_f1"] = {"mean": "0.9", "n": True}
    tree["methods"]["raft"]["metrics"] = 5
    tree["methods"]["raft"]["latency_ms"] = [1]
    tree["recommendation"] = {"clear": 1, "p_best": "high", "costs": 3}
    shown = gate("rag.token_f1 > 0", "raft.token_f1 > 0", "raft.latency_ms.p95 > 0", "recommendation.clear == true",
                 "recommendation.p_best > 0", "rag.cost_per_question > 0", "recommendation.choice == rag")  # fmt: skip
    assert (shown.code, shown.out.count("FAILS")) == (1, 7)
