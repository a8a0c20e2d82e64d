import json

import pytest

from lab.errors import DataError
from lab.report import read_answers, read_result
from lab.types import Comparison


def test_a_saved_result_is_read_back(result, tree):
    assert (result.name, result.n_test, result.seeds) == ("velloway", 120, (1,))
    assert isinstance(result.comparisons[0], Comparison)
    assert result.comparisons[0].p_holm == tree["comparisons"][0]["p_holm"]
    assert result.methods == tree["methods"]


def test_keys_of_later_versions_are_ignored(load, tree):
    assert load(tree | {"probes": []}).name == "velloway"


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
