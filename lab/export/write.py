"""Tables as CSV and Parquet.

A CSV file is opened by spreadsheets, which run a cell that begins with =, +, -, @, a tab or a line end as a formula; a
model may have written such a cell. As OWASP advises (CSV Injection), such a text gets a ' in front. Numbers stay
numbers. Parquet holds every text as it is.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from lab.errors import ConfigError
from lab.export.tables import Column, Table
from lab.files import write_atomically

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # wide forms as well
ROWS_AT_A_TIME = 20_000


def check_file(path: Path, option: str, *, force: bool) -> None:
    """Refuse a file that cannot be written, or that stands already.

    Raises:
        ConfigError: `path` is a folder, lies in none, or exists and `force` is not set.
    """
    if path.is_dir():
        raise ConfigError(f"{option} {path}: expected a file, found a folder")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: the folder {path.parent} does not exist")
    if path.exists() and not force:
        raise ConfigError(f"{option} {path}: the file exists; name another one, or replace it with --force")


def write_csv(table: Table, path: Path) -> int:
    """Write a table as CSV: UTF-8, a header, quotes as RFC 4180 has them; lists as JSON. Returns the number of rows."""
    count = 0

    def write(target: Path) -> None:
        nonlocal count
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([_safe(column.name) for column in table.columns])
            for count, cells in enumerate(table.cells(), start=1):  # noqa: B007 - counted
                writer.writerow([_csv_cell(cell) for cell in cells])

    write_atomically(path, write)
    return count


def write_parquet(table: Table, path: Path) -> int:
    """Write a table as Parquet with typed columns. Returns the number of rows."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([pa.field(column.name, _arrow_type(column)) for column in table.columns])
    count = 0

    def write(target: Path) -> None:
        nonlocal count
        with parquet.ParquetWriter(target, schema) as writer:
            for rows in _chunks(table.cells()):
                count += len(rows)
                columns = zip(*rows, strict=True) if table.columns else ()
                arrays = [pa.array(list(cells), type=one.type) for cells, one in zip(columns, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))

    write_atomically(path, write)
    return count


def _csv_cell(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return _safe(json.dumps(cell, ensure_ascii=False) if isinstance(cell, list) else cell)


def _safe(cell: Any) -> Any:
    """A text that no spreadsheet takes for a formula; numbers as they are."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


def _arrow_type(column: Column) -> Any:
    import pyarrow as pa

    return {
        "text": pa.string(),
        "number": pa.float64(),
        "count": pa.int64(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
    }[column.kind]


def _chunks(rows: Iterable[list[Any]]) -> Iterator[list[list[Any]]]:
    left = iter(rows)
    while chunk := list(islice(left, ROWS_AT_A_TIME)):
        yield chunk
