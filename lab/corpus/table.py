"""A table with one row a question: CSV or TSV with a header, JSON Lines, a JSON array, or Parquet.

`corpus.columns` says which column holds what. In CSV all values are text; a cell of answers or contexts may hold a JSON
list: `["4 hours", "four hours"]`. A list of answers as Python writes it is a fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from lab.corpus.fields import Fields, show
from lab.corpus.row_files import CSV_SUFFIXES, JSON_SUFFIXES, PARQUET_SUFFIXES, find_row_file, open_rows
from lab.corpus.rows import Row, corpus_from_rows
from lab.corpus.source import Source
from lab.types import Corpus

SUFFIXES = (*CSV_SUFFIXES, *JSON_SUFFIXES, *PARQUET_SUFFIXES)


def read_table(source: Source) -> Corpus:
    """Read one table, or the only table of a folder, row by row.

    Raises:
        DataError: no such file, or faults; every fault is listed as `file:line`, or `file: [row]` for Parquet.
    """
    path = find_row_file(source, SUFFIXES)
    faults: list[str] = []
    rows, notes = open_rows(path, faults)
    if path.suffix.lower() in CSV_SUFFIXES:
        columns = source.options.columns
        rows = _with_lists(rows, columns.answers, columns.context)
    return corpus_from_rows(map(Row, rows), source, faults, notes)


def _with_lists(rows: Iterator[Fields], answers: str, context: str) -> Iterator[Fields]:
    for row in rows:
        lists = {name: _json_list(row.values[name]) for name in (answers, context) if name in row.values}
        cell = lists.get(answers)
        # Such as pandas writes for a column of lists: taken as text, the brackets would become part of the answer.
        if isinstance(cell, str) and cell.strip().startswith(("['", '["')):
            row.fault(f"expected a JSON list, got {show(cell)}", answers)
        yield Fields({**row.values, **lists}, row.place, row.faults, row.path)


def _json_list(cell: str) -> str | list[object]:
    """The list that a cell spells out, else the cell: `[1] Smith` is a text."""
    if not cell.strip().startswith("["):
        return cell
    try:
        value = json.loads(cell)
    except (RecursionError, ValueError):
        return cell
    return value if isinstance(value, list) else cell
