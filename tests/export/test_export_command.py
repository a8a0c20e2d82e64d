"""`lab export`: which options fit each other, which files it refuses, and what it prints."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from pyarrow import parquet
from small_run import answer_rows, save_small_run, score_rows

from lab.cli import main
from lab.errors import DataError
from lab.export import write
from lab.export.method import Exported
from lab.export.tables import read_run_table

ESCAPE = "\x1b[2J\x1b]8;;http://example.com\x07"


@pytest.fixture
def run(tmp_path):
    return save_small_run(tmp_path / "run")


def call(capsys, *arguments):
    code = main(["export", *map(str, arguments)])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_names_of_a_run_reach_the_terminal_as_escapes(run, tmp_path, capsys):
    tree = json.loads((run / "results.json").read_text())
    (run / "results.json").write_text(json.dumps({**tree, "name": f"small{ESCAPE}"}))
    code, out, _ = call(capsys, run, "--lm-eval", tmp_path / "lm.json")
    assert (code, "\x1b" in out, "\x07" in out) == (0, False, False)
    assert r"small\x1b[2J" in out


def test_names_of_an_export_reach_the_terminal_as_escapes(run, tmp_path, capsys, monkeypatch):
    found = Exported(tmp_path / "out", {f"a{ESCAPE}.json": 1234}, 1, False, f"base{ESCAPE}")
    monkeypatch.setattr("lab.export.method.export_method", lambda *given: found)
    code, out, _ = call(capsys, run, "--method", "raft", "--to", tmp_path / "out")
    assert (code, "\x1b" in out, out.count(r"\x1b[2J")) == (0, False, 2)
    assert "(1,234 bytes)" in out


@pytest.mark.parametrize(
    "name",
    ["results.json", "answers.jsonl", "scores.jsonl", "questions.jsonl", "report.html", "report.md", "run.log",
     "judge.json", "experiment.resolved.yaml", ".work/recipe.json", ".work/new.csv", "charts/new.svg"],
)  # fmt: skip
@pytest.mark.parametrize("option", ["--csv", "--parquet", "--lm-eval"])
def test_force_replaces_no_file_of_the_run(run, tmp_path, capsys, option, name):
    for folder in (".work", "charts"):
        (run / folder).mkdir()
    (run / ".work" / "recipe.json").write_text("{}")
    (tmp_path / "link").symlink_to(run)
    (tmp_path / "alias.csv").symlink_to(run / name)
    before = files(run)
    for path in (run / name, run / "charts" / ".." / name, tmp_path / "link" / name, tmp_path / "alias.csv"):
        code, _, err = call(capsys, run, option, path, "--force")
        assert (code, "the run's own file" in err) == (2, True), (path, err)
    assert files(run) == before


def test_every_file_that_a_run_and_its_judge_write_is_known():
    from lab.judge.run import GRADES_FILE, LOCK_FILE, REPLIES_FILE, RESULT_FILE
    from lab.report.markdown import CHARTS
    from lab.results import JUDGED
    from lab.run_folder import LOG

    assert {*JUDGED, GRADES_FILE, LOCK_FILE, REPLIES_FILE, RESULT_FILE, LOG} <= write.RUN_FILES
    assert CHARTS in write.RUN_FOLDERS


def test_other_files_in_the_run_s_folder_are_written_and_replaced(run, capsys):
    assert call(capsys, run, "--csv", run / "scores.csv")[0] == 0
    assert call(capsys, run, "--csv", run / "scores.csv", "--force")[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--csv", "a", "--parquet", "a"], "--parquet a: the same file as that of --csv"),
        (["--csv", "a", "--lm-eval", "run/../a"], "the same file as that of --csv"),
        (["--parquet", "alias", "--lm-eval", "a"], "--lm-eval a: the same file as that of --parquet"),
        (["--csv", "out/a.csv", "--method", "rag", "--to", "out"], "name a file outside it"),
        (["--parquet", "-"], "only --csv can write to standard output"),
        (["--csv", "-", "--lm-eval", "-"], "only --csv can write to standard output"),
        (["--method", "", "--to", "x"], "--method : the run has no such method"),
        (["--method", ""], "expected --to with it"),
        (["--table", "", "--csv", "a"], "--table : expected one of"),
        (["--csv", ""], "expected a file, found a folder"),
    ],
)
def test_options_that_do_not_fit_are_told_and_write_nothing(run, tmp_path, capsys, monkeypatch, options, message):
    (tmp_path / "alias").symlink_to("a")
    (tmp_path / "out").mkdir()
    monkeypatch.chdir(tmp_path)
    recipe = type("Recipe", (), {"methods": {"rag": None}})
    monkeypatch.setattr("lab.export.method.read_recipe", lambda folder: recipe)
    before = files(tmp_path)
    code, out, err = call(capsys, run, *options)
    assert (code, out, message in err) == (2, "", True), err
    assert files(tmp_path) == before


def test_it_prints_each_file_with_its_rows(run, tmp_path, capsys):
    code, out, _ = call(capsys, run, "--csv", tmp_path / "a.csv", "--parquet", tmp_path / "a.parquet")
    assert (code, out) == (0, f"{tmp_path / 'a.csv'} (48 rows)\n{tmp_path / 'a.parquet'} (48 rows)\n")


def test_csv_to_standard_output_is_the_file_byte_for_byte(run, tmp_path, capfdbinary):
    for table in ("scores", "answers", "methods"):
        assert main(["export", str(run), "--table", table, "--csv", str(tmp_path / f"{table}.csv")]) == 0
        capfdbinary.readouterr()
        assert main(["export", str(run), "--table", table, "--csv", "-"]) == 0
        shown = capfdbinary.readouterr()
        assert (shown.out, shown.err) == ((tmp_path / f"{table}.csv").read_bytes(), b"")
    assert not Path("-").exists()


def test_beside_csv_on_standard_output_words_go_to_the_other(run, tmp_path, capsys):
    code, out, err = call(capsys, run, "--csv", "-", "--parquet", tmp_path / "a.parquet")
    assert (code, err) == (0, f"{tmp_path / 'a.parquet'} (48 rows)\n")
    assert len(list(csv.DictReader(io.StringIO(out)))) == 48


class Terminal(io.BytesIO):
    """A stream that people look at."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_is_not_obeyed_and_a_pipe_is_unchanged(run):
    rows = answer_rows()
    rows[0]["answer"] = f"so{ESCAPE}"
    (run / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    terminal, pipe = Terminal(), io.BytesIO()
    assert write.send_csv(read_run_table(run, "answers"), terminal) == len(rows)
    assert write.send_csv(read_run_table(run, "answers"), pipe) == len(rows)
    assert b"\x1b" not in terminal.getvalue() and rb"so\x1b[2J" in terminal.getvalue()
    assert f"so{ESCAPE}".encode() in pipe.getvalue()


def damage(run, place, **changes):
    """Change one row of scores.jsonl; values are written as they stand, valid JSON or not."""
    lines = (run / "scores.jsonl").read_text().splitlines()
    row = score_rows()[place]
    body = ", ".join(f"{json.dumps(key)}: {changes.get(key, json.dumps(value))}" for key, value in row.items())
    lines[place] = f"{{{body}}}"
    (run / "scores.jsonl").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    "changes",
    [
        {"seed": "NaN"}, {"seed": "Infinity"}, {"value": "-Infinity"}, {"value": "NaN"},
        {"seed": "99999999999999999999"}, {"seed": "-99999999999999999999"}, {"seed": "9223372036854775808"},
        {"seed": "1e400"}, {"value": "1e400"}, {"value": "1" + "0" * 400}, {"value": "1" + "0" * 5000},
        {"question_id": "[1]"}, {"question_id": "{}"}, {"reason": "[" * 100_000},
    ],
    ids=lambda changes: str(changes)[:40],
)  # fmt: skip
@pytest.mark.parametrize("target", ["x.csv", "x.parquet", "-"])
def test_numbers_that_no_column_holds_are_told_with_their_line(run, tmp_path, capsys, target, changes):
    damage(run, 4, **changes)
    place = target if target == "-" else tmp_path / target
    code, out, err = call(capsys, run, "--parquet" if target == "x.parquet" else "--csv", place)
    assert (code, out, "scores.jsonl:5: " in err) == (2, "", True), err[:300]
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_the_largest_counts_are_kept(run, tmp_path):
    damage(run, 4, seed="9223372036854775807")
    damage(run, 5, seed="-9223372036854775808")
    write.write_parquet(read_run_table(run, "scores"), tmp_path / "x.parquet")
    assert parquet.read_table(tmp_path / "x.parquet")["seed"].to_pylist()[3:6] == [1, 2**63 - 1, -(2**63)]


def test_a_damaged_count_of_the_result_is_told_with_its_method(run):
    tree = json.loads((run / "results.json").read_text())
    tree["methods"]["closed-book"]["metrics"]["bleu"]["n"] = 10**30
    (run / "results.json").write_text(json.dumps(tree))
    with pytest.raises(DataError, match=r"results\.json: method 2: bleu_n: expected a number of 64 bits"):
        list(read_run_table(run, "methods").cells())


def test_odd_hits_and_names_of_metrics_are_no_tracebacks(run, tmp_path):
    rows = answer_rows()
    rows[0]["hits"] = ["p1", None, {"passage": "p2", "gold": True}]
    rows[0]["scores"] = {"half \ud800": 1.0}
    (run / "answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name, save in (("a.csv", write.write_csv), ("a.parquet", write.write_parquet)):
        save(read_run_table(run, "answers"), tmp_path / name)
    assert parquet.read_table(tmp_path / "a.parquet")["gold_passages"][0].as_py() == ["p2"]


@pytest.mark.parametrize("command", ["gate", "export"])
def test_help_is_read_in_80_columns_and_names_no_types_of_python(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    body = shown.split("Examples:")[0]
    assert all(len(line) <= 80 for line in body.splitlines())
    assert "<" not in body.replace("<=, <,", "")
    words = {"gate": ("  RUN  ", "--require REQUIREMENT  ", "--file FILE  "),
             "export": ("  RUN  ", "--method METHOD  ", "--to DIR  ", "--seed N  ", "--table TABLE  ")}  # fmt: skip
    assert all(word in shown for word in words[command])
    if command == "gate":
        assert "\n    1  a requirement failed, or was not measured\n" in shown
        assert "\n  METHOD - BASELINE    on the primary metric" in shown
        assert "\x08" not in shown
