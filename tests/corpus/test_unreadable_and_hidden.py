"""Rows whose text cannot be decoded, and splits whose answers are kept secret, end in one clear fault."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from small_world import read_at

from lab.errors import DataError


def write_broken(file: Path) -> Path:
    """A Parquet file with a text that is not UTF-8, as a careless writer leaves it."""
    raw = pa.array([b"Pads last.", b"caf\xe9"], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 2, raw.buffers())
    texts = pa.array(["Pads", "caf"])
    parquet.write_table(pa.table({"question": texts, "answers": texts, "context": broken}), file)
    return file


def fault(path: Path, format: str, **options: Any) -> list[str]:
    with pytest.raises(DataError) as caught:
        read_at(path, format, **options)
    return [line.strip().replace(f"{path.parent}/", "") for line in str(caught.value).splitlines()]


def test_parquet_that_is_not_utf8_is_one_fault(tmp_path: Path) -> None:
    found = fault(write_broken(tmp_path / "rows.parquet"), "table")[1:]
    assert len(found) == 1
    assert found[0].startswith("rows.parquet: not Parquet that can be read, after 0 rows: 'utf-8' codec")


def test_a_data_set_that_is_not_utf8_is_one_fault(tmp_path: Path) -> None:
    (found,) = fault(write_broken(tmp_path / "rows.parquet"), "hub")
    assert found.startswith("rows.parquet: datasets cannot read it")
    assert "'utf-8' codec" in found


def test_a_split_of_a_column_without_answers_is_a_fault(tmp_path: Path) -> None:
    row = {"question": "How?", "context": "Pads last."}
    answers = (("train", "Pads"), ("train", ""), ("test", ""), ("test", None))
    rows = [{**row, "part": part, "answers": answer} for part, answer in answers]
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    assert fault(tmp_path / "rows.jsonl", "table", columns={"split": "part"})[1:] == [
        "rows.jsonl: no row of the split test has an answer, as where answers are kept secret; leave these rows out "
        "(corpus.columns.split: part)"
    ]
    assert len(read_at(tmp_path / "rows.jsonl", "table").questions) == 4
