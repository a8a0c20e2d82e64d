import json
from dataclasses import asdict

import pytest

from lab.errors import DataError
from lab.report import read_answers, read_result
from lab.report.read import iter_answers
from lab.types import Comparison, EffectSizes, MoreQuestions


def test_a_saved_result_is_read_back(result, tree):
    assert (result.name, result.n_test, result.seeds) == ("velloway", 120, (1,))
    assert isinstance(result.comparisons[0], Comparison)
    assert result.comparisons[0].p_holm == tree["comparisons"][0]["p_holm"]
    assert result.methods == tree["methods"]


def test_keys_of_later_versions_are_ignored(load, tree):
    assert load(tree | {"probes": []}).name == "velloway"


def test_what_later_versions_added_is_read_and_may_be_missing(load, tree, full):
    old = load(tree)
    assert old.analysis == {} and old.comparisons[0].effects is None and old.comparisons[0].by_seed == ()
    full["comparisons"][0]["needed"] = {"difference": 0.03, "questions": 240, "clusters": 60}
    new = load(full)
    assert new.analysis == full["analysis"]
    first, saved = new.comparisons[0], full["comparisons"][0]
    assert first.effects == EffectSizes(**saved["effects"])
    assert first.needed == MoreQuestions(0.03, 240, 60)
    assert first.by_seed == tuple(saved["by_seed"]) and first.low_bca == saved["low_bca"]
    assert [asdict(item) | {"by_seed": list(item.by_seed)} for item in new.comparisons] == full["comparisons"]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("effects", 3, "effects: expected an object or null, got 3"),
        ("effects", {"odds_ratio": None, "d_z": None}, "effects: relative_error_reduction: missing"),
        ("needed", {"difference": 0.1, "questions": 2.5, "clusters": 1}, "needed: questions: expected a whole number"),
        ("low_bca", "low", "low_bca: expected a whole number or a number or null"),
        ("by_seed", None, "by_seed: expected a list, got null"),
    ],
)
def test_later_keys_of_another_type_are_refused(load, tree, key, value, message):
    tree["comparisons"][0][key] = value
    with pytest.raises(DataError, match=rf"comparisons\[0\]: {message}"):
        load(tree)


def test_an_analysis_of_another_type_is_refused(load, tree):
    with pytest.raises(DataError, match="analysis: expected an object, got a list"):
        load(tree | {"analysis": []})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda tree: tree | {"schema_version": 2}, "newer version"),
        (lambda tree: tree | {"schema_version": "1"}, "expected schema_version 1, got '1'"),
        (lambda tree: {"results": {}}, "no schema_version"),
        (lambda tree: [tree], "no schema_version"),
        (lambda tree: tree | {"methods": {"rag": 3}}, "methods.rag: expected an object, got 3"),
        (lambda tree: tree | {"n_test": None}, "n_test: expected a whole number, got null"),
        (
            lambda tree: tree | {"comparisons": [{"p": "small"}]},
            r"comparisons\[0\]: p: expected a whole number or a number",
        ),
    ],
)
def test_what_is_no_result_is_refused(tmp_path, tree, change, message):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(change(tree)))
    with pytest.raises(DataError, match=message):
        read_result(path)


def test_all_missing_keys_are_named_at_once(tmp_path):
    path = tmp_path / "results.json"
    path.write_text('{"schema_version": 1, "name": "x"}')
    with pytest.raises(DataError, match=r"(?s)domain: missing.*config: missing"):
        read_result(path)


@pytest.mark.parametrize(
    ("content", "message"), [("{", "not readable as JSON"), ('{"a": NaN}', "NaN is no JSON number")]
)
def test_unreadable_json_is_refused(tmp_path, content, message):
    path = tmp_path / "results.json"
    path.write_text(content)
    with pytest.raises(DataError, match=message):
        read_result(path)


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(DataError, match="found no file"):
        read_result(tmp_path / "results.json")
    with pytest.raises(DataError, match="found a folder"):
        read_answers(tmp_path)


def test_bytes_that_are_no_utf8_are_refused(tmp_path):
    path = tmp_path / "answers.jsonl"
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(DataError, match="expected UTF-8"):
        read_answers(path)


def test_answers_keep_order_and_line_separators_inside_texts(tmp_path, rows):
    path = tmp_path / "answers.jsonl"
    rows[0]["answer"] = "one\u2028two\x85three"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n\n", encoding="utf-8")
    assert read_answers(path) == rows


def test_faulty_answers_are_listed_with_their_lines(tmp_path, rows):
    path = tmp_path / "answers.jsonl"
    bad = {key: value for key, value in rows[1].items() if key != "hits"}
    path.write_text("\n".join([json.dumps(rows[0]), "{", json.dumps(bad), "7"]))
    with pytest.raises(DataError) as caught:
        read_answers(path)
    message = str(caught.value)
    assert "answers.jsonl:2: not readable" in message
    assert "answers.jsonl:3: hits: missing" in message
    assert "answers.jsonl:4: expected an object, got 7" in message


def test_rows_come_one_by_one_and_the_faults_of_a_file_after_the_last(tmp_path, rows):
    path = tmp_path / "answers.jsonl"
    path.write_text("\n".join([json.dumps(rows[0]), "{", json.dumps(rows[1]), "[]", json.dumps(rows[2])]))
    found = []
    with pytest.raises(DataError, match=r"(?s)answers\.jsonl:2: .*answers\.jsonl:4: ") as caught:
        for row in iter_answers(path):
            found.append(row)
    assert found == rows[:3]
    assert "answers.jsonl:3" not in str(caught.value)


def test_a_byte_that_is_no_utf8_is_counted_from_the_start_of_the_file(tmp_path, rows):
    path = tmp_path / "answers.jsonl"
    first = (json.dumps(rows[0] | {"answer": "\u00e9"}, ensure_ascii=False) + "\r\n").encode()
    path.write_bytes(first + b'{"a": "\xc3\xa9\xff"}\n')
    steps = iter_answers(path)
    assert next(steps)["answer"] == "\u00e9"
    with pytest.raises(DataError, match=rf"found another encoding at byte {len(first) + 9}$"):
        next(steps)


def test_a_file_that_is_not_there_is_told_on_the_first_step(tmp_path):
    steps = iter_answers(tmp_path / "answers.jsonl")
    with pytest.raises(DataError, match=r"expected the answers\.jsonl of a finished run, found no file"):
        next(steps)
