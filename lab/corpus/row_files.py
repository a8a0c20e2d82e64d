"""Files that hold one row a question: CSV and TSV, JSON Lines and JSON, Parquet. Read in pieces, never as a whole."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.corpus.fields import Fields, show
from lab.corpus.records import read_records
from lab.corpus.source import Source, TextFile
from lab.errors import DataError

CSV_SUFFIXES = (".csv", ".tsv")
JSON_SUFFIXES = (".jsonl", ".json")
PARQUET_SUFFIXES = (".parquet",)
DELIMITERS = ",;\t"
MAX_CELL = 2**31 - 1  # characters, instead of csv's 131,072; the most that a C long holds everywhere
BATCH_ROWS = 1000
NAMES_SHOWN = 20


def find_row_file(source: Source, suffixes: Sequence[str]) -> Path:
    """`corpus.path` itself where it is a file, else the only file in it with one of `suffixes`.

    Raises:
        DataError: a file with another suffix, no such file in the folder, or several.
    """
    if source.path.is_file():
        if source.path.suffix.lower() not in suffixes:
            raise DataError(f"{source.path}: expected a file that ends in {', '.join(suffixes)}; see corpus.path")
        return source.path
    found = sorted(file for file in source.path.iterdir() if file.suffix.lower() in suffixes and file.is_file())
    if len(found) != 1:
        names = ", ".join(file.name for file in found) or "none"
        raise DataError(
            f"{source.path}: expected exactly one file that ends in {', '.join(suffixes)}, found {names}; "
            "name one in corpus.path"
        )
    return found[0]


def open_rows(path: Path, faults: list[str]) -> tuple[Iterator[Fields], tuple[str, ...]]:
    """The rows of a file, read by its suffix, and what should be known of its encoding, as sentences.

    A row of CSV or JSON Lines knows its place as `FILE:LINE`, one of Parquet or of a JSON array as `FILE: [n]`, n from
    0. What is no row goes to `faults`.
    """
    suffix = path.suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        return _parquet_rows(path, faults), ()
    file = TextFile.detect(path)
    return (_csv_rows if suffix in CSV_SUFFIXES else read_records)(file, faults), file.notes


def _csv_rows(file: TextFile, faults: list[str]) -> Iterator[Fields]:
    encoding = "utf-8-sig" if file.encoding == "utf-8" else file.encoding
    delimiter = _delimiter(file.path, encoding)
    with file.path.open(encoding=encoding, newline="") as stream, _large_cells():
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        header: list[str] | None = None
        behind = 0  # a row may hold line breaks: it begins on the line after the one before
        try:
            for cells in reader:
                place, behind = f"{file.path}:{behind + 1}", reader.line_num
                if not any(cell.strip() for cell in cells):
                    continue
                if header is None:
                    header = _header(cells, place, faults)
                elif len(cells) != len(header):
                    faults.append(f"{place}: expected {len(header)} cells as in the header, got {len(cells)}")
                else:
                    yield Fields(dict(zip(header, cells, strict=True)), place, faults)
        except csv.Error as error:
            faults.append(f"{file.path}:{behind + 1}: not CSV: {error}; the rows behind were not read")


def _header(cells: list[str], place: str, faults: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        faults.append(f"{place}: expected every column once, found twice: {', '.join(map(show, twice[:NAMES_SHOWN]))}")
    return names


def _delimiter(path: Path, encoding: str) -> str:
    """The one of comma, semicolon and tab that cuts the header into most cells."""
    with path.open(encoding=encoding, newline="") as stream, _large_cells():
        header = next((line for line in stream if line.strip()), "")
        return max(DELIMITERS, key=lambda delimiter: len(next(csv.reader([header], delimiter=delimiter), [])))


@contextmanager
def _large_cells() -> Iterator[None]:
    # The limit is the csv module's own, for the whole process: whoever else reads CSV gets it back as it was.
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _parquet_rows(path: Path, faults: list[str]) -> Iterator[Fields]:
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        with ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS):
                for values in batch.to_pylist():
                    yield Fields(values, str(path), faults, f"[{number}]")
                    number += 1
    except Exception as error:  # pyarrow's own, and Python's for times, zones and texts that it cannot hold
        words = (str(error).strip().splitlines() or [type(error).__name__])[0]
        faults.append(f"{path}: not Parquet that can be read, after {number} rows: {words}")
