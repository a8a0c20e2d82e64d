"""review.csv: the table that people fill in, for a spreadsheet or an editor.

Columns: id, keep, question, answer, kind, document, passage, maker, note. `keep` is empty until somebody has looked:
yes or no. Several answers stand in one cell, parted by " | ". Spreadsheets run a cell that begins with =, +, -, @, a
tab or a line end as a formula, so such a text gets a ' in front (OWASP, CSV Injection), which reading takes away again.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.errors import DataError
from lab.escapes import one_line

COLUMNS = ("id", "keep", "question", "answer", "kind", "document", "passage", "maker", "note")
NEEDED = ("id", "keep", "question", "answer", "kind")  # the columns that reading cannot do without
PERSON = "person"  # the maker of a question that no program wrote
YES, NO = "yes", "no"
LONGEST_CELL = 1_000_000  # characters; more is no answer to a review

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_JOINT, _BAR, _ESCAPED_BAR = " | ", "|", "\\|"
_BARE_BAR = re.compile(r"(?<!\\)\|")
_DELIMITERS = ",;\t"  # spreadsheets write what their language is used to


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula; `plain` gives it back unchanged."""
    return f"'{text}" if text.lstrip("'").startswith(_FORMULA_STARTS) else text


def plain(cell: str) -> str:
    """What `safe` was given."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA_STARTS) else cell


def join_answers(answers: Sequence[str]) -> str:
    """All answers in one cell, parted by " | "; a bar within an answer gets a backslash."""
    return _JOINT.join(answer.replace(_BAR, _ESCAPED_BAR) for answer in answers)


def split_answers(cell: str) -> tuple[str, ...]:
    """The answers of a cell, each trimmed, empty ones left out, none twice."""
    parts = _BARE_BAR.split(cell)
    return tuple(dict.fromkeys(part.replace(_ESCAPED_BAR, _BAR).strip() for part in parts if part.strip()))


def table_text(rows: Sequence[Mapping[str, str]]) -> str:
    """The rows as CSV with a header and CRLF line ends (RFC 4180), behind a byte order mark, which Excel needs."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    for row in rows:
        writer.writerow({column: safe(row.get(column, "")) for column in COLUMNS})
    return "\ufeff" + file.getvalue()


def read_table(file: Path) -> list[tuple[int, dict[str, str]]]:
    """Line (from 1) and cells by column of each row that is not empty; other columns than ours are passed over.

    Raises:
        DataError: no such file, not UTF-8, a column that is needed is missing, or a quote is never closed.
    """
    text = _text_of(file)
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        columns = [name.strip().casefold() for name in next(reader, [])]
        if missing := [name for name in NEEDED if name not in columns]:
            raise DataError(
                f"{file}:1: expected the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}; "
                "start again from the review.csv that lab synthesize wrote"
            )
        rows, line = [], reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, dict(zip(columns, map(plain, cells), strict=False))))
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{file}:{reader.line_num}: not CSV that can be read: {one_line(str(error))}") from None
    finally:
        csv.field_size_limit(before)
    return rows


def _text_of(file: Path) -> str:
    if not file.is_file():
        found = "a folder" if file.is_dir() else "nothing"
        raise DataError(f"{file}: expected a review.csv, found {found}")
    try:
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{file}: not UTF-8 at byte {error.start + 1}; in the spreadsheet, save it as 'CSV UTF-8'"
        ) from None
