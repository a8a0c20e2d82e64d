"""Tables of every suffix are read alike, in pieces, and a broken row is named by its line."""

import csv
import json
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from small_world import read_at

from lab.errors import DataError
from lab.types import Corpus

PADS = "Pads last 400 hours.\nOil lasts longer."
ROWS = [
    {"question": "How long?", "answers": "400 hours", "context": PADS},
    {"question": 'What lasts "longer"?', "answers": "Oil", "context": PADS},
    {"question": "Who, then; and why?", "answers": "", "context": 'He said: "no", so there.'},
]


def write_csv(file: Path, rows: list[dict[str, str]] = ROWS, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with file.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return file


def write_parquet(file: Path, rows: list[dict[str, object]]) -> Path:
    parquet.write_table(pa.Table.from_pylist(rows), file)
    return file


def faults(path: Path, **options: object) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_at(path, "table", **options)
    return [line.strip().replace(f"{path.parent}/", "") for line in str(caught.value).splitlines()]


@pytest.fixture
def expected(tmp_path: Path) -> Corpus:
    (tmp_path / "expected.jsonl").write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    corpus = read_at(tmp_path / "expected.jsonl", "table")
    assert [question.kind for question in corpus.questions] == ["number", "span", "unanswerable"]
    assert len(corpus.documents) == 2
    return corpus


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_csv_with_any_delimiter(tmp_path: Path, expected: Corpus, delimiter: str, encoding: str) -> None:
    assert read_at(write_csv(tmp_path / "rows.csv", delimiter=delimiter, encoding=encoding), "table") == expected


def test_json_and_parquet_read_alike(tmp_path: Path, expected: Corpus) -> None:
    (tmp_path / "rows.json").write_text(json.dumps(ROWS, indent=1), encoding="utf-8")
    assert read_at(tmp_path / "rows.json", "table") == expected
    assert read_at(write_parquet(tmp_path / "rows.PARQUET", ROWS), "table") == expected


def test_a_folder_with_one_table_is_enough(tmp_path: Path, expected: Corpus) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(DataError, match=r"expected exactly one file that ends in \.csv, .*, found none"):
        read_at(folder, "table")
    write_csv(folder / "rows.tsv", delimiter="\t")
    (folder / "README.md").write_text("# Rows", encoding="utf-8")
    assert read_at(folder, "table") == expected
    write_csv(folder / "more.csv")
    with pytest.raises(DataError, match=r"found more\.csv, rows\.tsv; name one in corpus\.path"):
        read_at(folder, "table")


def test_another_suffix_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rows.xlsx").write_text("x")
    assert (
        "rows.xlsx: expected a file that ends in .csv, .tsv, .jsonl, .json, .parquet"
        in faults(tmp_path / "rows.xlsx")[0]
    )


def test_a_windows_file_is_read_and_said(tmp_path: Path) -> None:
    rows = [{"question": "Wie groß?", "answers": "groß", "context": "Es ist sehr groß \u2013 ja."}]
    corpus = read_at(write_csv(tmp_path / "rows.csv", rows, ";", "cp1252"), "table")
    assert corpus.documents[0].text == "Es ist sehr groß \u2013 ja."
    assert corpus.notes[0] == "rows.csv is not UTF-8; it was read as cp1252."


def test_a_cell_may_hold_a_json_list(tmp_path: Path) -> None:
    rows = [
        {"question": "How long?", "answers": '["400 hours", 400]', "context": PADS},
        {"question": "What?", "answers": "[]", "context": '["Oil.", "Salt."]'},
        {"question": "Who?", "answers": "[1] Smith", "context": "[1] Smith wrote it."},
        {"question": "[1]", "answers": "[Smith]", "context": "[Smith]"},
    ]
    corpus = read_at(write_csv(tmp_path / "rows.csv", rows), "table")
    assert [question.answers for question in corpus.questions] == [
        ("400 hours", "400"),
        (),
        ("[1] Smith",),
        ("[Smith]",),
    ]
    assert [document.text for document in corpus.documents] == [PADS, "Oil.", "Salt.", "[1] Smith wrote it.", "[Smith]"]
    assert corpus.questions[3].text == "[1]"


@pytest.mark.parametrize("cell", ["['400 hours', '400']", " ['400' '500']", "[\"400\", '5']"])
def test_a_list_as_python_writes_it_is_a_fault(tmp_path: Path, cell: str) -> None:
    found = faults(write_csv(tmp_path / "rows.csv", [ROWS[0], {**ROWS[1], "answers": cell}]))
    assert found[1:] == [f"rows.csv:4: answers: expected a JSON list, got {cell!r}"]


def test_a_cell_longer_than_the_csv_modules_limit(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    rows = [{**ROWS[0], "context": "x " * 100_000}]
    assert len(read_at(write_csv(tmp_path / "rows.csv", rows), "table").documents[0].text) == 200_000
    assert csv.field_size_limit() == before


def test_broken_csv_rows_are_named_by_their_first_line(tmp_path: Path) -> None:
    text = 'question,answers,context\r\n\r\nA?,a,"b\nc"\r\nB?,a,b,c\r\nC?,a\r\n,a,b\r\nD?,a,"b"c\r\nE?,a,b\r\n'
    (tmp_path / "rows.csv").write_bytes(text.encode())
    found = faults(tmp_path / "rows.csv")
    assert found[1:] == [
        "rows.csv:5: expected 3 cells as in the header, got 4",
        "rows.csv:6: expected 3 cells as in the header, got 2",
        "rows.csv:7: question: expected text, got an empty one",
        "rows.csv:8: not CSV: ',' expected after '\"'; the rows behind were not read",
    ]


def test_a_quote_that_is_never_closed_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text('question,answers,context\nA?,a,"b\nB?,a,b\nC?,a,b\n', encoding="utf-8")
    assert (
        faults(tmp_path / "rows.csv")[1] == "rows.csv:2: not CSV: unexpected end of data; the rows behind were not read"
    )


def test_a_header_must_name_every_column_once(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("question,answers,context,context\nA?,a,b,c\n", encoding="utf-8")
    assert faults(tmp_path / "rows.csv")[1] == "rows.csv:1: expected every column once, found twice: 'context'"


def test_a_missing_header_shows_in_the_columns_found(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("How?,a,b\nWhy?,a,c\n", encoding="utf-8")
    assert faults(tmp_path / "rows.csv")[1].endswith(
        "no row has the column 'question' (corpus.columns.question); the columns found are 'How?', 'a', 'b'"
    )


def test_parquet_brings_its_types_and_names_rows_by_number(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"question": "How long?", "answers": {"text": ["400"], "start": [10]}, "context": PADS, "n": 1},
        {"question": "Is it?", "answers": {"text": [], "start": []}, "context": PADS, "n": 2},
    ]
    columns = {"answers": "answers.text", "start": "answers.start", "id": "n"}
    corpus = read_at(write_parquet(tmp_path / "rows.parquet", rows), "table", columns=columns)
    assert [question.id for question in corpus.questions] == ["1", "2"]
    assert corpus.questions[0].evidence[0].start == 10
    rows[1]["question"] = None
    found = faults(write_parquet(tmp_path / "rows.parquet", rows), columns=columns)
    assert found[1:] == ["rows.parquet: [1].question: expected text, got None"]


def test_what_is_no_parquet_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 not really")
    assert faults(tmp_path / "rows.parquet")[1].startswith("rows.parquet: not Parquet that can be read, after 0 rows: ")


def test_broken_json_lines_and_bad_rows_are_listed_together(tmp_path: Path) -> None:
    lines = [json.dumps(ROWS[0]), '{"question": ', json.dumps({**ROWS[0], "context": 3}), "[3]"]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines), encoding="utf-8")
    found = faults(tmp_path / "rows.jsonl")
    assert [line.split(": ")[0] for line in found[1:]] == ["rows.jsonl:2", "rows.jsonl:3", "rows.jsonl:4"]


@pytest.mark.parametrize("text", ["", "question,answers,context\n"])
def test_a_table_without_rows_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "rows.csv").write_text(text, encoding="utf-8")
    assert faults(tmp_path / "rows.csv") == ["rows.csv: expected at least one document, found none"]
