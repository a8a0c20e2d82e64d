"""CSV, TSV, JSON, JSON Lines and Parquet: which tables become one text, and which a document for each row."""

import io
import json

import pyarrow
import pyarrow.parquet
import pytest
from one_file import LONG, failure, read, texts

from lab.ingest import rows


def parquet_bytes(columns):
    file = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def test_a_table_without_long_texts_becomes_one_text():
    outcome, (document,) = read("parts.csv", b"part;price\nSeal;4,50\nCup;\n\n;\nRing;7\n")
    assert document.text == "part: Seal\nprice: 4,50\n\npart: Cup\n\npart: Ring\nprice: 7"
    assert document.title == "parts"
    assert 'no column of long texts: the 3 rows became one text of "column: value" lines' in outcome.notes


def test_rows_with_long_texts_become_documents():
    table = [
        {"id": "a/1", "Title": "Pumps", "BODY": LONG, "year": 1987, "question": "How much?", "extra": "x" * 400},
        {"id": "a/2", "Title": "", "BODY": LONG + "More.", "year": None, "question": "When?"},
        {"id": "a/3", "Title": "Empty", "BODY": ""},
    ]
    outcome, documents = read("rows.jsonl", "\n".join(map(json.dumps, table)).encode())
    assert [document.id for document in documents] == ["rows.jsonl/a/1", "rows.jsonl/a/2"]
    assert [document.title for document in documents] == ["Pumps", "rows a/2"]
    assert documents[0].text == f"{LONG.strip()}\n\nextra: {'x' * 400}\n\nyear: 1987"
    assert documents[1].text == f"{LONG}More."
    assert documents[1].metadata == {"source": "rows.jsonl", "format": "jsonl", "row": "a/2"}
    assert outcome.notes == (
        "one document for each row, from the column BODY",
        "1 rows without BODY left out",
        "question left out: questions and answers do not belong into the documents",
    )


def test_ids_that_are_not_unique_do_not_name_documents():
    table = [{"id": 1, "text": LONG}, {"id": 1, "text": LONG + "More."}]
    _, documents = read("rows.json", json.dumps(table).encode())
    assert [document.id for document in documents] == ["rows.json/row-1", "rows.json/row-2"]


def test_a_long_column_of_any_name_and_a_short_one_of_a_known_name():
    assert rows.text_column([{"text": "short", "Notes": "n" * 400}]) == "Notes"
    assert rows.text_column([{"text": "short", "Notes": "n" * 399}]) is None
    assert rows.text_column([{"abstract": "a" * 100, "body": "b" * 100}]) == "body"
    assert rows.text_column([{"answer": "a" * 500}]) is None


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_found(delimiter):
    lines = [["name", "said, and meant"], ["Ansgar", "a; b"], ["Mirela", "c"]]
    quoted = "\r\n".join(delimiter.join(f'"{one}"' for one in line) for line in lines)
    assert texts("t.csv", quoted.encode()) == [
        "name: Ansgar\nsaid, and meant: a; b\n\nname: Mirela\nsaid, and meant: c"
    ]


def test_odd_tables():
    outcome, (document,) = read("numbers.csv", b"1,2\n3,4,5\n")
    assert document.text == "column 1: 1\ncolumn 2: 2\n\ncolumn 1: 3\ncolumn 2: 4\ncolumn 3: 5"
    assert outcome.notes[1:] == (
        "no names of columns in the first row: they are column 1, column 2, ...",
        "1 rows have more cells than there are columns, first row 2; all were kept",
    )
    assert texts("quoted.csv", b'a,b\n"x\ny",2\n') == ["a: x y\nb: 2"]
    assert failure("header.csv", b"a,b\n") == ("empty", "no rows with text")
    assert failure("wide.csv", b'a,b\n"' + b"x" * 11_000_000 + b'",1\n')[0] == "failed"


def test_json_in_its_shapes():
    wrapped = {"version": 2, "data": [{"name": "Seal", "life": 400}, {"name": "Cup", "sizes": [1, 2]}]}
    outcome, (document,) = read("data.json", json.dumps(wrapped).encode())
    assert document.text == "name: Seal\nlife: 400\n\nname: Cup\nsizes: 1, 2"
    assert outcome.notes[0] == "of its keys (version, data) only the one list of objects was read"
    assert texts("one.json", b'{"pump": {"power": 315, "stages": ["a", "b"]}, "old": true, "none": null}') == [
        "pump.power: 315\npump.stages: a\npump.stages: b\nold: True"
    ]
    assert texts("lines.json", b'{"a": "x"}\n{"a": "y"}\n') == ["a: x\n\na: y"]
    assert failure("bad.json", b'{"a": ')[1] == "not JSON at line 1, character 7: Expecting value"
    assert failure("deep.json", b"[" * 100_000) == ("failed", "nested too deeply")
    assert texts("half.json", b'{"a": "\\ud800x"}') == ["a: x"]


def test_records_by_name_and_values_within_values():
    records = {
        "r1": {"QUESTION": "Does it?", "CONTEXTS": [LONG, LONG], "meta": {"year": 1987, "tags": ["a", "b"]}},
        "r2": {"QUESTION": "Will it?", "CONTEXTS": [LONG], "LONG_ANSWER": "It does.", "final_decision": "yes"},
    }
    outcome, documents = read("records.json", json.dumps(records).encode())
    assert [document.id for document in documents] == ["records.json/r1", "records.json/r2"]
    assert documents[0].text == f"{LONG.strip()}\n\n{LONG.strip()}\n\nmeta: year: 1987; tags: a, b"
    assert documents[1].text == LONG.strip()
    assert "QUESTION, LONG_ANSWER, final_decision left out" in outcome.notes[1]


def test_question_sets_are_not_taken_for_documents():
    squad = {"data": [{"title": "Pumps", "paragraphs": [{"context": LONG, "qas": [{"question": "Who?"}]}]}]}
    assert failure("train.json", json.dumps(squad).encode())[0] == "unsupported"
    faq = "question,answer\nHow long?,Two days\nHow much?,Ten crowns\n"
    outcome, (document,) = read("faq.csv", faq.encode())
    assert document.text.startswith("question: How long?\nanswer: Two days\n\n")
    assert "take the file out and give it as questions" in outcome.notes[0]


def test_lines_that_are_no_json_are_told():
    outcome, (document,) = read("a.jsonl", b'{"a": "x"}\nno\n[1]\n\n"some text"\n')
    assert document.text == "a: x\n\ntext: some text"
    assert outcome.notes[-1] == (
        "2 lines left out that are no JSON objects: line 2: Expecting value: line 1 column 1 (char 0); "
        "line 3: expected an object, got list"
    )


def test_parquet():
    table = {"title": ["Pumps", "Seals"], "content": [LONG, LONG * 2], "picture": [b"\x89", b"\x88"], "n": [1.5, None]}
    outcome, documents = read("t.parquet", parquet_bytes(table))
    assert [document.title for document in documents] == ["Pumps", "Seals"]
    assert documents[0].text == f"{LONG.strip()}\n\nn: 1.5"
    assert outcome.notes[0] == "columns of bytes left out: picture"
    assert failure("torn.parquet", parquet_bytes(table)[:50])[0] == "failed"


def test_tables_have_a_limit_that_is_told(monkeypatch):
    monkeypatch.setattr(rows, "MAX_ROWS", 2)
    outcome, (document,) = read("many.csv", b"a,b\n1x,2\n3x,4\n5x,6\n")
    assert document.text == "a: 1x\nb: 2\n\na: 3x\nb: 4"
    assert "only the first 2 rows were read; divide the table to read all" in outcome.notes
    monkeypatch.setattr(rows, "MAX_TABLE_CHARACTERS", 3)
    assert "more than 3 characters" in failure("many.csv", b"a,b\n1x,2\n3x,4\n")[1]
