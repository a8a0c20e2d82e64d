"""Tables as CSV and Parquet.

A CSV file is opened by spreadsheets, which run a cell that begins with =, +, -, @, a tab or a line end as a formula; a
model may have written such a cell. As OWASP advises (CSV Injection), such a text gets a ' in front. Numbers stay
numbers. Parquet holds every text as it is.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, islice
from pathlib import Path
from typing import Any, BinaryIO, TextIO

from lab.errors import ConfigError
from lab.escapes import visible
from lab.export.tables import Column, Table
from lab.files import ANSWERS_FILE, QUESTIONS_FILE, RESULTS_FILE, SCORES_FILE, write_atomically

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # wide forms as well
ROWS_AT_A_TIME = 20_000
STDOUT = Path("-")
# What lies in a run's folder, from the run, its report and its judge: `--force` replaces none of it.
RUN_FILES = frozenset(
    {RESULTS_FILE, ANSWERS_FILE, SCORES_FILE, QUESTIONS_FILE, "experiment.resolved.yaml", "run.log"}
    | {"report.html", "report.md", "judge.json", "judge.jsonl", "judge-grades.jsonl", ".judge.lock"}
)
RUN_FOLDERS = frozenset({".work", "charts"})


def check_files(wanted: Mapping[str, Path | None], run: Path, to: Path | None, *, force: bool) -> None:
    """Refuse, before any work, files that cannot be written, that stand already, or that are needed.

    Args:
        wanted: the file of each option; None where the option is not given. `STDOUT` is one for `--csv` alone.
        run: the folder of the run.
        to: the folder that is made in the same call, if any.
        force: whether files that exist may be replaced. Those of the run may not.

    Raises:
        ConfigError: a file is a folder, lies in none, exists and `force` is not set, is one of the run's own, lies in
            `to`, or is that of another option.
    """
    files = {option: path for option, path in wanted.items() if path is not None}
    for option, path in files.items():
        if path != STDOUT:
            _check_file(path, option, run, force=force)
            if to is not None and path.resolve().is_relative_to(to.resolve()):
                raise ConfigError(f"{option} {path}: the folder of --to is made anew; name a file outside it")
        elif option != "--csv":
            raise ConfigError(f"{option} -: expected a file; only --csv can write to standard output")
    for (option, path), (other, same) in combinations(files.items(), 2):
        if path.resolve() == same.resolve():
            raise ConfigError(f"{other} {same}: the same file as that of {option}; name another one")


def _check_file(path: Path, option: str, run: Path, *, force: bool) -> None:
    if path.is_dir():
        raise ConfigError(f"{option} {path}: expected a file, found a folder")
    if not path.parent.is_dir():
        raise ConfigError(f"{option} {path}: the folder {path.parent} does not exist")
    place = path.resolve()
    if place.is_relative_to(run.resolve()):
        inside = place.relative_to(run.resolve()).parts
        if inside[0] in RUN_FOLDERS or (len(inside) == 1 and inside[0] in RUN_FILES):
            raise ConfigError(f"{option} {path}: the run's own file; name another one")
    if path.exists() and not force:
        raise ConfigError(f"{option} {path}: the file exists; name another one, or replace it with --force")


def write_csv(table: Table, path: Path) -> int:
    """Write a table as CSV: UTF-8, a header, quotes as RFC 4180 has them; lists as JSON. Returns the number of rows."""
    count = 0

    def write(target: Path) -> None:
        nonlocal count
        with target.open("w", encoding="utf-8", newline="") as file:
            count = _write_rows(table, file)

    write_atomically(path, write)
    return count


def send_csv(table: Table, stream: BinaryIO) -> int:
    """The same bytes into a stream, once the last row is known to be sound. Returns the number of rows.

    For a terminal, whatever it would obey stands as an escape.
    """
    with tempfile.TemporaryFile() as kept:
        file = io.TextIOWrapper(kept, encoding="utf-8", newline="")
        count = _write_rows(table, file, shown=stream.isatty())
        file.flush()
        kept.seek(0)
        shutil.copyfileobj(kept, stream)
        stream.flush()
        file.detach()
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


def _write_rows(table: Table, file: TextIO, *, shown: bool = False) -> int:
    writer = csv.writer(file)
    count = 0
    writer.writerow([_shown(_safe(column.name), shown) for column in table.columns])
    for count, cells in enumerate(table.cells(), start=1):  # noqa: B007 - counted
        writer.writerow([_shown(_csv_cell(cell), shown) for cell in cells])
    return count


def _shown(cell: Any, shown: bool) -> Any:
    return visible(cell) if shown and isinstance(cell, str) else cell


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
