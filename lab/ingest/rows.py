"""Rows of a table -> texts: one for each row where a column holds long texts, else the whole table as "column: value".

A column named `text`, `content`, `body` and the like with at least 100 characters on average, else any with at least
400, makes each row a document: its text, then "column: value" for all others, so that no fact is lost. Columns of ids
and titles name the documents; without ids they are `row-1`, `row-2`, ... of the rows with text. Columns of questions
and answers are left out of such texts, and a note says so: they would give the answers away. A table without long
texts becomes one text, a block of "column: value" lines for each row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from lab.ingest.clean import clean, removal_notes
from lab.ingest.nouns import Parsed, Text, Unreadable
from lab.ingest.titles import tidy_title

Row = Mapping[str, str]
MAX_ROWS = 100_000
MAX_TABLE_CHARACTERS = 200_000_000
SEEN_ROWS = 1_000  # rows that decide what the columns are
NAMED_LENGTH, ANY_LENGTH = 100, 400  # mean characters of a column of texts
MAX_LINE = 300  # characters of a value that becomes a line below a text; a longer one becomes a paragraph
MAX_ITEM = 80  # characters of the items of a list that becomes one line
TEXT_NAMES = (
    "text", "content", "contents", "contexts", "body", "article", "document", "passage", "context", "abstract",
    "markdown", "description", "page_content", "full_text", "fulltext", "plain_text", "summary", "message",
    "transcript",
)  # fmt: skip
TITLE_NAMES = ("title", "headline", "heading", "name", "subject")
ID_NAMES = ("id", "_id", "doc_id", "document_id", "docid", "uid", "uuid", "key")
_QUIZ = re.compile(r"(.*_)?(questions?|answers?|quer(y|ies)|gold|target|label|final_decision)(_.*)?", re.IGNORECASE)


def cell(value: object) -> str:
    """A value as text: "" for nothing; an object as "key: value", a list item by item."""
    if isinstance(value, dict):
        inner = {key: cell(one) for key, one in value.items()}
        return _joined([f"{key}: {one}" for key, one in inner.items() if one], "; ", "\n")
    if isinstance(value, (list, tuple)):
        return _joined([one for one in map(cell, value) if one], ", ", "\n\n")
    if value is None or value != value:  # NaN, which a table holds where nothing stands
        return ""
    return str(value)


def _joined(parts: Sequence[str], short: str, long: str) -> str:
    return (long if max(map(len, parts), default=0) > MAX_ITEM else short).join(parts)


def parse_rows(rows: Iterable[Mapping[str, Any]], *, encoding: str | None = None, notes: Sequence[str] = ()) -> Parsed:
    """Texts of a table, as the head of this file says. Rows beyond 100,000 are left out, and a note says so.

    Raises:
        Unreadable: no rows, or more than 200 million characters.
    """
    table: list[Row] = []
    size = removed = 0
    given = iter(rows)
    for row in islice(given, MAX_ROWS):
        kept = {}
        for name, value in row.items():
            text, count = clean(cell(value))
            removed += count
            if text:
                size += len(text) + len(name)  # the name stands in the text of every row
                kept[" ".join(clean(str(name)).text.split()) or "column"] = text
        table.append(kept)
        if size > MAX_TABLE_CHARACTERS:
            raise Unreadable(f"more than {MAX_TABLE_CHARACTERS:,} characters of text", "divide the table")
    found = len(table)
    table = [row for row in table if row]
    if not table:
        raise Unreadable("no rows with text", "leave it out", "empty")
    more = next(given, None) is not None
    cut = (f"only the first {MAX_ROWS:,} rows were read; divide the table to read all",) if more else ()
    blank = (f"{found - len(table):,} empty rows left out",) if found > len(table) else ()
    column = text_column(table)
    texts, told = _one_each(table, column) if column is not None else _as_table(table)
    return Parsed(texts, encoding, (*notes, *told, *cut, *blank, *removal_notes(removed)))


def text_column(table: Sequence[Row]) -> str | None:
    """The column, filled in half of the rows at least, whose values are texts of documents; None without long texts."""
    seen = table[:SEEN_ROWS]
    filled = Counter(column for row in seen for column in row)
    lengths = {column: 0.0 for column, rows in filled.items() if 2 * rows >= len(seen)}
    for row in seen:
        for column in lengths.keys() & row.keys():
            lengths[column] += len(row[column]) / filled[column]
    names = {column.casefold(): column for column in reversed(list(lengths))}
    for name in TEXT_NAMES:
        if name in names and lengths[names[name]] >= NAMED_LENGTH:
            return names[name]
    longest = max((column for column in lengths if not is_quiz(column)), key=lengths.__getitem__, default=None)
    return longest if longest is not None and lengths[longest] >= ANY_LENGTH else None


def is_quiz(column: str) -> bool:
    """Whether a column seems to hold questions, or answers to them."""
    return _QUIZ.fullmatch(column) is not None


def _one_each(table: Sequence[Row], column: str) -> tuple[tuple[Text, ...], list[str]]:
    columns = list(dict.fromkeys(name for row in table[:SEEN_ROWS] for name in row))
    title = _named(columns, TITLE_NAMES, column)
    id = _id_column(table, _named(columns, ID_NAMES, column))
    quiz = [name for name in columns if is_quiz(name) and name != column]
    apart = {column, title, id, *quiz}
    texts = []
    for number, row in enumerate(table, start=1):
        if column not in row:
            continue
        others = [other for other in row if other not in apart]
        lines = [f"{other}: {_flat(row[other])}" for other in others if len(row[other]) <= MAX_LINE]
        long = [f"{other}: {row[other]}" for other in others if len(row[other]) > MAX_LINE]
        text = "\n\n".join([row[column], *long, "\n".join(lines)]).strip()
        key = row[id] if id else f"row-{number}"
        texts.append(Text(text, tidy_title(row.get(title or "", "")), key))
    notes = [f"one document for each row, from the column {column}"]
    if dropped := len(table) - len(texts):
        notes.append(f"{dropped:,} rows without {column} left out")
    if quiz:
        notes.append(f"{', '.join(quiz)} left out: questions and answers do not belong into the documents")
    return tuple(texts), notes


def _as_table(table: Sequence[Row]) -> tuple[tuple[Text, ...], list[str]]:
    blocks = ("\n".join(f"{name}: {_flat(value)}" for name, value in row.items()) for row in table)
    note = f'no column of long texts: the {len(table):,} rows became one text of "column: value" lines'
    if sum(map(is_quiz, table[0])) > 1:
        note += "; if they are questions to be asked, take the file out and give it as questions"
    return (Text("\n\n".join(blocks)),), [note]


def _named(columns: Sequence[str], names: Sequence[str], taken: str) -> str | None:
    known = {column.casefold(): column for column in columns if column != taken}
    return next((known[name] for name in names if name in known), None)


def _id_column(table: Sequence[Row], column: str | None) -> str | None:
    """`column` if every row has a value of its own there."""
    if column is None:
        return None
    values = {row[column] for row in table if column in row}
    return column if len(values) == len(table) else None


def _flat(value: str) -> str:
    return " ".join(value.split())
