"""The numbers of a run as CSV, Parquet and in the harness's shape, read back by other libraries."""

from __future__ import annotations

import csv
import json
import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from small_run import HOSTILE, VALUES, answer_rows, save_small_run, score_rows

from lab.cli import main
from lab.errors import ConfigError, DataError
from lab.export.lm_eval import lm_eval_tree, write_lm_eval
from lab.export.tables import TABLES, Column, Table, read_run_table
from lab.export.write import FORMULA_STARTS, write_csv, write_parquet
from lab.report.read import read_result


@pytest.fixture
def run(tmp_path):
    return save_small_run(tmp_path / "run")


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_scores_are_one_row_for_each_question_method_and_metric(run, tmp_path):
    assert write_csv(read_run_table(run, "scores"), tmp_path / "s.csv") == 2 * 8 * 3
    rows = read_csv(tmp_path / "s.csv")
    assert list(rows[0]) == ["question_id", "cluster", "kind", "method", "seed", "metric", "value", "reason"]
    for row, expected in zip(rows, score_rows(), strict=True):
        value, reason = expected["value"], expected["reason"]
        assert (row["question_id"], row["method"], row["metric"]) == tuple(
            expected[key] for key in ("question_id", "method", "metric")
        )
        assert row["value"] == ("" if value is None else str(value))
        assert row["reason"] == {None: "", "=not asked": "'=not asked"}.get(reason, reason)
    assert {row["cluster"] for row in rows if row["question_id"] in ("q3", "q4")} == {"doc1"}
    means = {
        name: [float(r["value"]) for r in rows if (r["method"], r["metric"]) == (name, "token_f1")] for name in VALUES
    }
    assert means == VALUES


def test_parquet_is_typed_and_equal_to_the_run(run, tmp_path):
    write_parquet(read_run_table(run, "scores"), tmp_path / "s.parquet")
    found = parquet.read_table(tmp_path / "s.parquet")
    assert found.schema.field("value").type == pa.float64()
    assert found.schema.field("seed").type == pa.int64()
    kept = found.select(["question_id", "method", "seed", "metric", "value", "reason"]).to_pylist()
    assert kept == score_rows()


def test_answers_keep_their_text_in_parquet_and_are_disarmed_in_csv(run, tmp_path):
    write_parquet(read_run_table(run, "answers"), tmp_path / "a.parquet")
    found = parquet.read_table(tmp_path / "a.parquet").to_pylist()
    assert [row["answer"] for row in found[:7]] == HOSTILE[:7]
    assert found[7]["answer"] == "plain \N{REPLACEMENT CHARACTER}"
    assert found[0]["gold"] == ["=x", "y"]
    assert (found[0]["passages"], found[0]["gold_passages"]) == (["p1", "p2"], ["p1"])
    assert (found[8]["passages"], found[0]["token_f1"], found[0]["wrong"]) == ([], 1.0, None)
    assert (found[0]["parse_ok"], found[0]["seconds"], found[0]["tokens_in"]) == (True, None, 5)
    write_csv(read_run_table(run, "answers"), tmp_path / "a.csv")
    rows = read_csv(tmp_path / "a.csv")
    assert len(rows) == len(answer_rows())
    assert [row["answer"] for row in rows[:6]] == [f"'{text}" for text in HOSTILE[:6]]
    assert rows[6]["answer"] == HOSTILE[6]
    assert rows[4]["token_f1"] == "-1.0"  # a number stays one
    assert rows[0]["logprob"] == "-0.5"
    assert json.loads(rows[0]["gold"]) == ["=x", "y"]
    assert rows[0]["parse_ok"] == "true"


def test_methods_and_comparisons(run, tmp_path):
    write_csv(read_run_table(run, "methods"), tmp_path / "m.csv")
    rag, closed = read_csv(tmp_path / "m.csv")
    assert (rag["method"], rag["token_f1"], rag["token_f1_n"], rag["wrong_undefined"]) == ("rag", "0.25", "8", "6")
    assert (rag["bleu"], rag["bleu_n"], rag["cost_per_question"], closed["cost_per_question"]) == ("", "0", "0.25", "")
    assert (rag["latency_ms_p95"], rag["latency_ms_p50"], rag["tokens_in"]) == ("900.0", "", "12.5")
    write_parquet(read_run_table(run, "comparisons"), tmp_path / "c.parquet")
    [row] = parquet.read_table(tmp_path / "c.parquet").to_pylist()
    assert (row["method"], row["baseline"], row["low"], row["p_holm"]) == ("rag", "closed-book", -0.5, None)
    assert (row["relative_error_reduction"], row["odds_ratio"], row["clusters"]) == (0.25, None, 4)


def test_columns_are_chosen_and_wrong_ones_told(run, tmp_path):
    table = read_run_table(run, "scores").only(["value", "method"])
    write_csv(table, tmp_path / "s.csv")
    assert list(read_csv(tmp_path / "s.csv")[0]) == ["value", "method"]
    with pytest.raises(ConfigError, match="did you mean method"):
        table.only(["methods"])
    with pytest.raises(ConfigError, match="value is named twice"):
        table.only(["value", "value"])


TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
CELLS = st.fixed_dictionaries(
    {
        "text": TEXTS | st.none(),
        "number": st.floats(allow_nan=False, allow_infinity=False) | st.none(),
        "count": st.integers(-(2**63), 2**63 - 1) | st.none(),
        "flag": st.booleans() | st.none(),
        "texts": st.lists(TEXTS, max_size=3) | st.none(),
    }
)


@given(st.lists(CELLS, min_size=1, max_size=20))
def test_any_cells_survive_both_formats(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("any")
    kinds = ("text", "number", "count", "flag", "texts")
    table = Table("scores", tuple(Column(kind, kind, lambda row, kind=kind: row[kind]) for kind in kinds), lambda: rows)
    write_parquet(table, folder / "t.parquet")
    assert parquet.read_table(folder / "t.parquet").to_pylist() == rows
    write_csv(table, folder / "t.csv")
    for found, row in zip(read_csv(folder / "t.csv"), rows, strict=True):
        assert not found["text"].startswith(FORMULA_STARTS)
        text = row["text"] or ""
        assert found["text"] == (f"'{text}" if text.startswith(FORMULA_STARTS) else text)
        assert (float(found["number"]) if found["number"] else None) == row["number"]
        assert (json.loads(found["texts"]) if found["texts"] else None) == row["texts"]


def test_the_harness_s_shape_with_clustered_errors(run, tmp_path):
    tasks = write_lm_eval(run, tmp_path / "lm.json")
    assert tasks == ("small_rag", "small_closed-book")
    found = json.loads((tmp_path / "lm.json").read_text())
    rag = found["results"]["small_rag"]
    assert rag["alias"] == "small_rag"
    assert rag["token_f1,none"] == 0.25
    # Worked out by hand: the sums of the clusters around their means, times sqrt(4 / 3).
    assert rag["token_f1_stderr,none"] == pytest.approx(0.293151, abs=1e-6)
    assert rag["wrong_stderr,none"] == "N/A"  # its two questions are of one document
    assert "bleu,none" not in rag
    assert set(found) >= {
        "results", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "n-samples", "config", "date",
    }  # fmt: skip
    assert found["n-samples"]["small_rag"] == {"original": 8, "effective": 8}
    assert found["n-shot"]["small_rag"] == 3
    assert found["higher_is_better"]["small_rag"] == {"token_f1": True, "wrong": False}
    assert found["configs"]["small_rag"]["metadata"]["n"] == {"token_f1": 8, "wrong": 2}
    assert found["date"] == 1767312000.0
    for key in ("configs", "versions", "n-shot", "higher_is_better", "n-samples", "group_subtasks"):
        assert set(found[key]) == set(tasks)


def test_a_run_without_an_error_says_so(run):
    tree = lm_eval_tree(read_result(run / "results.json"), {("rag", "token_f1"): 0.125})
    assert tree["results"]["small_rag"]["token_f1_stderr,none"] == 0.125
    assert tree["results"]["small_closed-book"]["token_f1_stderr,none"] == "N/A"
    assert not any(isinstance(value, float) and math.isnan(value) for value in tree["results"]["small_rag"].values())


def call(capsys, *arguments):
    code = main(["export", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def test_the_command_writes_and_says_what(run, tmp_path, capsys):
    target = tmp_path / "out.csv"
    code, out, _ = call(capsys, run, "--csv", target, "--parquet", tmp_path / "o.parquet", "--columns", "method, value")
    assert (code, out.count(" (48 rows)\n")) == (0, 2)
    assert call(capsys, run, "--lm-eval", tmp_path / "lm.json")[1].endswith("(2 tasks: small_rag, small_closed-book)\n")
    before = target.read_bytes()
    code, _, err = call(capsys, run, "--csv", target, "--table", "methods")
    assert (code, "the file exists" in err, target.read_bytes()) == (2, True, before)
    assert call(capsys, run, "--csv", target, "--table", "methods", "--force")[0] == 0
    assert target.read_bytes() != before
    assert not list(tmp_path.glob(".*"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected what to export"),
        (["--method", "rag"], "expected --to with it"),
        (["--to", "x"], "expected --method with it"),
        (["--with-base", "--csv", "x.csv"], "expected --method with it"),
        (["--table", "methods", "--lm-eval", "x.json"], "expected --csv or --parquet with it"),
        (["--csv", "no/such/folder/x.csv"], "does not exist"),
        (["--csv", "."], "expected a file, found a folder"),
        (["--csv", "x.csv", "--table", "score"], "expected one of methods, scores, answers, comparisons"),
        (["--csv", "x.csv", "--columns", ""], "no column ''"),
    ],
)
def test_wrong_options_are_told(run, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(capsys, run, *arguments)
    assert (code, message in err) == (2, True), err
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_run_is_told_and_leaves_no_file(run, tmp_path, table):
    for name in ("answers.jsonl", "scores.jsonl"):
        (run / name).write_text('{"question_id": "q0", "method": "rag"\n')
    if table in ("methods", "comparisons"):
        (run / "results.json").write_text("{}")
    with pytest.raises(DataError, match=r"jsonl:1|schema_version"):
        write_csv(read_run_table(run, table), tmp_path / "x.csv")
    assert not (tmp_path / "x.csv").exists()
